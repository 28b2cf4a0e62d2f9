/**
 * The way to the server (RFC 8620): the session, method calls, upload and download addresses.
 *
 * Calls made in one tick travel in one request, and one request is under way at a time: what is asked meanwhile goes
 * with the next. So answers come in the order in which the server worked, and no older one can undo a newer one.
 * The browser signs in by cookie; nothing here knows a password.
 */
import { CAPABILITIES, type Invocation, type Session, type UploadResponse } from '#contract/jmap/core.ts';
import { backoffMs } from './backoff.ts';
import { failureOf, failureOfFetch, failureOfResponse, isTransient, JmapError, type Failure } from './failures.ts';
import { PIECE_BYTES, PIECES, REQUEST_ATTEMPTS, REQUEST_TIMEOUT_MS, RETRY_LONGEST_MS } from './limits.ts';
import { Listeners } from './listeners.ts';
import type { Platform } from './platform.ts';
import type { MethodCall, MethodError, Outcome, OutcomesOf, ResponseOf } from './types.ts';

export interface RunOptions {
  /** Whether doing it twice is as good as once: then it is tried again when the answer got lost. Reads are. */
  readonly isIdempotent?: boolean;
}

/** Calls that travel together, for they refer to each other. */
interface Group {
  readonly calls: readonly MethodCall[];
  readonly isIdempotent: boolean;
  readonly resolve: (outcomes: readonly Outcome<unknown>[]) => void;
  readonly reject: (error: unknown) => void;
}

/** RFC 8620 §2, `urn:ietf:params:jmap:core`. */
interface CoreLimits {
  readonly maxSizeUpload: number;
  readonly maxCallsInRequest: number;
  readonly maxObjectsInGet: number;
  readonly maxObjectsInSet: number;
}

interface UploadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (sentBytes: number) => void;
}

type ConnectionPlatform = Pick<Platform, 'fetch' | 'sendFile' | 'clock' | 'random' | 'page'>;

const READS = /\/(?:get|changes|query|queryChanges)$/;

export class Connection {
  /** The session has ended. */
  readonly signedOut = new Listeners();
  /** An answer says that the session is another than the one that was read: reading it asks anew. */
  readonly sessionChanged = new Listeners();
  readonly #platform: ConnectionPlatform;
  #session: Promise<Session> | undefined;
  /** As responses gave it last; a new one means that the session has to be read anew (RFC 8620 §3.4). */
  #sessionState: string | undefined;
  /** Of files that are being uploaded, or whose upload was cut: the pieces that the server has. */
  readonly #pieces = new WeakMap<Blob, string[]>();
  #waiting: Group[] = [];
  #isRunning = false;
  /** What has been sent and not been answered. */
  readonly #underWay = new Set<AbortController>();

