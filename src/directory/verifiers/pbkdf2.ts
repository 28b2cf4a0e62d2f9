/**
 * PBKDF2 (RFC 8018 §5.2) in the two forms that there are: Dovecot's `{PBKDF2}$1$salt$iterations$hex`, and `{PBKDF2-SHA256}iterations$salt$key` of
 * OpenLDAP's module and of passlib, in base64 with `.` for `+`.
 */
import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { MailError } from '#base/errors.ts';
import { equalSecrets } from '#base/random.ts';
import type { Check, ReadVerifier } from './foreign.ts';
import { MAX_PBKDF2_ITERATIONS } from './limits.ts';

const deriveKey = promisify(pbkdf2);

const HASHES: Readonly<Record<string, string>> = {
  PBKDF2: 'sha1',
  'PBKDF2-SHA1': 'sha1',
  'PBKDF2-SHA256': 'sha256',
  'PBKDF2-SHA512': 'sha512',
};

export const readPbkdf2: ReadVerifier = (scheme, rest) => {
  const hash = Object.hasOwn(HASHES, scheme) ? HASHES[scheme] : undefined;
  if (hash === undefined) return undefined;
  const [, salt, iterations, key] = /^\$1\$([^$]{1,64})\$(\d{1,9})\$((?:[\da-f]{2}){16,64})$/i.exec(rest) ?? [];
  if (salt !== undefined && iterations !== undefined && key !== undefined)
    return makeCheck('sha1', Number(iterations), Buffer.from(salt), Buffer.from(key, 'hex'));
  const ldap = /^(\d{1,9})\$([\w./+-]{1,128}={0,2})\$([\w./+-]{20,128}={0,2})$/.exec(rest);
  if (ldap === null) throw new MailError('invalid', `not a form of {${scheme}} verifiers`);
  return makeCheck(hash, Number(ldap[1]), decode(ldap[2] ?? ''), decode(ldap[3] ?? ''));
};

function makeCheck(hash: string, iterations: number, salt: Buffer, wanted: Buffer): Check {
  if (iterations < 1 || iterations > MAX_PBKDF2_ITERATIONS)
    throw new MailError('invalid', `PBKDF2 has 1 to ${MAX_PBKDF2_ITERATIONS} iterations`);
  return async (password) => equalSecrets(await deriveKey(password, salt, iterations, wanted.length, hash), wanted);
}

function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64');
}
