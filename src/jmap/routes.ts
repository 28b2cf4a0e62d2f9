/** JMAP on the web: session, requests, blobs and events (RFC 8620 §2, 3.1, 6, 7.3). */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { PlaceCounter } from '#base/place-counter.ts';
import type { Request } from '#contract/jmap/core.ts';
import { WEB_SOCKET_PROTOCOL } from '#contract/jmap/web-socket.ts';
import { HttpRefusal, type HttpAnswer, type HttpRequest, type HttpRoute, type UpgradeRoute } from '#http/types.ts';
import { plainAnswer, statusAnswer } from '#http/answers.ts';
import { acceptWebSocket, offersProtocol, type TextSocket } from '#http/web-socket.ts';
import { formatFileNameParameters, sanitiseFileName } from '#mime/file-name.ts';
import { findAccount, isReadOnly, sharedAccounts } from './core/accounts.ts';
import { formatBlobId } from './core/blob-ids.ts';
import { readBlob } from './core/read-blob.ts';
import { RequestError } from './core/errors.ts';
import { formatAccountId } from './core/ids.ts';
import type { JmapCaller, JmapServices } from './core/method.ts';
import { processRequest } from './core/process-request.ts';
import { readRequest } from './core/read-request.ts';
import { describeSession, KNOWN_CAPABILITIES } from './core/session.ts';
import { JMAP_LIMITS } from './limits.ts';
import { safeMediaType } from './media-type.ts';
import { JmapSocket } from './core/web-socket.ts';
import { streamEvents } from './push/event-source.ts';
import { methods } from './registry.ts';

export interface JmapSurroundings {
  readonly services: JmapServices;
  /** Who asks, or what whoever may not ask is answered. */
  readonly authenticate: (request: HttpRequest) => Promise<JmapCaller | HttpAnswer>;
  /** What the account is called. */
  readonly nameOf: (accountId: AccountId) => Promise<string>;
  readonly maxUploadBytes: number;
}

export interface JmapRoutes {
  readonly routes: readonly HttpRoute[];
  readonly upgrades: readonly UpgradeRoute[];
}

