/** What can go wrong between browser and server, in a closed vocabulary that the user interface has words for. */
import type { RequestProblem } from '#contract/jmap/core.ts';
import type { MethodError } from './types.ts';

export type Failure =
  /** The server was not reached, or its answer did not come back: what was asked may have happened. */
  | { readonly kind: 'offline' }
  /** The session has ended: sign in again. */
  | { readonly kind: 'signedOut' }
  /** Too much was asked; nothing was done. */
  | { readonly kind: 'rateLimited'; readonly retryAfterMs: number }
  /** RFC 8620 §3.6.1: the request as a whole was refused; nothing was done. */
  | { readonly kind: 'problem'; readonly type: RequestProblem | 'about:blank'; readonly detail: string }
  /** A fault of the server's. */
  | { readonly kind: 'server'; readonly status: number; readonly retryAfterMs: number | undefined }
  /** RFC 8620 §3.6.2: one method was refused. */
  | { readonly kind: 'method'; readonly error: MethodError }
  /** The user gave it up. */
  | { readonly kind: 'aborted' };

export class JmapError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(`JMAP: ${failure.kind}`, options);
    this.name = 'JmapError';
    this.failure = failure;
  }
}

/** The failure behind an error that came out of the client; anything else is a bug and thrown on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof JmapError) return error.failure;
  throw error;
}

/** Whether asking again later can help without anybody doing something. */
export function isTransient(failure: Failure): boolean {
  if (failure.kind === 'method') return failure.error.type === 'serverUnavailable';
  return failure.kind === 'offline' || failure.kind === 'rateLimited' || failure.kind === 'server';
}

/** What a fetch that rejected has met: the browser says no more than that it failed. */
export function failureOfFetch(error: unknown, signal?: AbortSignal): JmapError {
  return new JmapError({ kind: signal?.aborted === true ? 'aborted' : 'offline' }, { cause: error });
}

/** The error an HTTP answer stands for; `undefined` when all is well. Reads the body of a refusal. */
export async function failureOfResponse(response: Response, nowMs: number): Promise<JmapError | undefined> {
  if (response.ok) return undefined;
  const { status } = response;
  const retryAfterMs = readRetryAfter(response.headers.get('Retry-After'), nowMs);
  if (status === 401) return new JmapError({ kind: 'signedOut' });
  if (status === 429) return new JmapError({ kind: 'rateLimited', retryAfterMs: retryAfterMs ?? 5000 });
  if (status >= 500 || status === 408) return new JmapError({ kind: 'server', status, retryAfterMs });
  // RFC 8620 §3.6.1, RFC 7807.
  const problem = (await response.json().catch(() => undefined)) as { type?: unknown; detail?: unknown } | undefined;
  return new JmapError({
    kind: 'problem',
    type: typeof problem?.type === 'string' ? (problem.type as RequestProblem) : 'about:blank',
    detail: typeof problem?.detail === 'string' ? problem.detail : `HTTP ${status}`,
  });
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function readRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
