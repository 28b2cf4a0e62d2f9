/**
 * Passwords for one mail program each (客户端专用密码): made here, shown once, good for some protocols. Sixteen letters at random
 * need no slow hash; the key keeps a copy of the database from being worth anything all the same.
 */
import { createHmac } from 'node:crypto';
import { equalSecrets, type Random } from '#base/random.ts';
import { SCRAM_SALT_OCTETS } from '#sasl/limits.ts';
import {
  deriveScramVerifier,
  formatScramVerifier,
  parseScramVerifier,
  type ScramVerifier,
} from '#sasl/scram-verifier.ts';
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

/**
 * `FactorRow.secret` of a client password: its digest, what it is good for, and what SCRAM proofs are checked by. Those
 * made before there was any of the last have none, and are good for PLAIN alone.
 */
export function formatClientSecret(
  digest: string,
  scopes: readonly ClientScope[],
  scram: readonly ScramVerifier[],
): string {
  return [digest, ...scopes, ...scram.map(formatScramVerifier)].join(' ');
}

export function scopesOf({ secret }: FactorRow): readonly ClientScope[] {
  const [, ...words] = secret.split(' ');
  return CLIENT_SCOPES.filter((scope) => words.includes(scope));
}

export function digestClientPassword(key: Uint8Array, accountId: AccountId, letters: string): string {
  return createHmac('sha256', key).update(`client password\0${accountId}\0${letters}`).digest('base64url');
}

/**
 * The salt of all of an account's client passwords: a client is told of one before it shows which password it has. It
 * stays the same for good, as a made-up one does.
 */
export function clientScramSalt(key: Uint8Array, accountId: AccountId): Buffer {
  const digest = createHmac('sha256', key).update(`client password salt\0${accountId}`).digest();
  return digest.subarray(0, SCRAM_SALT_OCTETS);
}

/** Of both spellings that people copy: a proof shows nothing that could be read as PLAIN is. */
export function deriveClientScram(
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<readonly ScramVerifier[]> {
  const spellings = [password, password.replaceAll('-', '')];
  return Promise.all(spellings.map((spelling) => deriveScramVerifier(spelling, salt, iterations)));
}

/** Of those factors that are client passwords, each verifier with the one that it belongs to. */
export function clientScramOf(
  factors: readonly FactorRow[],
): readonly { readonly factor: FactorRow; readonly verifier: ScramVerifier }[] {
  return factors
    .filter(({ kind }) => kind === 'client')
    .flatMap((factor) =>
      factor.secret.split(' ').flatMap((word) => {
        const verifier = parseScramVerifier(word);
        return verifier === undefined ? [] : [{ factor, verifier }];
      }),
    );
}

/** Which of the account's client passwords it is. All are looked at, whichever fits. */
export function findClientPassword(factors: readonly FactorRow[], digest: string): FactorRow | undefined {
  const wanted = Buffer.from(digest);
  const fits = factors.filter(
    ({ kind, secret }) => kind === 'client' && equalSecrets(Buffer.from(secret.split(' ', 1)[0] ?? ''), wanted),
  );
  return fits[0];
}