export function jmapRoutes(surroundings: JmapSurroundings): JmapRoutes {
  const { services, authenticate } = surroundings;
  const sockets = new PlaceCounter<AccountId>(JMAP_LIMITS.sockets);
  const underWay = new ConcurrencyLimit(JMAP_LIMITS.concurrentRequests);

  /** A route for whoever has signed in. */
  const signedIn =
    (respond: (request: HttpRequest, caller: JmapCaller) => Promise<HttpAnswer>) =>
    async (request: HttpRequest): Promise<HttpAnswer> => {
      const caller = await authenticate(request);
      if ('status' in caller) return caller;
      try {
        return await respond(request, caller);
      } catch (error) {
        if (error instanceof RequestError) return problem(error);
        throw error;
      }
    };

  const readSession = async (request: HttpRequest, { accountId, login }: JmapCaller) =>
    describeSession({
      accountId,
      username: login,
      name: await surroundings.nameOf(accountId),
      isReadOnly: await services.directory.isArchived(accountId),
      shared: await sharedAccounts({ services, callerId: accountId }),
      origin: request.origin,
      maxUploadBytes: surroundings.maxUploadBytes,
      maxDelayedSend: services.maxDelayedSend,
      kept: services.kept,
      takesReports: services.helpDesk.address !== null,
      applicationServerKey: services.applicationServerKey,
    });

  const process = (request: HttpRequest, caller: JmapCaller, read: () => Promise<Request> | Request) =>
    underWay.run(caller.accountId, async () => {
      const parsed = await read();
      const { state } = await readSession(request, caller);
      const capabilities = KNOWN_CAPABILITIES;
      return processRequest({ methods, capabilities, services, caller, sessionState: state }, parsed);
    });

  /** The account in the path. Refuses 404 for one that is not there, 403 for one that may only be read. */
  const requireAccount = async (
    { params }: HttpRequest,
    { accountId: callerId }: JmapCaller,
    access: 'read' | 'write',
  ): Promise<AccountId> => {
    const share = await findAccount({ services, callerId }, params['accountId']);
    if (share === undefined) throw new HttpRefusal(plainAnswer(404, 'not found\n'));
    const mayOnlyRead = share === null ? await services.directory.isArchived(callerId) : isReadOnly(share);
    if (access === 'write' && mayOnlyRead) throw new HttpRefusal(plainAnswer(403, 'this account may only be read\n'));
    return share?.accountId ?? callerId;
  };

  const routes: readonly HttpRoute[] = [
    {
      method: 'GET',
      path: '/.well-known/jmap',
      respond: () => ({ status: 307, headers: { location: '/jmap/session' } }),
    },
    {
      method: 'GET',
      path: '/jmap/session',
      respond: signedIn(async (request, caller) => json(200, await readSession(request, caller))),
    },
    {
      method: 'POST',
      path: '/jmap/api',
      respond: signedIn(async (request, caller) => {
        if (!/^application\/json(?:$|\s*;)/i.test(request.header('content-type') ?? ''))
          throw new RequestError('urn:ietf:params:jmap:error:notJSON', 'the content type is not application/json');
        const read = async () => readRequest(await readLimited(request, JMAP_LIMITS.requestBytes, 'maxSizeRequest'));
        return json(200, await process(request, caller, read));
      }),
    },
    {
      method: 'POST',
      path: '/jmap/upload/:accountId',
      respond: signedIn(async (request, caller) => {
        const accountId = await requireAccount(request, caller, 'write');
        return underWay.run(caller.accountId, async () => {
          const octets = await readLimited(request, surroundings.maxUploadBytes, 'maxSizeUpload');
          const type = safeMediaType(request.header('content-type'));
          const hash = await services.uploads.put(accountId, octets, type);
          const blobId = formatBlobId(accountId, { source: { kind: 'upload', hash }, parts: [] });
          return json(201, { accountId: formatAccountId(accountId), blobId, type, size: octets.length });
        });
      }),
    },
    {
      method: 'GET',
      path: '/jmap/download/:accountId/:blobId/:name',
      respond: signedIn(async (request, caller) => {
        const accountId = await requireAccount(request, caller, 'read');
        const { blobId = '', name = '' } = request.params;
        const octets = await readBlob(await services.openAccount(accountId), services.uploads, blobId);
        if (octets === undefined) return { status: 404, contentType: 'text/plain; charset=utf-8', body: 'not found\n' };
        return {
          status: 200,
          contentType: safeMediaType(request.query.get('type') ?? undefined),
          headers: {
            // What a stranger sent is never shown as a page of ours, whatever it calls itself.
            'content-disposition': contentDisposition(name),
            'content-security-policy': "sandbox; default-src 'none'",
          },
          cacheControl: 'private, max-age=31536000, immutable',
          body: { sizeBytes: octets.length, read: async (start, end) => octets.subarray(start, end) },
        };
      }),
    },
    {
      method: 'GET',
      path: '/jmap/events',
      respond: signedIn(async (request, { accountId, watch }) => {
        const { query, signal } = request;
        const ended = new AbortController();
        const account = await services.openAccount(accountId);
        return {
          status: 200,
          contentType: 'text/event-stream; charset=utf-8',
          headers: { 'x-accel-buffering': 'no' },
          body: streamEvents(
            { accountId, account, services },
            {
              types: new Set((query.get('types') ?? '*').split(',').slice(0, JMAP_LIMITS.pushTypes)),
              lastEventId: request.header('last-event-id'),
              closeAfterState: query.get('closeafter') === 'state',
              pingMs: pingInterval(query.get('ping')),
              signal: AbortSignal.any([signal, ended.signal]),
              watch: () => watch(() => ended.abort()),
            },
          ),
        };
      }),
    },
  ];
  return { routes, upgrades: [{ path: '/jmap/ws', upgrade: openSocket }] };

  /** RFC 8887 §4. */
  async function openSocket(
    request: HttpRequest,
    raw: Parameters<UpgradeRoute['upgrade']>[1],
  ): Promise<HttpAnswer | undefined> {
    const caller = await authenticate(request);
    if ('status' in caller) return caller;
    if (!offersProtocol(request, WEB_SOCKET_PROTOCOL)) return plainAnswer(400, 'the subprotocol is jmap\n');
    const { accountId } = caller;
    const account = await services.openAccount(accountId);
    if (raw.socket.destroyed) return undefined;
    if (!sockets.enter(accountId)) return statusAnswer(429, { 'retry-after': '60' });
    let socket: TextSocket | undefined;
    let unwatch = (): void => {};
    const conversation = new JmapSocket(
      {
        source: { accountId, account, services },
        process: async (parsed) => {
          if (!caller.admit()) throw new MailError('limit', 'too many requests: wait a while');
          return process(request, caller, () => parsed);
        },
        log: services.log,
      },
      () => socket,
    );
    socket = acceptWebSocket(raw, {
      protocol: WEB_SOCKET_PROTOCOL,
      clock: services.clock,
      maxTextBytes: JMAP_LIMITS.requestBytes,
      textsAtOnce: JMAP_LIMITS.socketRequests,
      signal: request.signal,
      onText: (octets) => conversation.take(octets),
      onClose() {
        socket = undefined;
        unwatch();
        conversation.close();
        sockets.leave(accountId);
      },
    });
    if (socket === undefined) sockets.leave(accountId);
    else unwatch = caller.watch(() => socket?.close(1008, 'signed out'));
    return undefined;
  }
}

