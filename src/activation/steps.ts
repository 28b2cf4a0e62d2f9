/** What the routes of all steps have in common: how they read, refuse, and answer at the same pace. */
import type { StepError, StepRefusal } from '#contract/activation.ts';
import type { Clock } from '#base/clock.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import { answer } from '#signin/answers.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { Walk, Walks } from '#signin/walks.ts';
import type { CodeOutcome } from '#sms/sms.ts';
import type { SmsOutcome } from '#sms/types.ts';
import { ACTIVATION_LIMITS } from './limits.ts';

const STATUSES: Readonly<Record<StepError, number>> = {
  noMatch: 401,
  tooManyAttempts: 429,
  alreadyActive: 409,
  suspended: 401,
  passwordExpired: 401,
  wrongDoor: 401,
  noWalk: 404,
  stale: 409,
  consent: 409,
  captcha: 422,
  badPhone: 422,
  phoneBlocked: 422,
  phoneFull: 409,
  phoneBound: 409,
  noPhone: 409,
  smsTooOften: 429,
  smsUnavailable: 503,
  wrongCode: 422,
  codeExpired: 422,
  proofRequired: 403,
  alias: 409,
  password: 422,
  over: 409,
  unavailable: 503,
  invalidRequest: 400,
};

export function refuse(error: StepError, facts: Omit<StepRefusal, 'error'> = {}): HttpAnswer {
  const { retryAfter } = facts;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return answer(STATUSES[error], { error, ...facts }, headers);
}

/** What is no text, or a longer one, is ''. */
export function textOf(
  body: Readonly<Record<string, unknown>>,
  name: string,
  maxLength: number = ACTIVATION_LIMITS.textLength,
): string {
  const value = body[name];
  return typeof value === 'string' && value.length <= maxLength ? value : '';
}

export function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** Waits until a whole number of `evenMs` has passed since the work began, so that nobody sees by the time what it found. */
export async function evenly<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const { evenMs } = ACTIVATION_LIMITS;
  const beganAt = clock.monotonic();
  const result = await work();
  const tookMs = clock.monotonic() - beganAt;
  const waitMs = (Math.floor(tookMs / evenMs) + 1) * evenMs - tookMs;
  await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
  return result;
}

/** A step of a walk that has begun: what its own page posts. `around` runs the work, as `evenly` does. */
export function stepRoute<Facts extends object>(
  { signIn, walks }: { readonly signIn: Pick<WebSignIn, 'readOwn'>; readonly walks: Walks<Facts> },
  path: string,
  respond: (request: HttpRequest, body: Readonly<Record<string, unknown>>, walk: Walk<Facts>) => Promise<HttpAnswer>,
  around: (work: () => Promise<HttpAnswer>) => Promise<HttpAnswer> = (work) => work(),
): HttpRoute {
  return {
    method: 'POST',
    path,
    async respond(request) {
      const read = await signIn.readOwn(request);
      if ('status' in read) return read;
      return around(async () => {
        const walk = await walks.find(request);
        return walk === undefined ? refuse('noWalk') : respond(request, read.body, walk);
      });
    },
  };
}

/** Why a code did not go out; undefined: it did, as far as the vendor says. */
export async function refusalOf(outcome: CodeOutcome): Promise<HttpAnswer | undefined> {
  return refusalOfSms(outcome.kind === 'admitted' ? await outcome.sent : outcome);
}

function refusalOfSms(outcome: SmsOutcome): HttpAnswer | undefined {
  switch (outcome.kind) {
    case 'sent':
      return undefined;
    case 'tooOften':
      return refuse('smsTooOften', { retryAfter: secondsOf(outcome.retryAfterMs) });
    case 'badNumber':
      return refuse('badPhone');
    case 'blocked':
      return refuse('phoneBlocked');
    case 'unavailable':
      return refuse('smsUnavailable');
  }
}
