/** `$2a$`, `$2b$`, `$2y$`: bcrypt, which looks at 72 octets of a password. */
import { MailError } from '#base/errors.ts';
import type { ReadVerifier } from './foreign.ts';
import { MAX_BCRYPT_COST } from './limits.ts';

export const readBcrypt: ReadVerifier = (scheme, rest) => {
  if (!['', 'BLF-CRYPT', 'BCRYPT'].includes(scheme) || !/^\$2[aby]\$/.test(rest)) return undefined;
  const match = /^\$2[aby]\$(\d\d)\$[./\dA-Za-z]{53}$/.exec(rest);
  if (match === null) throw new MailError('invalid', 'not the form of $2…$ verifiers');
  const cost = Number(match[1]);
  if (cost < 4 || cost > MAX_BCRYPT_COST) throw new MailError('invalid', `bcrypt costs 4 to ${MAX_BCRYPT_COST}`);
  return async (password) => {
    const { compare } = await import('bcryptjs');
    return compare(password, rest);
  };
};
