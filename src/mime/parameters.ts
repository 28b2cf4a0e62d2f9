/**
 * Content-Type and Content-Disposition values: the value and its parameters (RFC 2045 §5.1, RFC 2231), read as
 * forgivingly as mailers write them. What a parameter means is for others.
 */
import { isUtf8 } from 'node:buffer';
import { decodeText, type CharsetHints } from './charset.ts';
import { decodeHeaderText, decodeRawText, hexValue } from './encoded-word.ts';
import { LIMITS } from './limits.ts';
import { hasHighOctet, toOctets, truncateText } from './octets.ts';

export interface ParameterisedValue {
  /** Before the first `;`, trimmed, lower case, without comments. */
  readonly value: string;
  /** Names lower case, values decoded, in order of first appearance. */
  readonly params: Record<string, string>;
  /** The boundary parameter as it stands on the wire (a binary string): it is compared with octets. */
  readonly boundary?: string;
}

/** Parses a field value given as a binary string. Never throws; what cannot be read is left out. */
export function parseParameters(whole: string, hints: CharsetHints = {}): ParameterisedValue {
  const raw = whole.slice(0, LIMITS.parameterFieldBytes);
  const high = hasHighOctet(raw);
  // Decoded before it is split: the second octet of a GBK character may be `\`.
  const text = high ? decodeRawText(raw, hints) : raw;
  const separator = text.indexOf(';');
  const value = stripComments(separator === -1 ? text : text.slice(0, separator)).toLowerCase();
  if (separator === -1) return { value, params: {} };
  const list = splitParameters(text, separator);
  const params = combineParameters(list, hints);
  const rawList = high ? splitParameters(raw, raw.indexOf(';')) : list;
  const boundary = rawList.find(([name]) => name === 'boundary')?.[1] ?? params['boundary'];
  return boundary === undefined ? { value, params } : { value, params, boundary };
}

/** `text` without (comments), trimmed. An unclosed comment goes to the end. */
export function stripComments(text: string): string {
  if (!text.includes('(')) return text.trim();
  let out = '';
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (depth === 0) out += character;
  }
  return out.trim();
}

/** The `name=value` pairs after the `;` at `separator`, undecoded, quoting removed. */
function splitParameters(text: string, separator: number): [string, string][] {
  const list: [string, string][] = [];
  let position = separator + 1;
  // Looked for again only when passed: else a value of semicolons alone would take quadratic time.
  let equals = text.indexOf('=', position);
  let semicolon = text.indexOf(';', position);
  while (position < text.length && list.length < LIMITS.parameters) {
    position = skipBlanks(text, position);
    if (text[position] === ';') {
      position++;
      continue;
    }
    if (equals < position) equals = text.indexOf('=', position);
    if (equals === -1) break;
    if (semicolon !== -1 && semicolon < position) semicolon = text.indexOf(';', position);
    if (semicolon !== -1 && semicolon < equals) {
      position = semicolon + 1;
      continue;
    }
    const name = stripComments(text.slice(position, Math.min(equals, position + 200))).toLowerCase();
    position = skipBlanks(text, equals + 1);
    const [value, next] = text[position] === '"' ? readQuoted(text, position) : readToken(text, position, name);
    if (/^[!-~]+$/.test(name) && name !== '__proto__') list.push([name, value]);
    position = next;
  }
  return list;
}

function skipBlanks(text: string, position: number): number {
  let i = position;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i++;
  return i;
}

/**
 * A quoted string that begins at `start`. A quote ends it only where an end can be: before `;`, the end, or another
 * parameter; so `"a "b" c.doc"` keeps its inner quotes. Without a closing quote the rest is the value.
 */
function readQuoted(text: string, start: number): [string, number] {
  let value = '';
  let from = start + 1;
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) {
      const escaped = text[i + 1];
      // A backslash before anything but a quote or itself is a Windows path, not an escape.
      if (escaped === '"' || escaped === '\\') {
        value += text.slice(from, i);
        from = i + 1;
        i++;
      }
    } else if (code === 0x22) {
      const next = skipBlanks(text, i + 1);
      if (next >= text.length || text[next] === ';' || text[next] === '(' || startsParameter(text, next, i + 1)) {
        return [value + text.slice(from, i), next];
      }
    }
  }
  return [(value + text.slice(from)).trimEnd(), text.length];
}

