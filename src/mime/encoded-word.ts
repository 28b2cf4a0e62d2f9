/**
 * RFC 2047 in both directions, for text as mailers write it: characters split between words, blanks and question
 * marks inside words, missing ends, raw octets beside words.
 */
import { isUtf8 } from 'node:buffer';
import { decodeText, type CharsetHints } from './charset.ts';
import { looksLikeUtf8Text } from './charset-detection.ts';
import { hasHighOctet, toOctets } from './octets.ts';

/** One `=?charset?encoding?data?=`, by position in its text. */
export interface EncodedWord {
  readonly charset: string;
  /** `b` or `q`. */
  readonly encoding: 'b' | 'q';
  readonly data: string;
  /** One past the closing `?=`. */
  readonly end: number;
}

const CHARSET_MAX = 60;
/** Characters of one word; RFC 2047 says 75. Without a bound, words that never end would make decoding quadratic. */
const WORD_MAX = 8192;

/** The encoded word that begins at `position` with `=?`, if one does. */
export function matchEncodedWord(text: string, position: number): EncodedWord | undefined {
  const charsetStart = position + 2;
  const charsetEnd = text.indexOf('?', charsetStart);
  if (charsetEnd === -1 || charsetEnd === charsetStart || charsetEnd - charsetStart > CHARSET_MAX) return undefined;
  for (let i = charsetStart; i < charsetEnd; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code > 0x7e || code === 0x3d) return undefined;
  }
  const letter = text.charCodeAt(charsetEnd + 1) | 0x20;
  if ((letter !== 0x62 && letter !== 0x71) || text.charCodeAt(charsetEnd + 2) !== 0x3f) return undefined;
  const encoding = letter === 0x62 ? 'b' : 'q';
  const dataStart = charsetEnd + 3;
  const rest = text.slice(dataStart, dataStart + WORD_MAX);
  const [dataLength, wordLength] = findWordEnd(rest, encoding);
  // RFC 2231 §5: a language may follow the charset.
  const [charset = ''] = text.slice(charsetStart, charsetEnd).split('*', 1);
  return { charset, encoding, data: rest.slice(0, dataLength), end: dataStart + wordLength };
}

/**
 * How long the data and how long the word is. Without `?=` it goes on to the next word or to the end. Looks from one
 * question mark to the next, never far ahead, so that words that never end cost linear time.
 */
function findWordEnd(rest: string, encoding: 'b' | 'q'): [number, number] {
  for (let mark = rest.indexOf('?'); mark !== -1; mark = rest.indexOf('?', mark + 1)) {
    if (mark > 0 && rest[mark - 1] === '=' && startsWord(rest, mark - 1)) return [mark - 1, mark - 1];
    const isEnd = rest[mark + 1] === '=';
    // Base64 has no question marks: its `=` is missing.
    if (encoding === 'b') return [mark, isEnd ? mark + 2 : mark + 1];
    if (isEnd && !(isHexPair(rest, mark + 2) && endsLater(rest, mark + 2))) return [mark, mark + 2];
  }
  if (encoding === 'q') return [rest.length, rest.length];
  // Cut short: base64 ends at the first character that cannot be of it.
  let last = 0;
  while (last < rest.length && isBase64Code(rest.charCodeAt(last))) last++;
  return [last, last];
}

/** `?=41?=`: a raw question mark before an escape, when the word does end later and before any blank. */
function endsLater(rest: string, from: number): boolean {
  const later = rest.indexOf('?=', from);
  return later !== -1 && !/[ \t]/.test(rest.slice(from, later));
}

function isBase64Code(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x2f && code <= 0x39) || code === 0x2b || code === 0x3d;
}

/** `=?charset?b?` at a position, without looking for its end. */
function startsWord(text: string, position: number): boolean {
  return /^=\?[^?\s=]{1,60}\?[bq]\?/i.test(text.slice(position, position + CHARSET_MAX + 8));
}

function isHexPair(text: string, position: number): boolean {
  return hexValue(text.charCodeAt(position)) >= 0 && hexValue(text.charCodeAt(position + 1)) >= 0;
}

/** The value of a hexadecimal digit's character code, or -1. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * The text of an unstructured header value for people: encoded words and raw octets decoded, control characters gone.
 * A string argument is a binary string (as HeaderFields gives it); characters above U+00FF stay as they are.
 */
export function decodeHeaderText(value: string | Uint8Array, hints: CharsetHints = {}): string {
  const raw = typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
  const once = decodeWords(raw.includes('\n') ? raw.replace(/\r?\n[ \t]*/g, ' ') : raw, hints);
  // Some relays encode what is encoded already.
  const text = once !== raw && once.startsWith('=?') && once.endsWith('?=') ? decodeWords(once, hints) : once;
  return cleanText(text);
}

/** White space controls become blanks, other control characters vanish. */
export function cleanText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) {
      return text.replace(/[\t\n\v\f\r\x85]+/g, ' ').replace(/[\x00-\x1f\x7f-\x9f]/g, '');
    }
  }
  return text;
}

