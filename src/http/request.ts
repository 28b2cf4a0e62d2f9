/** A request as routes see it, over Node's. */
import type { IncomingMessage } from 'node:http';
import { statusAnswer } from './answers.ts';
import type { Caller } from './caller.ts';
import { HttpRefusal, type HttpRequest } from './types.ts';

export interface RequestParts {
  readonly message: IncomingMessage;
  readonly caller: Caller;
  readonly path: string;
  /** Without its `?`. */
  readonly queryText: string;
  readonly bodyStallMs: number;
  /** Told of the content's octets as they come. */
  readonly onOctets: (octets: number) => void;
  /** Called when content is wanted: a client that waits for leave to send it gets that. */
  readonly askForBody: () => void;
}

export class IncomingRequest implements HttpRequest {
  readonly #parts: RequestParts;
  #query: URLSearchParams | undefined;
  /** Made when somebody asks: most requests are answered before anything could abort them. */
  #abort: AbortController | undefined;
  #isAborted = false;
  #isBodyRead = false;
  params: Readonly<Record<string, string>> = {};
  addedHeaders: Readonly<Record<string, string>> = {};

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  get method(): string {
    return this.#parts.message.method ?? 'GET';
  }

  get path(): string {
    return this.#parts.path;
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#parts.queryText));
  }

  /** Path and query, as sent. */
  get target(): string {
    const { path, queryText } = this.#parts;
    return queryText === '' ? path : `${path}?${queryText}`;
  }

  get host(): string {
    return (this.#parts.caller.authority ?? '').replace(/:\d+$/, '');
  }

  /** Whether the client named one host, and one that can be: RFC 9112 §3.2 has all others refused. */
  get hasGoodHost(): boolean {
    const { rawHeaders } = this.#parts.message;
    const isHost = (text: string, index: number): boolean =>
      index % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host';
    return this.#parts.caller.authority !== undefined && rawHeaders.filter(isHost).length <= 1;
  }

  get origin(): string {
    return `${this.isSecure ? 'https' : 'http'}://${this.#parts.caller.authority ?? ''}`;
  }

  get isSecure(): boolean {
    return this.#parts.caller.isSecure;
  }

  get remoteAddress(): string {
    return this.#parts.caller.address;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#isAborted) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  header(name: string): string | undefined {
    const value = this.#parts.message.headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  addHeader(name: string, value: string): void {
    this.addedHeaders = { ...this.addedHeaders, [name]: value };
  }

  /** The client is gone, or the server ends. */
  abort(): void {
    this.#isAborted = true;
    this.#abort?.abort();
  }

  async readBody(limitBytes: number): Promise<Buffer> {
    const { message, bodyStallMs, onOctets, askForBody } = this.#parts;
    if (this.#isBodyRead) throw new Error('the content of a request is read once');
    this.#isBodyRead = true;
    if (Number(message.headers['content-length'] ?? 0) > limitBytes) throw new HttpRefusal(statusAnswer(413));
    if ((message.headers['content-encoding'] ?? 'identity') !== 'identity') throw new HttpRefusal(statusAnswer(415));
    askForBody();
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const chunks: Buffer[] = [];
    let octets = 0;
    const take = (chunk: Buffer): void => {
      octets += chunk.length;
      onOctets(chunk.length);
      if (octets > limitBytes) return refuse(413);
      chunks.push(chunk);
    };
    const refuse = (status: number): void => {
      message.off('data', take);
      message.pause();
      reject(new HttpRefusal(statusAnswer(status)));
    };
    const gone = (): void => refuse(400);
    message.on('data', take);
    message.once('end', () => resolve(Buffer.concat(chunks)));
    message.once('error', gone);
    message.once('close', gone);
    message.setTimeout(bodyStallMs, () => refuse(408));
    try {
      return await promise;
    } finally {
      message.setTimeout(0);
    }
  }
}
