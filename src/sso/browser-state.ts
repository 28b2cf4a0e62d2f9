/**
 * What a browser keeps between its user's leaving for the school's sign-in and the first page here: two cookies, neither of which
 * opens anything. `Lax`, since the browser comes back from another site.
 */
import { createHmac } from 'node:crypto';
import { equalSecrets } from '#base/random.ts';
import type { SsoSubject } from './cas.ts';
import { SSO_LIMITS } from './limits.ts';
import type { Started } from './provider.ts';

/** Somebody whom the school's sign-in has named just now, and who has no mailbox by it. */
export interface Pending extends SsoSubject {
  readonly ticketId: string;
  /** What their server names the session by; empty: nothing. */
  readonly sessionIndex: string;
  readonly until: number;
}

type Name = 'sso' | 'sso-pending';

function nameOf(name: Name, isSecure: boolean): string {
  return `${isSecure ? '__Host-' : ''}campusmail-${name}`;
}

function format(name: Name, value: string, isSecure: boolean, maxAgeS: number): string {
  const secure = isSecure ? '; Secure' : '';
  return `${nameOf(name, isSecure)}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`;
}

function read(name: Name, header: string | undefined, isSecure: boolean): string | undefined {
  const start = `${nameOf(name, isSecure)}=`;
  const pair = header?.split(';').find((text) => text.trimStart().startsWith(start));
  return pair?.trim().slice(start.length);
}

export function startedCookie({ state, verifier, nonce }: Started, isSecure: boolean): string {
  return format('sso', [state, verifier, nonce].join('.'), isSecure, SSO_LIMITS.startedMs / 1000);
}

export function readStarted(header: string | undefined, isSecure: boolean): Started | undefined {
  const match = /^([\w-]{22,64})\.([\w-]{22,64})\.([\w-]{22,64})$/.exec(read('sso', header, isSecure) ?? '');
  if (match === null) return undefined;
  const [, state = '', verifier = '', nonce = ''] = match;
  return { state, verifier, nonce };
}

/** Ends what `names` hold. */
export function endCookies(names: readonly Name[], isSecure: boolean): readonly string[] {
  return names.map((name) => format(name, '', isSecure, 0));
}

/** Sealed by `key`: it is our word that the school named this person. */
export function pendingCookie(pending: Pending, key: Uint8Array, isSecure: boolean): string {
  const value = Buffer.from(JSON.stringify(pending)).toString('base64url');
  return format('sso-pending', `${value}.${seal(value, key)}`, isSecure, SSO_LIMITS.pendingMs / 1000);
}

export function readPending(
  header: string | undefined,
  key: Uint8Array,
  isSecure: boolean,
  now: number,
): Pending | undefined {
  const [value = '', mac = ''] = (read('sso-pending', header, isSecure) ?? '').split('.');
  if (!equalSecrets(Buffer.from(mac), Buffer.from(seal(value, key)))) return undefined;
  const pending = JSON.parse(Buffer.from(value, 'base64url').toString()) as Pending;
  return now < pending.until ? pending : undefined;
}

function seal(value: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(value).digest('base64url');
}