/** RFC 8620 §7.3: a server may bound it. Shorter would wake every phone, longer is lost to the boxes on the way. */
function pingInterval(text: string | null): number {
  const seconds = Number(text ?? '0');
  if (!Number.isFinite(seconds) || seconds <= 0) return 0;
  return Math.min(Math.max(Math.round(seconds), 15), 900) * 1000;
}

async function readLimited(request: HttpRequest, limitBytes: number, limit: string): Promise<Buffer> {
  try {
    return await request.readBody(limitBytes);
  } catch (error) {
    if (!(error instanceof HttpRefusal) || error.answer.status !== 413) throw error;
    throw new RequestError('urn:ietf:params:jmap:error:limit', `more than ${limitBytes} octets`, {
      status: 413,
      limit,
    });
  }
}

function json(status: number, value: object): HttpAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

/** RFC 8620 §3.6.1, RFC 7807. */
function problem({ type, status, message, limit }: RequestError): HttpAnswer {
  const body = JSON.stringify({ type, status, detail: message, ...(limit === undefined ? {} : { limit }) });
  return { status, contentType: 'application/problem+json', body };
}

/** RFC 6266 §4. */
function contentDisposition(name: string): string {
  const { contentDisposition: fileName } = formatFileNameParameters(sanitiseFileName(name) ?? 'attachment');
  return `attachment; ${fileName}`;
}

/** So that one account's tabs and programs leave room for others (RFC 8620 §3.6.1 `maxConcurrentRequests`). */
class ConcurrencyLimit {
  readonly #most: number;
  readonly #counts = new Map<AccountId, number>();

  constructor(most: number) {
    this.#most = most;
  }

  async run<Result>(accountId: AccountId, act: () => Promise<Result>): Promise<Result> {
    const count = this.#counts.get(accountId) ?? 0;
    if (count >= this.#most) {
      throw new RequestError('urn:ietf:params:jmap:error:limit', `more than ${this.#most} requests at once`, {
        status: 429,
        limit: 'maxConcurrentRequests',
      });
    }
    this.#counts.set(accountId, count + 1);
    try {
      return await act();
    } finally {
      const left = (this.#counts.get(accountId) ?? 1) - 1;
      if (left === 0) this.#counts.delete(accountId);
      else this.#counts.set(accountId, left);
    }
  }
}