/** `name=` at `next` after a blank: the semicolon was forgotten. */
function startsParameter(text: string, next: number, afterQuote: number): boolean {
  return next > afterQuote && /^[a-z][a-z0-9-]{0,30}\*?(?:[0-9]+\*?)?=/i.test(text.slice(next, next + 40));
}

/** An unquoted value up to `;`; file names may have blanks, others end at a comment. */
function readToken(text: string, start: number, name: string): [string, number] {
  const semicolon = text.indexOf(';', start);
  const end = semicolon === -1 ? text.length : semicolon;
  const value = text.slice(start, end);
  return [name.startsWith('name') || name.startsWith('filename') ? value.trim() : stripComments(value), end];
}

/** One `name*N*` segment (RFC 2231 §3). */
interface Segment {
  readonly index: number;
  readonly extended: boolean;
  readonly value: string;
}

function combineParameters(list: readonly [string, string][], hints: CharsetHints): Record<string, string> {
  const plain: Record<string, string> = {};
  const segmented = new Map<string, Segment[]>();
  for (const [name, value] of list) {
    const match = /^([^*]+)(?:\*([0-9]{1,4}))?(\*)?$/.exec(name);
    if (match === null) continue;
    const [, base = '', index, star] = match;
    if (index === undefined && star === undefined) {
      if (!Object.hasOwn(plain, base)) plain[base] = decodeValue(base, value, hints);
      continue;
    }
    if (base === '__proto__') continue;
    const segments = segmented.get(base);
    const segment = { index: Number(index ?? 0), extended: star !== undefined, value };
    if (segments === undefined) segmented.set(base, [segment]);
    else segments.push(segment);
    // Keeps the place of the first appearance.
    plain[base] ??= '';
  }
  for (const [base, segments] of segmented) {
    const value = joinSegments(segments, hints);
    if (value !== '' || plain[base] === '') plain[base] = truncateText(value, LIMITS.parameterChars);
  }
  return plain;
}

function decodeValue(name: string, value: string, hints: CharsetHints): string {
  const text = name !== 'boundary' && value.includes('=?') ? decodeHeaderText(value, hints) : value;
  return truncateText(text, LIMITS.parameterChars);
}

/** RFC 2231 §3, §4: segments in order of number; the first extended one begins with charset'language'. */
function joinSegments(segments: Segment[], hints: CharsetHints): string {
  segments.sort((a, b) => a.index - b.index);
  let charset: string | undefined;
  const octets: Buffer[] = [];
  let plainOnly = true;
  for (const [place, segment] of segments.entries()) {
    let { value } = segment;
    if (segment.extended) {
      plainOnly = false;
      if (place === 0) {
        const match = /^([^']*)'[^']*'/.exec(value.slice(0, 200));
        if (match !== null) {
          charset = match[1];
          value = value.slice(match[0].length);
        }
      }
      octets.push(decodePercent(value));
    } else octets.push(textOctets(value));
  }
  const joined = Buffer.concat(octets);
  if (plainOnly) {
    // Continuations without extension, with encoded words cut anywhere.
    const text = isUtf8(joined) ? joined.toString('utf8') : joined.toString('latin1');
    return text.includes('=?') ? decodeHeaderText(text, hints) : decodeText(joined, undefined, hints);
  }
  return decodeText(joined, charset === '' ? undefined : charset, hints);
}

/** A segment's octets: the text was decoded already if it had raw octets, so they are UTF-8 now. */
function textOctets(text: string): Buffer {
  return hasHighOctet(text) ? Buffer.from(text, 'utf8') : toOctets(text);
}

/** `%XX` to octets; a `%` that begins no escape stands for itself. */
export function decodePercent(text: string): Buffer {
  const source = textOctets(text);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const octet = source[i]!;
    const high = octet === 0x25 ? hexValue(source[i + 1] ?? 0) : -1;
    const low = high >= 0 ? hexValue(source[i + 2] ?? 0) : -1;
    if (low >= 0) {
      source[length++] = high * 16 + low;
      i += 2;
    } else source[length++] = octet;
  }
  return source.subarray(0, length);
}
