/**
 * `{SHA}`, `{SSHA}` and their kin: one digest of the password and a salt behind it (RFC 2307 §5.3 has the first), in base64
 * or, as Dovecot and Coremail write some of them, in hexadecimal.
 */
import { createHash } from 'node:crypto';
import { MailError } from '#base/errors.ts';
import { equalSecrets } from '#base/random.ts';
import type { ReadVerifier } from './foreign.ts';

interface Digest {
  readonly hash: string;
  readonly octets: number;
  readonly isSalted: boolean;
}

const sha1 = { hash: 'sha1', octets: 20 };
const md5 = { hash: 'md5', octets: 16 };
const DIGESTS: Readonly<Record<string, Digest>> = {
  SHA: { ...sha1, isSalted: false },
  SHA1: { ...sha1, isSalted: false },
  SHA256: { hash: 'sha256', octets: 32, isSalted: false },
  SHA512: { hash: 'sha512', octets: 64, isSalted: false },
  SSHA: { ...sha1, isSalted: true },
  SSHA256: { hash: 'sha256', octets: 32, isSalted: true },
  SSHA512: { hash: 'sha512', octets: 64, isSalted: true },
  MD5: { ...md5, isSalted: false },
  'PLAIN-MD5': { ...md5, isSalted: false },
  'LDAP-MD5': { ...md5, isSalted: false },
  SMD5: { ...md5, isSalted: true },
};

export const readDigest: ReadVerifier = (scheme, rest) => {
  const name = scheme.replace(/\.(?:B64|BASE64|HEX)$/, '');
  const digest = Object.hasOwn(DIGESTS, name) ? DIGESTS[name] : undefined;
  if (digest === undefined) return undefined;
  const { hash, octets, isSalted } = digest;
  const stored = decode(rest, octets);
  if (isSalted ? stored.length <= octets : stored.length !== octets)
    throw new MailError('invalid', `{${scheme}} has another length`);
  const [wanted, salt] = [stored.subarray(0, octets), stored.subarray(octets)];
  return (password) => equalSecrets(createHash(hash).update(password).update(salt).digest(), wanted);
};

/** Hexadecimal is at least twice as long as the digest; base64 of one with a salt is hardly ever hexadecimal throughout. */
function decode(text: string, octets: number): Buffer {
  if (text.length >= 2 * octets && text.length % 2 === 0 && /^[\da-f]+$/i.test(text)) return Buffer.from(text, 'hex');
  return Buffer.from(text, 'base64');
}
