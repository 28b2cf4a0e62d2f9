/**
 * The programs that may ask to be let in, as the settings name them: all of them public (RFC 6749 §2.1), since what ships with
 * a program is no secret. Which addresses a code may be sent to is judged here.
 */
import { CLIENT_SCOPES, type ClientScope } from '#directory/client-passwords.ts';

/** What a program may be let do: the protocols it may use, and to go on when an hour is over. */
export const GRANT_SCOPES = [...CLIENT_SCOPES, 'offline_access'] as const;
export type GrantScope = (typeof GRANT_SCOPES)[number];

export interface OAuthClient {
  readonly clientId: string;
  /** As people know it. */
  readonly title: string;
  /** What it may ask for at most. */
  readonly scopes: readonly GrantScope[];
  /** Where codes may be sent: each without a fault (`findRedirectFault`). */
  readonly redirects: readonly string[];
}

export type OAuthClients = ReadonlyMap<string, OAuthClient>;

/** The scopes among those words that there are, in one order. */
export function readScopes(text: string): readonly GrantScope[] {
  const words = text.split(' ');
  return GRANT_SCOPES.filter((scope) => words.includes(scope));
}

/** The protocols of a grant. */
export function protocolsOf(scopes: readonly GrantScope[]): readonly ClientScope[] {
  return CLIENT_SCOPES.filter((scope) => scopes.includes(scope));
}

/** `localhost` as well: programs use it although RFC 8252 §8.3 would rather have the numbers. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::\d{1,5})?(?=[/?]|$)/;

/** Where a code goes that is sent there, for people to see. */
export type Destination =
  /** A program on the same computer, which listens there or catches it. */
  | { readonly kind: 'device' }
  /** Whatever program has this scheme. */
  | { readonly kind: 'program'; readonly scheme: string }
  | { readonly kind: 'site'; readonly host: string };

export function destinationOf(redirectUri: string): Destination {
  if (LOOPBACK.test(redirectUri)) return { kind: 'device' };
  const { protocol, host } = new URL(redirectUri);
  return protocol === 'https:' ? { kind: 'site', host } : { kind: 'program', scheme: protocol.slice(0, -1) };
}

/** In words, what is wrong with an address that codes are to be sent to; undefined: nothing. */
export function findRedirectFault(redirect: string): string | undefined {
  const url = URL.canParse(redirect) ? new URL(redirect) : undefined;
  if (url === undefined || !/^[\x21-\x7e]+$/.test(redirect)) return 'is no address';
  // RFC 6749 §3.1.2.
  if (redirect.includes('#')) return 'must have no fragment';
  if (url.username !== '' || url.password !== '') return 'must have no user';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:') return LOOPBACK.test(redirect) ? undefined : 'must be https, or http://127.0.0.1';
  // RFC 8252 §7.1: a domain's name backwards. It also keeps out what browsers act upon: javascript, data, file.
  return url.protocol.includes('.') ? undefined : 'must have a scheme with a dot, as org.example.program:/path';
}

/**
 * Whether codes may be sent there: letter for letter one of the client's (RFC 9700 §2.1), save that a program on the same
 * computer listens at whatever port it got (RFC 8252 §7.3).
 */
export function admitsRedirect({ redirects }: OAuthClient, redirectUri: string): boolean {
  if (findRedirectFault(redirectUri) !== undefined) return false;
  return redirects.some((one) => withoutPort(one) === withoutPort(redirectUri));
}

/** The port is gone only where any will do. */
function withoutPort(redirect: string): string {
  return redirect.replace(LOOPBACK, 'http://$1');
}
