/** What routes are written against: the web listener's requests and answers. Knows no mail. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** What stood in the route's `:name` places, decoded; of the trailing `*name` with its slashes. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The host the client asked for, lower case, without the port; '' when it named none. */
  readonly host: string;
  /** `https://mail.example.edu:8443`: where the client believes to be, a trusted proxy's word heeded. */
  readonly origin: string;
  readonly isSecure: boolean;
  /** Numeric; the client's own, where a trusted proxy tells it. */
  readonly remoteAddress: string;
  /** Aborted when the client is gone or the server ends. */
  readonly signal: AbortSignal;
  /** A header field's value, several joined by `, `; `name` in lower case. */
  header(name: string): string | undefined;
  /** Goes with whatever the answer will be: a renewed cookie. Nothing once that is on its way. */
  addHeader?(name: string, value: string): void;
  /** The whole content. Throws HttpRefusal (413) beyond `limitBytes`, before more than that is held; 408 when it stops coming. */
  readBody(limitBytes: number): Promise<Buffer>;
}

/** Octets that an answer may send in part (RFC 9110 §14). */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Octets [start, end). */
  read(start: number, end: number): Promise<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  /** Absent with no content. */
  readonly contentType?: string;
  /** Beside those that every answer carries; names in lower case. A value here takes the place of the usual one. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** An iterable is sent as it comes, at the client's pace; a source by range if the client asks for one. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array | string> | ByteSource;
  /** `no-store` when absent. */
  readonly cacheControl?: string;
  /** False where a secret stands beside what the asker may choose; see compress.ts. */
  readonly isCompressible?: boolean;
}

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Whole path: `/healthz`, `/jmap/upload/:accountId`, `/assets/*file`. The most literal route wins. */
  readonly path: string;
  respond(request: HttpRequest): Promise<HttpAnswer> | HttpAnswer;
}

/** A route that takes the connection over (RFC 9110 §7.8), as WebSocket does. */
export interface UpgradeRoute {
  readonly path: string;
  /** To refuse, answers; otherwise the socket is the route's, which ends it when `request.signal` aborts. */
  upgrade(
    request: HttpRequest,
    raw: { readonly message: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  ): Promise<HttpAnswer | undefined>;
}

/** Thrown by whoever reads a request: answered as it says. */
export class HttpRefusal extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}
