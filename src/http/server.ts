/** The web listener: a table of routes, limits, and the headers every answer carries. Knows no mail. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import { HTTP_LIMITS } from './limits.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
}

export interface HttpRoute {
  readonly method: 'GET';
  /** Whole path, `/healthz`. */
  readonly path: string;
  respond(request: IncomingMessage): Promise<HttpAnswer> | HttpAnswer;
}

/** OWASP's and our own: nothing is framed, sniffed, or loaded from elsewhere. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export class HttpServer {
  readonly #routes: ReadonlyMap<string, HttpRoute>;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #servers: Server[] = [];
  /** Under way; each resolves when its last octet is with the kernel, or the peer is gone. */
  readonly #answers = new Set<Promise<void>>();

  constructor(options: { readonly routes: readonly HttpRoute[]; readonly log: Logger; readonly metrics: Metrics }) {
    this.#routes = new Map(options.routes.map((route) => [route.path, route]));
    this.#log = options.log;
    this.#metrics = options.metrics;
  }

  /** Listens and resolves to the port. Rejects with the system's error (EADDRINUSE …). */
  async listen(host: string, port: number): Promise<number> {
    const server = createServer(
      {
        requestTimeout: HTTP_LIMITS.requestTimeoutMs,
        headersTimeout: HTTP_LIMITS.headersTimeoutMs,
        keepAliveTimeout: HTTP_LIMITS.keepAliveTimeoutMs,
        maxHeaderSize: HTTP_LIMITS.headerBytes,
      },
      (request, response) => {
        const answer = this.#answer(request, response).finally(() => this.#answers.delete(answer));
        this.#answers.add(answer);
      },
    );
    server.maxConnections = HTTP_LIMITS.connections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#route(request);
    this.#metrics.count('campusmail_http_requests_total', { status: String(answer.status) });
    response.writeHead(answer.status, {
      ...SECURITY_HEADERS,
      'content-type': answer.contentType,
      'content-length': Buffer.byteLength(answer.body),
      'cache-control': 'no-store',
    });
    const isSent = new Promise<void>((resolve) => void response.once('close', resolve));
    response.end(request.method === 'HEAD' ? undefined : answer.body);
    if (!response.closed) await isSent;
  }

  async #route(request: IncomingMessage): Promise<HttpAnswer> {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const route = this.#routes.get(path);
    if (route === undefined) return plainAnswer(404, 'not found\n');
    // RFC 9110 §9.3.2: HEAD is GET without the content.
    if (request.method !== route.method && request.method !== 'HEAD') return plainAnswer(405, 'method not allowed\n');
    try {
      return await route.respond(request);
    } catch (error) {
      this.#log.error({ err: errorText(error), path }, 'http request failed');
      return plainAnswer(500, 'internal error\n');
    }
  }

  /** Stops listening; what was asked is answered, and every connection closed. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve())));
    await Promise.all(this.#answers);
    // Those left say nothing, or not all of what they want to.
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }
}

export function plainAnswer(status: number, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
