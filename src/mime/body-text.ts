/**
 * Bodies: transfer decoding (RFC 2045 §6) tolerant of garbage, and the text of a message for searching. Bounded:
 * what lies beyond a limit is not read.
 */
import { decodeText, type CharsetHints } from './charset.ts';
import { decodeHeaderText, hexValue } from './encoded-word.ts';
import { parseHeader } from './header.ts';
import { htmlTextPieces } from './html-text.ts';
import { LIMITS } from './limits.ts';
import { asBuffer } from './octets.ts';
import type { MimePart } from './structure.ts';

/**
 * The decoded body of a part. `maxBytes` bounds the encoded octets that are read. The result may share memory with
 * `octets` (7bit, 8bit, binary).
 */
export function decodePart(octets: Uint8Array, part: MimePart, maxBytes: number = Number.POSITIVE_INFINITY): Buffer {
  const end = Math.min(part.bodyEnd, part.bodyStart + maxBytes);
  return decodeTransfer(asBuffer(octets).subarray(part.bodyStart, end), part.encoding);
}

/** Undoes a Content-Transfer-Encoding; one that is not known leaves the octets as they are. */
export function decodeTransfer(body: Buffer, encoding: string): Buffer {
  switch (encoding) {
    case 'base64':
    case 'b64':
    case 'b':
      return decodeBase64(body);
    case 'quoted-printable':
    case 'qp':
    case 'q':
      return decodeQuotedPrintable(body);
    case 'x-uuencode':
    case 'uuencode':
    case 'x-uue':
    case 'uue':
      return decodeUuencode(body);
    default:
      return body;
  }
}

