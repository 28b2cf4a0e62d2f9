/** Puts an answer on the wire: whole, in part, compressed, or as it comes; a client that takes nothing is hung up on. */
import type { ServerResponse } from 'node:http';
import { statusAnswer } from './answers.ts';
import { chooseEncoding, compress, isText, isWorthCompressing } from './compress.ts';
import { readRange } from './range.ts';
import { SECURITY_HEADERS, STRICT_TRANSPORT } from './security-headers.ts';
import type { ByteSource, HttpAnswer, HttpRequest } from './types.ts';

type HeaderFields = Record<string, string | number | readonly string[]>;

/** What goes out. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array | string> | undefined;
}

/** `extra` goes beside the answer's own headers where those say nothing: CORS, a renewed cookie. Reads nothing from a source yet but the beginning of what is asked for. */
export async function prepareAnswer(
  request: HttpRequest,
  answer: HttpAnswer,
  extra: Readonly<Record<string, string>> = {},
): Promise<WireAnswer> {
  const isHead = request.method === 'HEAD';
  const { status, contentType, body } = answer;
  const headers: HeaderFields = { ...SECURITY_HEADERS, 'cache-control': answer.cacheControl ?? 'no-store' };
  if (request.isSecure) headers['strict-transport-security'] = STRICT_TRANSPORT;
  if (contentType !== undefined) headers['content-type'] = contentType;
  Object.assign(headers, extra, answer.headers);

  const etag = answer.headers?.['etag'];
  if (status === 200 && typeof etag === 'string' && isKnown(request, etag)) {
    // RFC 9110 §15.4.5.
    delete headers['content-type'];
    return { status: 304, headers, body: undefined };
  }
  if (body === undefined) {
    if (status !== 204 && status !== 304) headers['content-length'] = 0;
    return { status, headers, body };
  }
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const octets = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const isCompressible =
      isWorthCompressing(octets) &&
      answer.isCompressible !== false &&
      isText(contentType) &&
      etag === undefined &&
      headers['content-encoding'] === undefined;
    if (isCompressible)
      headers['vary'] = extra['vary'] === undefined ? 'accept-encoding' : `accept-encoding, ${extra['vary']}`;
    const encoding = isCompressible ? chooseEncoding(request.header('accept-encoding')) : undefined;
    if (encoding === undefined) {
      headers['content-length'] = octets;
      return { status, headers, body: isHead ? undefined : body };
    }
    const packed = await compress(typeof body === 'string' ? Buffer.from(body) : body, encoding);
    headers['content-encoding'] = encoding;
    headers['content-length'] = packed.length;
    return { status, headers, body: isHead ? undefined : packed };
  }
  if ('sizeBytes' in body) return prepareSource(request, { status, headers, body }, etag);
  return { status, headers, body };
}

async function prepareSource(
  request: HttpRequest,
  { status, headers, body }: { readonly status: number; readonly headers: HeaderFields; readonly body: ByteSource },
  etag: string | readonly string[] | undefined,
): Promise<WireAnswer> {
  headers['accept-ranges'] = 'bytes';
  // §13.1.5: of another version than the client has parts of, it gets the whole. §14.2: a range is for GET alone.
  const condition = request.header('if-range');
  const isWanted = status === 200 && request.method === 'GET' && (condition === undefined || condition === etag);
  const range = isWanted ? readRange(request.header('range'), body.sizeBytes) : 'whole';
  if (range === 'unsatisfiable') {
    const refusal = { 'content-range': `bytes */${body.sizeBytes}` };
    return prepareAnswer(request, statusAnswer(416, refusal));
  }
  const { start, end } = range === 'whole' ? { start: 0, end: body.sizeBytes } : range;
  headers['content-length'] = end - start;
  if (range !== 'whole') headers['content-range'] = `bytes ${start}-${end - 1}/${body.sizeBytes}`;
  const octets = request.method === 'HEAD' || start === end ? undefined : await body.read(start, end);
  return { status: range === 'whole' ? status : 206, headers, body: octets };
}

/** RFC 9110 §13.1.2: compared weakly. */
function isKnown(request: HttpRequest, etag: string): boolean {
  const known = request.header('if-none-match');
  if (known === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  const strong = (tag: string): string => tag.trim().replace(/^W\//, '');
  return known.trim() === '*' || known.split(',').some((tag) => strong(tag) === strong(etag));
}

export interface SendingOptions {
  /** How long a client may take nothing while something waits for it, milliseconds. */
  readonly stallMs: number;
  /** Resolves when nothing more of the request is to be waited for; the answer is with the client by then. */
  readonly beforeEnd: (() => Promise<void>) | undefined;
  readonly onOctets: (octets: number) => void;
}

/**
 * Resolves when the last octet is with the kernel, or the client is gone. Rejects with what the body's iteration does,
 * the connection torn then, so that nobody takes a part for the whole.
 */
export async function sendAnswer(
  response: ServerResponse,
  { status, headers, body }: WireAnswer,
  { stallMs, beforeEnd, onOctets }: SendingOptions,
): Promise<void> {
  // A source may turn out shorter than it said.
  response.strictContentLength = true;
  response.writeHead(status, headers as Record<string, string>);
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    onOctets(Number(headers['content-length'] ?? 0));
    if (beforeEnd === undefined) {
      // One system call, as a rule.
      response.end(body);
    } else {
      if (body === undefined || body.length === 0) response.flushHeaders();
      else response.write(body);
      await beforeEnd();
      // Whose client is gone by then takes nothing: what was written was not counted, and to end it would be to have lied.
      if (!response.destroyed) response.end();
    }
    if (response.writableFinished || response.closed) return;
    hangUpOnStall(response, stallMs);
    return isClosed(response);
  }

  if (response.req.method === 'HEAD') {
    await body[Symbol.asyncIterator]().return?.();
    response.end();
    return;
  }
  response.flushHeaders();
  hangUpOnStall(response, stallMs);
  try {
    for await (const chunk of body) {
      if (response.closed) return;
      onOctets(chunk.length);
      if (chunk.length > 0 && !response.write(chunk)) await canTakeMore(response);
    }
    await beforeEnd?.();
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
  if (!response.closed) await isClosed(response);
}

/** The socket's timer counts octets taken as signs of life; one without anything to take may be silent for as long as it likes. */
function hangUpOnStall(response: ServerResponse, stallMs: number): void {
  const { socket } = response;
  response.setTimeout(stallMs, () => {
    if (socket !== null && socket.writableLength > 0) socket.destroy();
  });
}

function isClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => void response.once('close', () => resolve()));
}

function canTakeMore(response: ServerResponse): Promise<void> {
  if (response.closed || !response.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
