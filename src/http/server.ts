/**
 * The web listener over node:http: who may connect and how much may be asked, which route answers, and the headers every
 * answer carries. Knows no mail and no files.
 *
 * HTTP/1.1 only. What HTTP/2 is for, many small answers at once over a far line, our pages do not need: they are a few
 * immutable files, one stream of events, and requests of which each carries many.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { Clock } from '#base/clock.ts';
import { ConnectionCounter } from '#base/connection-counter.ts';
import { errorText, isMailError } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import { isLoopback, peerNetwork, plainAddress } from '#base/network-address.ts';
import { randomId, type Random } from '#base/random.ts';
import { plainAnswer, statusAnswer } from './answers.ts';
import { readCaller, type Connection } from './caller.ts';
import { corsHeaders, preflightAnswer, type CorsSettings } from './cors.ts';
import { HTTP_LIMITS, type HttpTimes } from './limits.ts';
import { RateLimit, type Rates } from './rate-limit.ts';
import { IncomingRequest } from './request.ts';
import { Router } from './router.ts';
import { prepareAnswer, sendAnswer } from './send-answer.ts';
import { HttpRefusal, type HttpAnswer, type HttpRequest, type HttpRoute, type UpgradeRoute } from './types.ts';

export interface HttpServerOptions {
  readonly routes: readonly HttpRoute[];
  readonly upgrades?: readonly UpgradeRoute[];
  /** By the name the client asks for, undefined when it names none (SNI). Absent: no TLS. */
  readonly tls?: (serverName: string | undefined) => SecureContext;
  /** Whether what the peer says of its own clients is believed. */
  readonly isTrustedProxy?: (address: string) => boolean;
  /** Networks of which thousands ask from one address. */
  readonly isShared?: (address: string) => boolean;
  readonly cors?: CorsSettings;
  /** Asked before any route; its answer goes out instead. */
  readonly gate?: (request: HttpRequest) => HttpAnswer | undefined;
  /** Another answer in place of one that is about to go out: for people, where it is an error. */
  readonly explain?: (request: HttpRequest, answer: HttpAnswer) => HttpAnswer | undefined;
  readonly limits: {
    readonly maxConnections: number;
    /** From one IPv4 address or IPv6 /64. */
    readonly maxConnectionsPerAddress: number;
    /** Of one such. */
    readonly rates: Rates;
  };
  readonly times?: Partial<HttpTimes>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

interface RouteTarget {
  readonly byMethod: Map<string, HttpRoute>;
  upgrade: UpgradeRoute | undefined;
}

/** One of those whose requests are served. */
interface Peer extends Connection {
  /** Requests not yet answered. */
  waiting: number;
}

