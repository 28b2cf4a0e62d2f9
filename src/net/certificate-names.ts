/** Whom a certificate is for. Whether its issuer is to be believed is not looked at. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** RFC 8461 §4.1: by its DNS names, `*` for one whole label at the beginning, never by its subject; addresses by theirs. */
export function isCertificateFor(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  return certificate.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined;
}