const NO_BASE64 = 0xff;
/** By octet: RFC 4648 §4 and §5, as Buffer reads both. */
const BASE64_VALUES = new Uint8Array(256).fill(NO_BASE64);
for (const alphabet of ['+/', '-_']) {
  const characters = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`;
  for (let i = 0; i < 64; i++) BASE64_VALUES[characters.charCodeAt(i)] = i;
}

/** RFC 2045 §6.8: characters outside the alphabet are ignored. Pieces joined after their padding are all read. */
function decodeBase64(body: Buffer): Buffer {
  const text = body.toString('latin1');
  const padding = text.indexOf('=');
  if (padding === -1 || !hasBase64After(text, padding)) return Buffer.from(text, 'base64');
  return decodeBase64Pieces(body);
}

/** A call for each piece would cost microseconds, and a hostile body has millions of pieces. */
function decodeBase64Pieces(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil((body.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let bitCount = 0;
  for (const octet of body) {
    const value = BASE64_VALUES[octet]!;
    if (value === NO_BASE64) {
      if (octet === 0x3d) bitCount = 0;
      continue;
    }
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      out[length++] = (bits >> bitCount) & 0xff;
    }
  }
  return out.subarray(0, length);
}

function hasBase64After(text: string, padding: number): boolean {
  for (let i = padding; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x20 && code !== 0x3d) return true;
  }
  return false;
}

/** RFC 2045 §6.7. An `=` that begins no escape stands for itself, as §6.7's note suggests. */
function decodeQuotedPrintable(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  /** One past the last octet that is not blank: rule 3 drops blanks before a line end. */
  let solid = 0;
  for (let i = 0; i < body.length; i++) {
    const octet = body[i]!;
    if (octet === 0x3d) {
      const high = hexValue(body[i + 1] ?? 0);
      const low = high < 0 ? -1 : hexValue(body[i + 2] ?? 0);
      if (low >= 0) {
        out[length++] = high * 16 + low;
        solid = length;
        i += 2;
        continue;
      }
      const lineEnd = softBreakEnd(body, i + 1);
      if (lineEnd !== -1) {
        solid = length;
        i = lineEnd - 1;
        continue;
      }
      out[length++] = octet;
      solid = length;
    } else if (octet === 0x0a) {
      const hasCr = length > 0 && out[length - 1] === 0x0d;
      length = solid;
      if (hasCr) out[length++] = 0x0d;
      out[length++] = octet;
      solid = length;
    } else {
      out[length++] = octet;
      if (octet !== 0x20 && octet !== 0x09 && octet !== 0x0d) solid = length;
    }
  }
  return out.subarray(0, length);
}

/** One past the line end of a soft break whose `=` lies before `start`, or -1. The end of the body is one too. */
function softBreakEnd(body: Buffer, start: number): number {
  let i = start;
  while (body[i] === 0x20 || body[i] === 0x09) i++;
  if (i >= body.length) return i;
  if (body[i] === 0x0d && body[i + 1] === 0x0a) return i + 2;
  if (body[i] === 0x0a) return i + 1;
  return -1;
}

function decodeUuencode(body: Buffer): Buffer {
  const begin = body.indexOf('begin ');
  if (begin === -1) return body;
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  let line = body.indexOf(0x0a, begin) + 1;
  while (line > 0 && line < body.length) {
    const lineFeed = body.indexOf(0x0a, line);
    const end = lineFeed === -1 ? body.length : lineFeed;
    let count = (body[line]! - 0x20) & 0x3f;
    if (count === 0 || body.toString('latin1', line, line + 3) === 'end') break;
    for (let i = line + 1; count > 0 && i < end; i += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((n) => (i + n < end ? (body[i + n]! - 0x20) & 0x3f : 0)) as [
        number,
        number,
        number,
        number,
      ];
      if (count-- > 0) out[length++] = (a << 2) | (b >> 4);
      if (count-- > 0) out[length++] = ((b << 4) | (c >> 2)) & 0xff;
      if (count-- > 0) out[length++] = ((c << 6) | d) & 0xff;
    }
    line = lineFeed === -1 ? 0 : lineFeed + 1;
  }
  return out.subarray(0, length);
}

/**
 * The text of a text part as it is written: HTML stays HTML. `maxBytes` bounds the encoded octets that are read; a
 * character cut by it is left out.
 */
export function decodePartText(
  octets: Uint8Array,
  part: MimePart,
  hints: CharsetHints = {},
  maxBytes: number = LIMITS.extractPartBytes,
): string {
  const body = decodePart(octets, part, maxBytes);
  const label = part.params['charset'] ?? (part.subtype === 'html' ? findMetaCharset(body) : undefined);
  const text = decodeText(body, label, hints);
  return part.bodyEnd - part.bodyStart > maxBytes ? text.replace(/\ufffd{1,3}$/, '') : text;
}

/** The charset that HTML states of itself, near its beginning; only asked when the mail states none. */
function findMetaCharset(body: Buffer): string | undefined {
  const start = body.toString('latin1', 0, 2048);
  return /<meta\b[^>]{0,200}\bcharset\s{0,9}=\s{0,9}["']?([\w.:-]{2,40})/i.exec(start)?.[1];
}

/** What a search looks at, apart from the message's own header. */
export interface ExtractedText {
  /** `header`: Subject and addresses of an enclosed message, decoded. */
  readonly kind: 'text' | 'fileName' | 'header';
  readonly part: MimePart;
  readonly text: string;
}

export interface ExtractOptions extends CharsetHints {
  /** Encoded octets read of one part. */
  readonly maxPartBytes?: number;
  /** Encoded octets read of all parts. */
  readonly maxTotalBytes?: number;
}

/**
 * Yields the decoded text of every text part, attached ones and those of enclosed messages included, the file names,
 * and the headers of enclosed messages; in the order of the parts. The text of HTML comes in small pieces, some of them
 * empty, which belong together: a caller may let others have their turn between any two.
 */
export function* extractText(
  octets: Uint8Array,
  root: MimePart,
  options: ExtractOptions = {},
): Generator<ExtractedText> {
  const maxPartBytes = options.maxPartBytes ?? LIMITS.extractPartBytes;
  let bytesLeft = options.maxTotalBytes ?? LIMITS.extractTotalBytes;
  const waiting: MimePart[] = [root];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.fileName !== undefined) yield { kind: 'fileName', part, text: part.fileName };
    if (part.imapEnvelope !== undefined && part !== root)
      yield { kind: 'header', part, text: readEnclosedHeader(octets, part, options) };
    if (part.parts !== undefined) {
      for (let i = part.parts.length - 1; i >= 0; i--) waiting.push(part.parts[i]!);
    } else if (part.type === 'text' || (part.type === 'message' && part.subtype !== 'rfc822')) {
      const bytes = Math.min(maxPartBytes, bytesLeft, part.bodyEnd - part.bodyStart);
      if (bytes <= 0) continue;
      bytesLeft -= bytes;
      const text = decodePartText(octets, part, options, bytes);
      if (part.subtype !== 'html') yield { kind: 'text', part, text };
      else for (const piece of htmlTextPieces(text)) yield { kind: 'text', part, text: piece };
    }
  }
}

function readEnclosedHeader(octets: Uint8Array, part: MimePart, hints: CharsetHints): string {
  // Bounded at the part's end: a header is never read beyond its message.
  const headers = parseHeader(octets.subarray(0, part.bodyStart), part.headerStart);
  const names = ['subject', 'from', 'to', 'cc'];
  return names
    .map((name) => decodeHeaderText(headers.first(name)?.slice(0, 4096) ?? '', hints))
    .join('\n')
    .trim();
}