const NO_CORS: CorsSettings = { origins: new Set(), paths: [] };

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #times: HttpTimes;
  readonly #router = new Router<RouteTarget>();
  readonly #cors: CorsSettings;
  readonly #isTrusted: (address: string) => boolean;
  readonly #counter: ConnectionCounter;
  readonly #rates: RateLimit<string>;
  readonly #servers: Server[] = [];
  readonly #peers = new WeakMap<object, Peer>();
  /** Under way; each resolves when its last octet is with the kernel, or the peer is gone. */
  readonly #answers = new Set<Promise<void>>();
  readonly #requests = new Set<IncomingRequest>();
  /** Connections that routes have taken over. */
  readonly #takenOver = new Set<Duplex>();
  readonly #idPrefix: string;
  #lastId = 0;
  #isClosing = false;

  constructor(options: HttpServerOptions) {
    const { limits, clock } = options;
    this.#options = options;
    this.#times = { ...HTTP_LIMITS, ...options.times };
    this.#cors = options.cors ?? NO_CORS;
    this.#isTrusted = options.isTrustedProxy ?? (() => false);
    this.#counter = new ConnectionCounter(limits.maxConnections, limits.maxConnectionsPerAddress);
    this.#rates = new RateLimit({ clock, rates: limits.rates, callersKept: HTTP_LIMITS.callersKept });
    this.#idPrefix = randomId(options.random, 5);
    const targetAt = (path: string): RouteTarget =>
      this.#router.add(path, () => ({ byMethod: new Map(), upgrade: undefined }));
    for (const route of options.routes) {
      const { byMethod } = targetAt(route.path);
      if (byMethod.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
      byMethod.set(route.method, route);
    }
    for (const route of options.upgrades ?? []) targetAt(route.path).upgrade = route;
  }

  /** Listens, for several addresses if called again. Rejects with the system's error (EADDRINUSE …). */
  async listen(options: {
    readonly host: string;
    readonly port: number;
    readonly reusePort?: boolean;
  }): Promise<AddressInfo> {
    const server = createServer({
      requestTimeout: this.#times.requestTimeoutMs,
      headersTimeout: this.#times.headersTimeoutMs,
      keepAliveTimeout: this.#times.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(5_000, this.#times.headersTimeoutMs),
      maxHeaderSize: HTTP_LIMITS.headerBytes,
      shouldUpgradeCallback: (message) => this.#findUpgrade(message) !== undefined,
    });
    server.maxHeadersCount = HTTP_LIMITS.headerFields;
    server.on('request', (message, response) => this.#take(message, response, false));
    server.on('checkContinue', (message, response) => this.#take(message, response, true));
    server.on('upgrade', (message, socket, head) => void this.#upgrade(message, socket, head));
    // HTTP begins when the connection is counted and, where it is so, the TLS handshake done.
    const [speakHttp] = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    server.on('connection', (socket) => this.#accept(socket, (ready) => speakHttp?.call(server, ready)));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...options }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#options.log.error({ err: error }, 'http listener failed'));
        resolve();
      });
    });
    this.#servers.push(server);
    return server.address() as AddressInfo;
  }

  /**
   * Stops listening and ends what streams (`HttpRequest.signal`); what else was asked is answered, within `drainMs`, and
   * every connection closed.
   */
  async close({ drainMs }: { readonly drainMs: number }): Promise<void> {
    this.#isClosing = true;
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve())));
    for (const request of this.#requests) request.abort();
    const late = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(drainMs, late.resolve);
    await Promise.race([Promise.all(this.#answers), late.promise]);
    cancel();
    // Those left say nothing, or not all of what they want to.
    for (const server of this.#servers) server.closeAllConnections();
    for (const socket of this.#takenOver) socket.destroy();
    await Promise.all(closed);
  }

  // Connections

  #accept(socket: Socket, speak: (socket: Socket) => void): void {
    const { tls, log, metrics, clock } = this.#options;
    const { remoteAddress } = socket;
    socket.on('error', () => socket.destroy());
    if (remoteAddress === undefined) return void socket.destroy();
    const address = plainAddress(remoteAddress);
    // Behind a proxy stand many.
    const counted = this.#isTrusted(address) ? '::1' : address;
    const entry = this.#counter.enter(counted);
    if (entry !== 'ok') {
      log.info({ peer: address, entry }, 'http connection turned away');
      metrics.count('campusmail_http_turned_away_total');
      return void socket.destroy();
    }
    metrics.gauge('campusmail_http_connections', 1);
    socket.once('close', () => {
      this.#counter.leave(counted);
      metrics.gauge('campusmail_http_connections', -1);
    });
    if (tls === undefined) {
      this.#peers.set(socket, { address, isSecure: false, waiting: 0 });
      return speak(socket);
    }
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: tls(undefined),
      SNICallback: (name, callback) => callback(null, tls(name)),
      ALPNProtocols: ['http/1.1'],
    });
    secured.on('error', () => socket.destroy());
    const cancel = clock.after(HTTP_LIMITS.tlsHandshakeTimeoutMs, () => socket.destroy());
    socket.once('close', cancel);
    secured.once('secure', () => {
      cancel();
      this.#peers.set(secured, { address, isSecure: true, waiting: 0 });
      speak(secured);
    });
  }

  // Requests

  #take(message: IncomingMessage, response: ServerResponse, waitsForLeave: boolean): void {
    const peer = this.#peers.get(message.socket);
    // One that has sent more than it waits for answers to: not a client of ours.
    if (peer === undefined || peer.waiting >= HTTP_LIMITS.pipelined) return void message.socket.destroy();
    peer.waiting++;
    const request = this.#toRequest(message, peer, () => {
      if (waitsForLeave) response.writeContinue();
    });
    this.#requests.add(request);
    response.once('close', () => {
      if (!response.writableFinished) request.abort();
      this.#requests.delete(request);
      peer.waiting--;
    });
    const answer = this.#answer(request, message, response).finally(() => this.#answers.delete(answer));
    this.#answers.add(answer);
  }

  #toRequest(message: IncomingMessage, peer: Peer, askForBody: () => void): IncomingRequest {
    const { requested, path, queryText } = readTarget(message.url ?? '/');
    const caller = readCaller(peer, message.headers, requested, this.#isTrusted);
    return new IncomingRequest({
      message,
      caller,
      path,
      queryText,
      bodyStallMs: this.#times.bodyStallMs,
      onOctets: (octets) => this.#charge(caller.address, octets),
      askForBody,
    });
  }

  /** Never rejects. */
  async #answer(request: IncomingRequest, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { log, metrics, clock, explain } = this.#options;
    const startedAt = clock.monotonic();
    let answer = await this.#respond(request);
    answer = explain?.(request, answer) ?? answer;
    try {
      const extra = { ...corsHeaders(this.#cors, request), ...request.addedHeaders };
      const wire = await prepareAnswer(request, answer, extra).catch((error: unknown) => {
        answer = this.#toFailure(request, error);
        return prepareAnswer(request, answer);
      });
      metrics.count('campusmail_http_requests_total', { status: String(wire.status) });
      metrics.observe('campusmail_http_answer_seconds', (clock.monotonic() - startedAt) / 1000);
      const hasMore = !message.complete && !message.destroyed && hasContent(message);
      if (hasMore || this.#isClosing) response.shouldKeepAlive = false;
      await sendAnswer(response, wire, {
        stallMs: this.#times.sendStallMs,
        beforeEnd: hasMore ? () => this.#discardRest(message) : undefined,
        onOctets: (octets) => this.#charge(request.remoteAddress, octets),
      });
    } catch (error) {
      // Part of it is out already.
      log.error({ err: errorStack(error), path: request.path }, 'http answer broken off');
      response.destroy();
    }
  }

  async #respond(request: IncomingRequest): Promise<HttpAnswer> {
    const { gate } = this.#options;
    try {
      const refusal = this.#refuse(request) ?? gate?.(request);
      if (refusal !== undefined) return refusal;
      const match = this.#router.find(request.path);
      if (match === undefined) return statusAnswer(404);
      const { byMethod } = match.target;
      // RFC 9110 §9.3.2: HEAD is GET without the content.
      const route = byMethod.get(request.method === 'HEAD' ? 'GET' : request.method);
      if (route === undefined) {
        const methods = [...byMethod.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
        const preflight = request.method === 'OPTIONS' ? preflightAnswer(this.#cors, request, methods) : undefined;
        if (preflight !== undefined) return preflight;
        // Only for taking over.
        if (methods.length === 0) return statusAnswer(426, { upgrade: 'websocket', connection: 'upgrade' });
        return statusAnswer(405, { allow: methods.join(', ') });
      }
      request.params = match.params;
      return await route.respond(request);
    } catch (error) {
      return error instanceof HttpRefusal ? error.answer : this.#toFailure(request, error);
    }
  }

  /** What holds for every request. */
  #refuse(request: IncomingRequest): HttpAnswer | undefined {
    if (!request.hasGoodHost) return plainAnswer(400, 'no host can be named so\n');
    const { remoteAddress } = request;
    if (this.#isFree(remoteAddress)) return undefined;
    const entry = this.#rates.enter(peerNetwork(remoteAddress));
    if (entry === 'ok') return undefined;
    return statusAnswer(429, { 'retry-after': String(Math.ceil(entry / 1000)) });
  }

  #charge(address: string, octets: number): void {
    if (!this.#isFree(address)) this.#rates.charge(peerNetwork(address), octets);
  }

  #isFree(address: string): boolean {
    return isLoopback(address) || this.#isTrusted(address) || (this.#options.isShared?.(address) ?? false);
  }

  /** An outage passes; anything else is a bug, which the log tells more about by the same id. */
  #toFailure(request: HttpRequest, error: unknown): HttpAnswer {
    if (isMailError(error, 'unavailable')) return statusAnswer(503, { 'retry-after': '5' });
    const id = `${this.#idPrefix}${(++this.#lastId).toString(36)}`;
    const { method, path, remoteAddress } = request;
    this.#options.log.error({ err: errorStack(error), id, method, path, remoteAddress }, 'http request failed');
    return plainAnswer(500, `internal error ${id}\n`, { 'x-request-id': id });
  }

  /** The client shall have its answer before it finds the connection closed. */
  async #discardRest(message: IncomingMessage): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(this.#times.lingerMs, resolve);
    message.once('end', resolve);
    message.once('close', resolve);
    message.once('error', () => resolve());
    message.resume();
    await promise;
    cancel();
  }

  // Connections taken over

  #findUpgrade(message: IncomingMessage): UpgradeRoute | undefined {
    if (message.headers.upgrade?.toLowerCase() !== 'websocket' || message.method !== 'GET') return undefined;
    return this.#router.find(readTarget(message.url ?? '/').path)?.target.upgrade;
  }

  async #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const peer = this.#peers.get(socket);
    const route = this.#findUpgrade(message);
    socket.on('error', () => socket.destroy());
    if (peer === undefined || route === undefined || this.#isClosing) return void socket.destroy();
    (socket as Socket).setTimeout(0);
    const request = this.#toRequest(message, peer, () => undefined);
    this.#requests.add(request);
    this.#takenOver.add(socket);
    socket.once('close', () => {
      request.abort();
      this.#requests.delete(request);
      this.#takenOver.delete(socket);
    });
    let answer: HttpAnswer | undefined;
    try {
      answer = this.#refuse(request) ?? this.#options.gate?.(request);
      request.params = this.#router.find(request.path)?.params ?? {};
      answer ??= await route.upgrade(request, { message, socket, head });
    } catch (error) {
      answer = error instanceof HttpRefusal ? error.answer : this.#toFailure(request, error);
    }
    this.#options.metrics.count('campusmail_http_requests_total', { status: String(answer?.status ?? 101) });
    if (answer === undefined) return;
    const { status, headers, body } = await prepareAnswer(request, { ...answer, isCompressible: false });
    const fields = Object.entries({ ...headers, connection: 'close' }).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${one}\r\n`),
    );
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : '';
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${fields.join('')}\r\n`);
    socket.end(text, () => socket.destroy());
  }
}

/** RFC 9112 §3.2: origin-form, or absolute-form with the host in it. */
function readTarget(url: string): { requested: string | undefined; path: string; queryText: string } {
  const absolute = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url);
  const target = absolute === null ? url : (absolute[2] as string);
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  return {
    requested: absolute?.[1],
    path: path === '' ? '/' : path,
    queryText: mark === -1 ? '' : target.slice(mark + 1),
  };
}

function hasContent({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function errorStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : errorText(error);
}