  constructor(platform: ConnectionPlatform) {
    this.#platform = platform;
    const { page } = platform;
    let wasOnline = page.isOnline();
    page.watch(() => {
      const isOnline = page.isOnline();
      // No answer comes by the network that is gone, and all that is asked meanwhile would wait for it.
      if (isOnline && !wasOnline) for (const request of this.#underWay) request.abort();
      wasOnline = isOnline;
    });
  }

  /** Rejects with JmapError. */
  async session(): Promise<Session> {
    this.#session ??= this.#fetchJson('/.well-known/jmap').then((answer) => answer as Session);
    const session = this.#session;
    try {
      return await session;
    } catch (error) {
      if (this.#session === session) this.#session = undefined;
      throw error;
    }
  }

  /** The limits of the server, or what RFC 8620 §2 suggests as the least. Rejects with JmapError. */
  async limits(): Promise<CoreLimits> {
    const { capabilities } = await this.session();
    const core: Partial<CoreLimits> | undefined = capabilities[CAPABILITIES.core];
    return {
      maxSizeUpload: core?.maxSizeUpload ?? 50_000_000,
      maxCallsInRequest: core?.maxCallsInRequest ?? 16,
      maxObjectsInGet: core?.maxObjectsInGet ?? 500,
      maxObjectsInSet: core?.maxObjectsInSet ?? 500,
    };
  }

  /**
   * The outcome of each call, in order. `resultOf` refers to earlier calls of the same group. Rejects with JmapError
   * when the request failed as a whole: then none of it was done, or with `offline` and `server` perhaps all of it.
   */
  run<const Calls extends readonly MethodCall[]>(calls: Calls, options: RunOptions = {}): Promise<OutcomesOf<Calls>> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Outcome<unknown>[]>();
    const isIdempotent = options.isIdempotent ?? calls.every(([name]) => READS.test(name));
    this.#waiting.push({ calls, isIdempotent, resolve, reject });
    if (!this.#isRunning) void this.#runAll();
    return promise as unknown as Promise<OutcomesOf<Calls>>;
  }

  /** The answer of one call. Rejects with JmapError, of kind `method` when the server refused it. */
  async call<const Name extends string>(
    name: Name,
    args: Readonly<Record<string, unknown>>,
    options?: RunOptions,
  ): Promise<ResponseOf<Name>> {
    const [outcome] = await this.run([[name, args]], options);
    return valueOf(outcome as Outcome<ResponseOf<Name>>);
  }

  /**
   * RFC 8620 §6.1; a large file in pieces that are put together (RFC 9404 §4.1): what was sent of it before a cut is not sent
   * again. `onProgress` hears octets sent. Rejects with JmapError.
   */
  async upload(accountId: string, file: Blob, options: UploadOptions = {}): Promise<UploadResponse> {
    const { capabilities } = await this.session();
    if (file.size <= PIECE_BYTES || !Object.hasOwn(capabilities, CAPABILITIES.blob))
      return this.#uploadWhole(accountId, file, options);
    const { signal, onProgress } = options;
    const pieceBytes = Math.max(PIECE_BYTES, Math.ceil(file.size / PIECES));
    const sent = this.#pieces.get(file) ?? [];
    this.#pieces.set(file, sent);
    for (let from = sent.length * pieceBytes; from < file.size; from += pieceBytes) {
      const piece = await this.#uploadWhole(accountId, file.slice(from, from + pieceBytes), {
        ...(signal && { signal }),
        onProgress: (bytes) => onProgress?.(from + bytes),
      });
      sent.push(piece.blobId);
    }
    const data = sent.map((blobId) => ({ blobId }));
    const type = file.type || 'application/octet-stream';
    const { created } = await this.call(
      'Blob/upload',
      { accountId, create: { whole: { data, type } } },
      { isIdempotent: true },
    );
    // Also when it could not be made: the pieces may have been forgotten.
    this.#pieces.delete(file);
    const whole = created?.['whole'];
    if (whole === undefined)
      throw new JmapError({ kind: 'method', error: { type: 'serverFail', description: 'no blob' } });
    return { accountId, blobId: whole.id, type: whole.type, size: whole.size };
  }

