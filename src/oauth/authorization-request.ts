/** What a program asks for in the address of our page (RFC 6749 §4.1.1, RFC 7636 §4.3): read, judged, and answered in an address. */
import { admitsRedirect, protocolsOf, readScopes } from './clients.ts';
import type { GrantScope, OAuthClient, OAuthClients } from './clients.ts';
import { readParameters } from './parameters.ts';

export interface AuthorizationRequest {
  readonly client: OAuthClient;
  readonly redirectUri: string;
  /** What it asks for and may have; of protocols one at least. */
  readonly scopes: readonly GrantScope[];
  readonly challenge: string;
  /** Goes back as it came. */
  readonly state: string | undefined;
}

/** Where an answer goes, and what goes back with it. */
export type ReturnAddress = Pick<AuthorizationRequest, 'redirectUri' | 'state'>;

/** Why it cannot be asked for. */
export type AuthorizationError =
  | 'invalid_request'
  | 'unsupported_response_type'
  | 'invalid_scope'
  /** Its owner said no. */
  | 'access_denied';

export type ReadRequest =
  | { readonly kind: 'request'; readonly request: AuthorizationRequest }
  /** To be told to the program. */
  | { readonly kind: 'refused'; readonly error: AuthorizationError; readonly back: ReturnAddress }
  /** RFC 6749 §4.1.2.1: whoever asks so gets no answer, since the address may be anybody's. */
  | { readonly kind: 'untrusted'; readonly error: 'unknownClient' | 'wrongRedirect' | 'malformed' };

export function readAuthorizationRequest(query: string, clients: OAuthClients): ReadRequest {
  const given = readParameters(new URLSearchParams(query));
  if (given === undefined) return { kind: 'untrusted', error: 'malformed' };
  const client = clients.get(given.get('client_id') ?? '');
  if (client === undefined) return { kind: 'untrusted', error: 'unknownClient' };
  const redirectUri = given.get('redirect_uri') ?? '';
  if (!admitsRedirect(client, redirectUri)) return { kind: 'untrusted', error: 'wrongRedirect' };

  const state = given.get('state');
  const refuse = (error: AuthorizationError): ReadRequest => ({
    kind: 'refused',
    error,
    back: { redirectUri, state },
  });
  if (given.get('response_type') !== 'code') return refuse('unsupported_response_type');
  if ((given.get('response_mode') ?? 'query') !== 'query') return refuse('invalid_request');
  // RFC 7636 §4.4.1; without a method `plain` would be meant (§4.3), which we do not take.
  const challenge = given.get('code_challenge') ?? '';
  if (given.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(challenge)) return refuse('invalid_request');
  const scopes = readScopes(given.get('scope') ?? '').filter((scope) => client.scopes.includes(scope));
  if (protocolsOf(scopes).length === 0) return refuse('invalid_scope');
  return { kind: 'request', request: { client, redirectUri, scopes, challenge, state } };
}

/** RFC 6749 §4.1.2, and who answers (RFC 9207 §2), so that no answer of another server is taken for ours. */
export function formatAnswer(
  { redirectUri, state }: ReturnAddress,
  issuer: string,
  outcome: { readonly code: string } | { readonly error: AuthorizationError },
): string {
  const answer = new URLSearchParams({ ...outcome, ...(state === undefined ? {} : { state }), iss: issuer });
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${answer.toString()}`;
}
