/** The certificate: readable, the key is its own, not ended, for this host's name. */
import { DAY_MS } from '#base/clock.ts';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ensureCertificate } from '#app/certificates.ts';
import type { Config } from '#app/config.ts';
import { errorText } from '#base/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Renewals are usually made 30 days before the end. */
const WARN_DAYS = 14;
const WHAT = 'certificate';

export async function checkCertificate(config: Config, nowMs: number): Promise<Finding[]> {
  const isOwn = config.tls.cert !== '';
  let files = { cert: config.tls.cert, key: config.tls.key };
  let certificate: X509Certificate;
  try {
    if (!isOwn) files = await ensureCertificate(config);
    const cert = await readFile(files.cert);
    const key = await readFile(files.key);
    certificate = new X509Certificate(cert);
    createSecureContext({ cert, key });
  } catch (error) {
    const mend = "tls.cert and tls.key must be a PEM chain and its key that the server's user can read";
    return [fail(WHAT, `${files.cert} with ${files.key}: ${errorText(error)}`, mend)];
  }
  const findings: Finding[] = [];
  const daysLeft = Math.floor((Date.parse(certificate.validTo) - nowMs) / DAY_MS);
  const renew = 'Renew it; the new files are taken up within 10 seconds, without a restart';
  if (Date.parse(certificate.validFrom) > nowMs) {
    findings.push(fail(WHAT, `${files.cert} begins on ${certificate.validFrom}`, 'Check the clock'));
  }
  if (daysLeft < 0) findings.push(fail(WHAT, `${files.cert} ended on ${certificate.validTo}`, renew));
  else if (daysLeft < WARN_DAYS) findings.push(warn(WHAT, `${files.cert} ends in ${daysLeft} days`, renew));
  if (certificate.checkHost(config.hostname) === undefined) {
    const names = certificate.subjectAltName ?? certificate.subject;
    findings.push(
      warn(WHAT, `it is for ${names}, not for ${config.hostname}`, 'Clients that connect by that name will refuse it'),
    );
  }
  if (!isOwn) {
    findings.push(warn(WHAT, 'it is self-signed', 'Set tls.cert and tls.key to one that mail programs trust'));
  }
  return findings.length > 0 ? findings : [ok(WHAT, `${files.cert}, ${daysLeft} days left`)];
}
