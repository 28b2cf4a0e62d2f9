/** Programs that are let in by a token, as the server's /auth/oauth understands them. */
import { ask, isFailure, type ClientScope, type Failure, type Said } from './strong.ts';

/** A program's question to the owner of an account. */
export interface Question {
  /** The program, as the school calls it. */
  readonly client: string;
  readonly scopes: readonly (ClientScope | 'offline_access')[];
  /** Who is signed in. */
  readonly login: string;
  /** Where the answer goes. */
  readonly destination:
    | { readonly kind: 'device' }
    | { readonly kind: 'program'; readonly scheme: string }
    | { readonly kind: 'site'; readonly host: string };
}

/** Why nobody can be asked. */
export const QUESTION_FAULTS = [
  'unknownClient',
  'wrongRedirect',
  'malformed',
  'invalid_request',
  'unsupported_response_type',
  'invalid_scope',
] as const;

export interface Unasked {
  readonly fault: (typeof QUESTION_FAULTS)[number] | 'unavailable';
  /** Where the program is told so. */
  readonly url?: string;
}

export async function readQuestion(query: string): Promise<Question | Unasked> {
  const answer = await fetch(`/auth/oauth/request?${query}`).catch(() => undefined);
  const said = ((await answer?.json().catch(() => undefined)) ?? {}) as Said;
  // Where no program is registered the address is one of the pages.
  if (answer?.ok === true && Array.isArray(said['scopes'])) return said as unknown as Question;
  const fault = QUESTION_FAULTS.find((one) => one === said['error']) ?? 'unavailable';
  return { fault, ...(typeof said['url'] === 'string' ? { url: said['url'] } : {}) };
}

/** Where to go with the owner's answer. */
export async function answerQuestion(query: string, isAllowed: boolean): Promise<{ readonly url: string } | Failure> {
  const said = await ask('POST', '/auth/oauth/answer', { query, isAllowed });
  return isFailure(said) ? said : { url: String(said['url']) };
}

/** A program that was let in. */
export interface Grant extends Pick<Question, 'client' | 'scopes'> {
  readonly id: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
  /** Address and protocol. */
  readonly usedFrom: string;
}

/** Undefined: none can be let in here, or it could not be told. */
export async function listGrants(): Promise<readonly Grant[] | undefined> {
  const said = await ask('GET', '/auth/oauth/grants');
  return isFailure(said) ? undefined : (said['grants'] as readonly Grant[]);
}

export async function endGrant(id: string): Promise<boolean> {
  return !isFailure(await ask('DELETE', `/auth/oauth/grants/${encodeURIComponent(id)}`));
}
