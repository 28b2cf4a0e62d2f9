/**
 * Compresses what is text and whole, as the client likes it.
 *
 * Whoever can have a secret and a text of his own compressed together learns the secret from the sizes (BREACH): our
 * cookies are SameSite=Strict, so no other site can ask with them, and answers with secrets in them say `isCompressible: false`.
 * Streams of events are not compressed either: each would wait in the compressor for the next.
 */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { HTTP_LIMITS } from './limits.ts';

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

export type Encoding = 'br' | 'gzip';

/** RFC 9110 §12.5.3, as far as anybody uses it: what is named and not given the weight 0. */
export function chooseEncoding(accepted: string | undefined): Encoding | undefined {
  if (accepted === undefined) return undefined;
  const takes = (name: string): boolean =>
    accepted.split(',').some((item) => {
      const [coding = '', weight = ''] = item.split(';', 2);
      return coding.trim().toLowerCase() === name && !/^\s*q=0(\.0*)?\s*$/i.test(weight);
    });
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : undefined;
}

export function isText(contentType: string | undefined): boolean {
  return (
    contentType !== undefined &&
    /^(text\/(?!event-stream)|image\/svg\+xml|application\/([\w.-]+\+)?(json|javascript|xml)|application\/manifest\+json)/.test(
      contentType,
    )
  );
}

/** In libuv's threads. The levels cost some 20 ms a megabyte, and take four fifths of JSON off. */
export function compress(octets: Uint8Array, encoding: Encoding): Promise<Buffer> {
  return encoding === 'br'
    ? brotliAsync(octets, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: octets.length },
      })
    : gzipAsync(octets, { level: 5 });
}

export function isWorthCompressing(octets: number): boolean {
  return octets >= HTTP_LIMITS.compressFromBytes && octets <= HTTP_LIMITS.compressToBytes;
}
