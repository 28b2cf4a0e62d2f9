/** The certificates: readable, the keys are their own, not ended, and one for each name of ours. */
import { DAY_MS } from '#base/clock.ts';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ensureCertificates, ownHosts } from '#app/certificates.ts';
import type { CertificateFiles, Config } from '#app/config.ts';
import { errorText } from '#base/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Renewals are usually made 30 days before the end. */
const WARN_DAYS = 14;
const WHAT = 'certificate';

export async function checkCertificates(config: Config, nowMs: number): Promise<Finding[]> {
  const isOwn = config.tls.cert !== '' || config.tls.certificates.length > 0;
  const pairs = await ensureCertificates(config);
  const read = await Promise.all(pairs.map((files) => readOne(files, nowMs)));
  const certificates = read.flatMap(({ certificate }) => certificate ?? []);
  const findings = read.flatMap(({ findings }) => findings);
  // Of what cannot be read nobody knows whom it is for.
  const uncovered = ownHosts(config).filter((host) => certificates.every((one) => one.checkHost(host) === undefined));
  if (uncovered.length > 0 && certificates.length === pairs.length) {
    const names = certificates.map((one) => one.subjectAltName ?? one.subject).join('; ');
    const text = `${pairs.length > 1 ? 'they are' : 'it is'} for ${names}, not for ${uncovered.join(', ')}`;
    findings.push(warn(WHAT, text, 'Clients that connect by that name will refuse it'));
  }
  if (!isOwn) {
    findings.push(warn(WHAT, 'it is self-signed', 'Set tls.cert and tls.key to one that mail programs trust'));
  }
  return findings.length > 0 ? findings : [ok(WHAT, read.map(({ text }) => text).join('; '))];
}

async function readOne(
  files: CertificateFiles,
  nowMs: number,
): Promise<{ readonly certificate?: X509Certificate; readonly findings: Finding[]; readonly text: string }> {
  let certificate: X509Certificate;
  try {
    const cert = await readFile(files.cert);
    const key = await readFile(files.key);
    certificate = new X509Certificate(cert);
    createSecureContext({ cert, key });
  } catch (error) {
    const mend = "tls.cert and tls.key must be a PEM chain and its key that the server's user can read";
    return { findings: [fail(WHAT, `${files.cert} with ${files.key}: ${errorText(error)}`, mend)], text: '' };
  }
  const findings: Finding[] = [];
  const daysLeft = Math.floor((Date.parse(certificate.validTo) - nowMs) / DAY_MS);
  const renew = 'Renew it; the new files are taken up within 10 seconds, without a restart';
  if (Date.parse(certificate.validFrom) > nowMs) {
    findings.push(fail(WHAT, `${files.cert} begins on ${certificate.validFrom}`, 'Check the clock'));
  }
  if (daysLeft < 0) findings.push(fail(WHAT, `${files.cert} ended on ${certificate.validTo}`, renew));
  else if (daysLeft < WARN_DAYS) findings.push(warn(WHAT, `${files.cert} ends in ${daysLeft} days`, renew));
  return { certificate, findings, text: `${files.cert}, ${daysLeft} days left` };
}
