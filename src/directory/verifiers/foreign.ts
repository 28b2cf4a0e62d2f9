/**
 * Verifiers that other systems have made of passwords (S-06), read so that people keep theirs: each is good until its owner
 * first signs in, and then one of ours takes its place. A verifier comes with an import, so it is a stranger's text: what it
 * may cost to check is bounded before it is stored.
 */
import { MailError } from '#base/errors.ts';
import { readArgon2 } from './argon2.ts';
import { readBcrypt } from './bcrypt.ts';
import { readDesCrypt } from './des-crypt.ts';
import { readDigest } from './digest.ts';
import { MAX_VERIFIER_LENGTH } from './limits.ts';
import { readMd5Crypt } from './md5-crypt.ts';
import { readPbkdf2 } from './pbkdf2.ts';
import { readShaCrypt } from './sha-crypt.ts';
import { readYescrypt } from './yescrypt.ts';

/** Whether a password fits. */
export type Check = (password: string) => boolean | Promise<boolean>;

/**
 * One form of verifiers. `scheme`: what stands in braces, in capitals, '' where nothing does. Undefined: the verifier is of
 * another form. Throws MailError `invalid` for one that is broken, or that costs too much.
 */
export type ReadVerifier = (scheme: string, rest: string) => Check | undefined;

const FORMS: readonly ReadVerifier[] = [
  readDigest,
  readMd5Crypt,
  readShaCrypt,
  readYescrypt,
  readBcrypt,
  readPbkdf2,
  readArgon2,
  readDesCrypt,
];

/**
 * What Coremail calls the forms it keeps; the salts of the last two stand behind their digests. Those of other numbers are in the clear
 * or can be read with its key, or nobody has told what they are.
 */
const COREMAIL: Readonly<Record<string, string>> = {
  ENC1: 'CRYPT',
  ENC2: 'PLAIN-MD5',
  ENC5: 'CRYPT',
  ENC6: 'SHA',
  ENC7: 'SSHA',
  ENC8: 'SMD5',
};

const CLEAR = new Set(['PLAIN', 'CLEAR', 'CLEARTEXT', 'PLAIN-TRUNC']);

/** How to check a password against it. `invalid` (MailError): for whoever imports it, why that cannot be. */
export function readForeign(verifier: string): Check {
  if (verifier.length > MAX_VERIFIER_LENGTH) throw new MailError('invalid', 'no password verifier is so long');
  const [, braced = '', rest = ''] = /^(?:\{([\w.+-]+)\})?(.*)$/s.exec(verifier) ?? [];
  const given = braced.toUpperCase();
  const scheme = COREMAIL[given] ?? given;
  // `{CRYPT}$6$…` says no more than `$6$…`; Dovecot calls $1$ MD5, too.
  const isCrypt = scheme === 'CRYPT' || (scheme === 'MD5' && rest.startsWith('$'));
  if (CLEAR.has(scheme)) throw new MailError('invalid', `{${scheme}} is a password in the clear, not a verifier`);
  // Thirteen letters without a word of what they are may be a password as well.
  const isNamed = scheme !== '' || rest.startsWith('$');
  for (const read of isNamed ? FORMS : []) {
    const check = read(isCrypt ? '' : scheme, rest);
    if (check !== undefined) return check;
  }
  throw new MailError('invalid', 'the password verifier is of no scheme that is known here');
}
