/**
 * Initial passwords, which follow from what many know of somebody (S-13): a slow hash would not keep them from being guessed,
 * a key outside the database does. Fast, so that a roster of 60,000 is in within a minute.
 *
 * The verifier: `{HMAC-SHA256}salt$digest`, and `$digest` again for each other spelling that is taken (A1), base64url.
 */
import { createHmac } from 'node:crypto';
import { equalSecrets, type Random } from '#base/random.ts';

export const initialPrefix = '{HMAC-SHA256}';
const SALT_OCTETS = 12;

/** `passwords`: at least one; the order is what `matchInitial` answers by. */
export function makeInitialVerifier(key: Uint8Array, passwords: readonly string[], random: Random): string {
  const salt = random.bytes(SALT_OCTETS).toString('base64url');
  return `${initialPrefix}${[salt, ...passwords.map((password) => digest(key, salt, password))].join('$')}`;
}

/** Which of the verifier's passwords it is, from 0; -1: none. All are looked at, whichever fits. */
export function matchInitial(key: Uint8Array, verifier: string, password: string): number {
  const [salt = '', ...digests] = verifier.slice(initialPrefix.length).split('$');
  const wanted = Buffer.from(digest(key, salt, password));
  const fits = digests.map((one) => equalSecrets(Buffer.from(one), wanted));
  return fits.indexOf(true);
}

/** The last character of an identity number may be an X, which people write small too. */
function digest(key: Uint8Array, salt: string, password: string): string {
  return createHmac('sha256', key)
    .update(`${salt}\0${password.replace(/x$/, 'X')}`)
    .digest('base64url');
}