/** Adjacent words of one charset, whose octets belong together: a character may be split between them. */
interface Pending {
  charset: string;
  octets: Buffer[];
  /** Base64 not yet decoded, because its length is no multiple of four: the next word may go on with it. */
  base64: string;
}

function decodeWords(raw: string, hints: CharsetHints): string {
  let start = raw.indexOf('=?');
  if (start === -1) return decodeRawText(raw, hints);
  let text = '';
  let plainStart = 0;
  let pending: Pending | undefined;
  while (start !== -1) {
    const word = matchEncodedWord(raw, start);
    if (word === undefined) {
      start = raw.indexOf('=?', start + 2);
      continue;
    }
    const between = raw.slice(plainStart, start);
    const charset = word.charset.toLowerCase();
    // RFC 2047 §6.2: white space between adjacent words is not displayed.
    const adjacent = pending !== undefined && isBlank(between);
    if (!adjacent || pending!.charset !== charset) {
      if (pending !== undefined) text += flush(pending, hints);
      pending = { charset, octets: [], base64: '' };
      if (!adjacent) text += decodeRawText(between, hints);
    }
    addWord(pending!, word);
    plainStart = word.end;
    start = raw.indexOf('=?', word.end);
  }
  if (pending !== undefined) text += flush(pending, hints);
  return text + decodeRawText(raw.slice(plainStart), hints);
}

function isBlank(text: string): boolean {
  return text.length === 0 || text.trim().length === 0;
}

function addWord(pending: Pending, word: EncodedWord): void {
  if (word.encoding === 'q') {
    settleBase64(pending);
    pending.octets.push(decodeQ(word.data));
    return;
  }
  const data = pending.base64 + word.data.replace(/[^A-Za-z0-9+/=]/g, '');
  pending.base64 = data;
  if (data.length % 4 === 0 || data.endsWith('=')) settleBase64(pending);
}

function settleBase64(pending: Pending): void {
  if (pending.base64 === '') return;
  pending.octets.push(Buffer.from(pending.base64, 'base64'));
  pending.base64 = '';
}

function flush(pending: Pending, hints: CharsetHints): string {
  settleBase64(pending);
  const [first] = pending.octets;
  return decodeText(pending.octets.length === 1 ? first! : Buffer.concat(pending.octets), pending.charset, hints);
}

/** RFC 2047 §4.2: `_` is a blank, `=XX` an octet; anything else stands for itself. */
function decodeQ(data: string): Buffer {
  const out = Buffer.allocUnsafe(data.length);
  let length = 0;
  for (let i = 0; i < data.length; i++) {
    const code = data.charCodeAt(i);
    if (code === 0x5f) out[length++] = 0x20;
    else if (code === 0x3d && isHexPair(data, i + 1)) {
      out[length++] = hexValue(data.charCodeAt(i + 1)) * 16 + hexValue(data.charCodeAt(i + 2));
      i += 2;
    } else out[length++] = code;
  }
  return out.subarray(0, length);
}

/** A binary string without encoded words: its raw octets decoded, each run by itself where one reading does not fit all. */
export function decodeRawText(raw: string, hints: CharsetHints = {}): string {
  if (!hasHighOctet(raw)) return raw;
  // Already text: a caller passed what was decoded.
  if (/[^\x00-\xff]/.test(raw)) return raw;
  const octets = toOctets(raw);
  if (!isUtf8(octets) && /[ \t]/.test(raw)) {
    const runs = raw.split(/([ \t]+)/);
    const isUtf8Run = (run: string): boolean => {
      const runOctets = toOctets(run);
      return isUtf8(runOctets) && looksLikeUtf8Text(runOctets);
    };
    if (runs.some((run) => hasHighOctet(run) && isUtf8Run(run))) {
      return runs.map((run) => (hasHighOctet(run) ? decodeText(toOctets(run), undefined, hints) : run)).join('');
    }
  }
  return decodeText(octets, undefined, hints);
}

/** RFC 2047 §2: an encoded word has 75 characters at most: 63 of base64 after `=?UTF-8?B?` and before `?=`, so 45 octets. */
const WORD_OCTETS = 45;

/**
 * The value of an unstructured field (or a phrase) in ASCII: as it is, or as UTF-8 B words of at most 75 characters
 * with a blank between them, split at code points. Line ends and other controls in `text` do not survive.
 */
export function encodeHeaderText(text: string): string {
  const clean = cleanText(text);
  if (/^[\x20-\x7e]*$/.test(clean) && !clean.includes('=?')) return clean;
  const words: string[] = [];
  let chunk = '';
  let chunkOctets = 0;
  const close = (): void => {
    if (chunk !== '') words.push(`=?UTF-8?B?${Buffer.from(chunk).toString('base64')}?=`);
    chunk = '';
    chunkOctets = 0;
  };
  for (const character of clean) {
    const octets = Buffer.byteLength(character);
    if (chunkOctets + octets > WORD_OCTETS) close();
    chunk += character;
    chunkOctets += octets;
  }
  close();
  return words.join(' ');
}
