/** Codes, access tokens and refresh tokens: whose, of which grant, and a secret that nobody guesses. */
import { createHash, createHmac } from 'node:crypto';
import type { AccountId } from '#base/ids.ts';

export interface Token {
  readonly accountId: AccountId;
  readonly grantId: string;
  readonly secret: string;
}

export function formatToken({ accountId, grantId, secret }: Token): string {
  return `${accountId}.${grantId}.${secret}`;
}

export function parseToken(text: string): Token | undefined {
  const match = /^([1-9]\d{0,14})\.([a-z2-7]{16})\.([\w-]{43})$/.exec(text);
  if (match === null) return undefined;
  const [, accountId, grantId = '', secret = ''] = match;
  return { accountId: Number(accountId) as AccountId, grantId, secret };
}

/** What is kept of a secret. No salt and no stretching: nobody guesses 256 bits. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/**
 * The secret that follows another, as the key's owner alone can tell: so who brings a refresh token again gets the very answer that
 * was lost, and nothing has to be kept for that but hashes.
 */
export function followingSecret(key: Uint8Array, secret: string, use: 'access' | 'refresh'): string {
  return createHmac('sha256', key).update(`${use}\0${secret}`).digest('base64url');
}

/** RFC 7636 §4.6. Undefined: no verifier looks so (§4.1). */
export function challengeOf(verifier: string): string | undefined {
  return /^[\w.~-]{43,128}$/.test(verifier) ? hashSecret(verifier) : undefined;
}
