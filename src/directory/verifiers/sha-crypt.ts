/** `$5$` and `$6$`: SHA-256 and SHA-512 for crypt(3), by Ulrich Drepper; glibc's for the last fifteen years. */
import { MailError } from '#base/errors.ts';
import { equalSecrets } from '#base/random.ts';
import type { ReadVerifier } from './foreign.ts';
import { MAX_CRYPT_ROUNDS } from './limits.ts';

const FORM =
  /^\$(?:5\$(?:rounds=(\d{1,9})\$)?[^$]{0,16}\$[./\dA-Za-z]{43}|6\$(?:rounds=(\d{1,9})\$)?[^$]{0,16}\$[./\dA-Za-z]{86})$/;

export const readShaCrypt: ReadVerifier = (scheme, rest) => {
  if (!['', 'SHA256-CRYPT', 'SHA512-CRYPT'].includes(scheme) || !/^\$[56]\$/.test(rest)) return undefined;
  const match = FORM.exec(rest);
  if (match === null) throw new MailError('invalid', 'not the form of $5$ and $6$ verifiers');
  if (Number(match[1] ?? match[2] ?? 0) > MAX_CRYPT_ROUNDS)
    throw new MailError('invalid', `a verifier has ${MAX_CRYPT_ROUNDS} rounds at most`);
  const settings = rest.slice(0, rest.lastIndexOf('$'));
  return async (password) => {
    const { encrypt } = await import('unixcrypt');
    return equalSecrets(Buffer.from(encrypt(password, settings)), Buffer.from(rest));
  };
};