  async #uploadWhole(accountId: string, file: Blob, options: UploadOptions): Promise<UploadResponse> {
    const { uploadUrl } = await this.session();
    for (let failures = 1; ; failures++) {
      try {
        // The same octets are the same blob: sending them again does no harm.
        return (await this.#send(
          (signal) => this.#platform.sendFile(expandUrl(uploadUrl, { accountId }), file, { ...options, signal }),
          options.signal,
        )) as UploadResponse;
      } catch (error) {
        const failure = failureOf(error);
        if (!isTransient(failure) || failures === REQUEST_ATTEMPTS) throw error;
        await this.#pause(failure, failures);
      }
    }
  }

  /** Where a blob is (RFC 8620 §6.2). The server decides by `type` and `name` what the browser is told it is. */
  async downloadUrl(accountId: string, blobId: string, name: string, type: string): Promise<string> {
    return expandUrl((await this.session()).downloadUrl, { accountId, blobId, name, type });
  }

  async eventSourceUrl(types: string, pingSeconds: number): Promise<string> {
    const { eventSourceUrl } = await this.session();
    return expandUrl(eventSourceUrl, { types, closeafter: 'no', ping: String(pingSeconds) });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    // What the rest of this tick asks for travels along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const groups = this.#waiting;
      this.#waiting = [];
      try {
        const { maxCallsInRequest } = await this.limits();
        // The session may have taken a while: whoever asked meanwhile comes along.
        groups.push(...this.#waiting.splice(0));
        for (const request of packGroups(groups, maxCallsInRequest)) await this.#request(request);
      } catch (error) {
        // No session: nothing has been sent.
        for (const group of groups) group.reject(error);
      }
    }
    this.#isRunning = false;
  }

  /** Settles every group. */
  async #request(groups: readonly Group[]): Promise<void> {
    let asking = groups;
    for (let failures = 1; ; failures++) {
      const failed = await this.#post(asking);
      if (failed === undefined) return;
      const { failure } = failed;
      if (failure.kind === 'problem' && asking.length > 1) {
        // One of them is to blame, and the others are not.
        for (const group of asking) await this.#request([group]);
        return;
      }
      const isUndone = failure.kind === 'rateLimited';
      const isWorthIt = isTransient(failure) && failures < REQUEST_ATTEMPTS && waitOf(failure) <= RETRY_LONGEST_MS;
      const again = isWorthIt ? asking.filter((group) => isUndone || group.isIdempotent) : [];
      for (const group of asking) if (!again.includes(group)) group.reject(failed);
      if (again.length === 0) return;
      asking = again;
      await this.#pause(failure, failures);
    }
  }

  #pause(failure: Failure, failures: number): Promise<void> {
    const delayMs = Math.max(waitOf(failure), backoffMs(failures, this.#platform.random));
    return new Promise((resolve) => void this.#platform.clock.after(delayMs, resolve));
  }

  /** Resolves every group, or says why it could not. */
  async #post(groups: readonly Group[]): Promise<JmapError | undefined> {
    let responses: readonly Invocation[];
    try {
      const session = await this.session();
      const answer = (await this.#fetchJson(session.apiUrl, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify({
          using: Object.values(CAPABILITIES).filter((name) => Object.hasOwn(session.capabilities, name)),
          methodCalls: groups.flatMap(({ calls }, at) => calls.map((call, index) => invocation(call, at, index))),
        }),
      })) as { readonly methodResponses: readonly Invocation[]; readonly sessionState: string };
      responses = answer.methodResponses;
      const isChanged = this.#sessionState !== undefined && this.#sessionState !== answer.sessionState;
      this.#sessionState = answer.sessionState;
      if (isChanged) {
        this.#session = undefined;
        this.sessionChanged.emit();
      }
    } catch (error) {
      if (error instanceof JmapError) return error;
      throw error;
    }
    const byCallId = new Map<string, Outcome<unknown>>();
    for (const [name, value, callId] of responses) {
      // RFC 8620 §3.2: a method may answer more than once; what follows the first is the echo of an implied call.
      if (byCallId.has(callId)) continue;
      const error = value as unknown as MethodError;
      byCallId.set(callId, name === 'error' ? { ok: false, error } : { ok: true, value });
    }
    for (const [at, { calls, resolve }] of groups.entries()) {
      resolve(calls.map((_, index) => byCallId.get(`${at}.${index}`) ?? UNANSWERED));
    }
    return undefined;
  }

  async #fetchJson(url: string, init: RequestInit = {}): Promise<unknown> {
    const timeout = new AbortController();
    const cancel = this.#platform.clock.after(REQUEST_TIMEOUT_MS, () => timeout.abort());
    try {
      return await this.#send((signal) =>
        this.#platform.fetch(url, { ...init, signal: AbortSignal.any([signal, timeout.signal]) }),
      );
    } finally {
      cancel();
    }
  }

  /** The JSON of the answer to what `request` sends; `given`: by which the user gives it up. Rejects with JmapError. */
  async #send(request: (signal: AbortSignal) => Promise<Response>, given?: AbortSignal): Promise<unknown> {
    const broken = new AbortController();
    this.#underWay.add(broken);
    let failed: JmapError | undefined;
    try {
      const response = await request(given === undefined ? broken.signal : AbortSignal.any([broken.signal, given]));
      failed = await failureOfResponse(response, this.#platform.clock.now());
      if (failed === undefined) return await response.json();
    } catch (error) {
      throw failureOfFetch(error, given);
    } finally {
      this.#underWay.delete(broken);
    }
    if (failed.failure.kind === 'signedOut') this.signedOut.emit();
    throw failed;
  }
}

/** RFC 8620 §3.6.2 allows it nowhere, but a call without an answer must not leave anybody waiting. */
const UNANSWERED: Outcome<never> = { ok: false, error: { type: 'serverFail', description: 'no answer' } };

/** The value of a call that worked; throws JmapError for one that was refused. */
export function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new JmapError({ kind: 'method', error: outcome.error });
}

/** Groups in order, as few requests as the limit allows. A group larger than it stands alone. */
function packGroups(groups: readonly Group[], maxCalls: number): readonly Group[][] {
  const requests: Group[][] = [];
  let room = 0;
  for (const group of groups) {
    if (group.calls.length > room) {
      requests.push([]);
      room = maxCalls;
    }
    requests.at(-1)?.push(group);
    room -= group.calls.length;
  }
  return requests;
}

/** References inside a group count from its first call; in the request they carry the group's number. */
function invocation([name, args]: MethodCall, group: number, index: number): Invocation {
  const numbered: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(args)) {
    if (value === undefined) continue;
    if (key.startsWith('#')) {
      const reference = value as { readonly resultOf: string };
      numbered[key] = { ...reference, resultOf: `${group}.${reference.resultOf}` };
    } else numbered[key] = value;
  }
  return [name, numbered, `${group}.${index}`];
}

/** How long the server asked to be left alone, in milliseconds. */
function waitOf(failure: Failure): number {
  return failure.kind === 'rateLimited' || failure.kind === 'server' ? (failure.retryAfterMs ?? 0) : 0;
}

/** RFC 6570, as far as RFC 8620 §2 uses it: `{name}`. */
function expandUrl(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
