/** The answers under `/auth/`, and how what is asked is read. */
import { jsonAnswer } from '#http/answers.ts';
import { HttpRefusal } from '#http/types.ts';
import type { HttpAnswer, HttpRequest } from '#http/types.ts';

/** Why nobody was signed in, in the answer's `error`. The pages have a text for each. */
export type SignInError =
  | 'invalidCredentials'
  | 'captchaRequired'
  | 'tooManyAttempts'
  /** The password was right; the account may not sign in. */
  | 'suspended'
  /** The password was right; what its owner has to do first. `url`: where, when elsewhere. */
  | 'notActivated'
  | 'frozen'
  | 'wrongDoor'
  | 'passwordChangeRequired'
  | 'passwordExpired'
  | 'clientPasswordRequired'
  /** In an old mail system nothing can be changed. */
  | 'archived'
  /** The password was right; that old mail system has ended. `url`, `place`: where people go on. */
  | 'archiveEnded'
  /** Its owner has to agree to the terms of use before anything else. */
  | 'termsRequired'
  /** Its owner has to bind a telephone before anything else. */
  | 'phoneRequired'
  /** The password was right; a second step is asked for, of `steps`. */
  | 'secondStepRequired'
  /** The password was right; a second step has to be set up, one of `steps`, before anybody is let in. */
  | 'enrolmentRequired'
  | 'wrongCode'
  /** Who is signed in has to prove it again, by one of `steps`. */
  | 'proofRequired'
  /** Why a new password is none, in `faults`. */
  | 'weakPassword'
  | 'unavailable'
  /** A password would cross the net in the clear. */
  | 'insecure'
  /** Nobody is signed in. */
  | 'notSignedIn'
  /** Another site's page asks in somebody's name. */
  | 'crossSite'
  | 'invalidRequest';

const STATUSES = {
  invalidCredentials: 401,
  captchaRequired: 401,
  tooManyAttempts: 429,
  suspended: 401,
  notActivated: 401,
  frozen: 401,
  wrongDoor: 401,
  passwordChangeRequired: 401,
  passwordExpired: 401,
  clientPasswordRequired: 401,
  archived: 403,
  archiveEnded: 401,
  termsRequired: 403,
  phoneRequired: 403,
  secondStepRequired: 401,
  enrolmentRequired: 401,
  wrongCode: 401,
  proofRequired: 403,
  weakPassword: 400,
  unavailable: 503,
  insecure: 403,
  notSignedIn: 401,
  crossSite: 403,
  invalidRequest: 400,
} as const satisfies Record<SignInError, number>;

export function refusal(
  error: SignInError,
  headers: HttpAnswer['headers'] = {},
  status: number = STATUSES[error],
  facts: object = {},
): HttpAnswer {
  return answer(status, { error, ...facts }, headers);
}

/** Everything here stands beside what the asker chose. */
export function answer(status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { ...jsonAnswer(status, body, headers), isCompressible: false };
}

export function isJson(request: HttpRequest): boolean {
  return /^application\/json(?:$|\s*;)/i.test(request.header('content-type') ?? '');
}

/** An object; refuses (HttpRefusal) what is none. */
export async function readJson(request: HttpRequest, limitBytes: number): Promise<Readonly<Record<string, unknown>>> {
  if (!isJson(request)) throw new HttpRefusal(refusal('invalidRequest', {}, 415));
  try {
    const value: unknown = JSON.parse((await request.readBody(limitBytes)).toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (error instanceof HttpRefusal) throw error;
  }
  throw new HttpRefusal(refusal('invalidRequest'));
}
