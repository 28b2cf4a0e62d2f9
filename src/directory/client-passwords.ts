/**
 * Passwords for one mail program each (客户端专用密码): made here, shown once, good for some protocols. Sixteen letters at random
 * need no slow hash; the key keeps a copy of the database from being worth anything all the same.
 */
import { createHmac } from 'node:crypto';
import { equalSecrets, type Random } from '#base/random.ts';
import type { AccountId, FactorRow } from './types.ts';

/** What a client password may be good for. `jmap`: programs that speak HTTP. */
export const CLIENT_SCOPES = ['imap', 'pop', 'smtp', 'jmap'] as const;
export type ClientScope = (typeof CLIENT_SCOPES)[number];

const LETTERS = 16;
/** Without l, and 32 of them: no letter is likelier than another. Small ones and four digits that are not misread. */
const ALPHABET = 'abcdefghijkmnopqrstuvwxyz2345679';

/** `abcd-efgh-ijkm-nopq`. */
export function makeClientPassword(random: Random): string {
  const letters = Array.from(random.bytes(LETTERS), (octet) => ALPHABET[octet & 31]).join('');
  return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
}

/** The letters alone, whether or not they were typed in groups; undefined: no client password looks so. */
export function readClientPassword(text: string): string | undefined {
  const letters = text.toLowerCase().replaceAll(/[\s-]/g, '');
  return letters.length === LETTERS && /^[a-z2-9]+$/.test(letters) ? letters : undefined;
}

/** `FactorRow.secret` of a client password. */
export function formatClientSecret(digest: string, scopes: readonly ClientScope[]): string {
  return `${digest} ${scopes.join(' ')}`;
}

export function scopesOf({ secret }: FactorRow): readonly ClientScope[] {
  const [, ...words] = secret.split(' ');
  return CLIENT_SCOPES.filter((scope) => words.includes(scope));
}

export function digestClientPassword(key: Uint8Array, accountId: AccountId, letters: string): string {
  return createHmac('sha256', key).update(`client password\0${accountId}\0${letters}`).digest('base64url');
}

/** Which of the account's client passwords it is. All are looked at, whichever fits. */
export function findClientPassword(factors: readonly FactorRow[], digest: string): FactorRow | undefined {
  const wanted = Buffer.from(digest);
  const fits = factors.filter(
    ({ kind, secret }) => kind === 'client' && equalSecrets(Buffer.from(secret.split(' ', 1)[0] ?? ''), wanted),
  );
  return fits[0];
}
