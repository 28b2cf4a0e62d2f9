/**
 * Octets to text by charset label, for mail as it is: labels may be missing, misspelt or untrue. Knows charsets
 * only, nothing of MIME syntax. Nothing here throws.
 *
 * Measured on Node 26 (ICU 78; charset.test.ts repeats each measurement):
 * - TextDecoder "gb18030" has the 2022 mappings and reads every gb2312, gbk and cp936 text (A2E3 is €, 80 is €).
 *   "gbk" was wrong on Node 20 and agrees now; gb18030 is used for all gb* labels all the same.
 * - TextDecoder "big5" puts Hong Kong characters and C6A1 (①) into the private use area: iconv-lite's big5-hkscs is used.
 * - cp936, cp949, cp950, utf-7, hz-gb-2312, iso-2022-cn, iso-2022-kr, euc-tw are refused: aliases, iconv-lite or
 *   decoders of our own.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { decodeEucTw, decodeIso2022Cn, raiseHz, raiseIso2022Kr } from './chinese-encodings.ts';
import { detectCharset, isUtf8Start, looksLikeUtf8Text, type DetectionHints } from './charset-detection.ts';
import { LIMITS } from './limits.ts';
import { asBuffer } from './octets.ts';

/** What is known about a text besides its own label. */
export interface CharsetHints {
  /** A charset label found elsewhere in the same message: the body's, for a header without one. */
  readonly sibling?: string | undefined;
  /** BCP 47 locale of the people who read the mail; `zh-CN` when absent. */
  readonly locale?: string | undefined;
}

const UTF_8 = /^(?:utf[-_]?8.*|unicode-1-1-utf-8|x-utf-?8|(?:cp)?65001|al32utf8)$/;
const GB =
  /^(?:(?:x-|cs)?gb.*|(?:x-)?euc-?cn|(?:cp|ms|windows-|x-cp)?936|chinese|csiso58gb231280|iso-ir-58|simplified.*)$/;
const HZ = /^(?:x-)?hz(?:-gb-?2312|gb2312)?$/;
const BIG5 = /^(?:(?:x-|cn-|cs)?big-?5.*|(?:x-)?(?:cp|ms|windows-|x-windows-)?950|traditional.*)$/;
const ASCII = /^(?:us-?ascii|ascii|ansi_x3\.4-19\d\d|iso-?646.*|646|us|iso-ir-6|cp367|ibm367)$/;
const NONE =
  /^(?:|none|default|binary|(?:x-)?(?:unknown|user-defined|undefined).*|8-?bit|7-?bit|ansi|nil|null|false|true|charset|text|plain|iso|\?+)$/;

const OTHER: Readonly<Record<string, string>> = {
  cp949: 'euc-kr',
  ms949: 'euc-kr',
  'windows-949': 'euc-kr',
  uhc: 'euc-kr',
  ks_c_5601: 'euc-kr',
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  'windows-932': 'shift_jis',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-3': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  'iso-2022-cn': 'iso-2022-cn',
  'iso-2022-cn-ext': 'iso-2022-cn',
  csiso2022cn: 'iso-2022-cn',
  'iso-2022-kr': 'iso-2022-kr',
  csiso2022kr: 'iso-2022-kr',
  'euc-tw': 'euc-tw',
  euctw: 'euc-tw',
  'x-euc-tw': 'euc-tw',
  cseuctw: 'euc-tw',
  'utf-7': 'utf-7',
  utf7: 'utf-7',
  'unicode-1-1-utf-7': 'utf-7',
  'x-unicode-2-0-utf-7': 'utf-7',
  'utf-16': 'utf-16',
  utf16: 'utf-16',
  unicode: 'utf-16',
  'latin-1': 'windows-1252',
  macroman: 'macintosh',
  'x-mac-roman': 'macintosh',
};

/** iconv-lite calls these encodings too, but they are no charsets. */
const NOT_CHARSETS = new Set(['base64', 'hex', 'internal', 'ucs2', 'binary', 'singlebyte', 'dbcs', 'utf16codec']);

/** Labels seen, so that each is resolved once. Bounded: labels come from hostile mail. */
const resolved = new Map<string, string | undefined>();
const RESOLVED_MAX = 500;

/** The canonical name of a label as it stands in mail; undefined when it says nothing or is not known. */
export function resolveCharset(label: string): string | undefined {
  if (resolved.has(label)) return resolved.get(label);
  const name = findCharset(label);
  if (label.length <= LIMITS.charsetLabelChars) {
    if (resolved.size >= RESOLVED_MAX) resolved.clear();
    // A copy: the label may be a slice that would keep a whole header in memory.
    resolved.set(Buffer.from(label).toString(), name);
  }
  return name;
}

function findCharset(label: string): string | undefined {
  const [clean = ''] = label
    .slice(0, LIMITS.charsetLabelChars)
    .toLowerCase()
    .replace(/^[\s"'_=:]+/, '')
    .replace(/^charset\s*=\s*["']?/, '')
    .split(/["';,\s$(*?]/, 1);
  const name = clean.replace(/[-_.]+$/, '');
  if (NONE.test(name)) return undefined;
  if (UTF_8.test(name)) return 'utf-8';
  if (ASCII.test(name)) return 'us-ascii';
  if (HZ.test(name)) return 'hz';
  if (GB.test(name)) return 'gb18030';
  if (BIG5.test(name)) return 'big5';
  if (Object.hasOwn(OTHER, name)) return OTHER[name];
  for (const candidate of [name, name.replace(/^x-/, ''), name.replace(/^iso_?-?8859[-_]?/, 'iso-8859-')]) {
    try {
      return new TextDecoder(candidate).encoding;
    } catch {
      // Not a WHATWG label: iconv-lite may have it.
    }
  }
  return !NOT_CHARSETS.has(name) && iconv.encodingExists(name) ? name : undefined;
}

const decoders = new Map<string, TextDecoder>();

function textDecoder(name: string): TextDecoder | undefined {
  let decoder = decoders.get(name);
  if (decoder === undefined) {
    try {
      decoder = new TextDecoder(name);
    } catch {
      return undefined;
    }
    decoders.set(name, decoder);
  }
  return decoder;
}

function decodeGb18030(octets: Uint8Array): string {
  return textDecoder('gb18030')!.decode(octets);
}

/** Decodes by a canonical name of resolveCharset; what is malformed becomes U+FFFD. */
function decodeAs(octets: Uint8Array, name: string): string {
  switch (name) {
    case 'utf-8':
      return stripMark(asBuffer(octets).toString('utf8'));
    case 'us-ascii':
      return textDecoder('windows-1252')!.decode(octets);
    case 'big5':
      return iconv.decode(asBuffer(octets), 'big5-hkscs');
    case 'hz':
      return decodeGb18030(raiseHz(octets));
    case 'iso-2022-cn':
      return decodeIso2022Cn(octets);
    case 'iso-2022-kr':
      return textDecoder('euc-kr')!.decode(raiseIso2022Kr(octets));
    case 'euc-tw':
      return decodeEucTw(octets);
    case 'utf-16':
      return textDecoder(isBigEndian(octets) ? 'utf-16be' : 'utf-16le')!.decode(octets);
  }
  // iconv-lite's takes microseconds for each shift.
  if (name.startsWith('utf-7')) return iconv.decode(asBuffer(octets).subarray(0, LIMITS.utf7Bytes), name);
  const decoder = textDecoder(name);
  return decoder === undefined ? iconv.decode(asBuffer(octets), name) : decoder.decode(octets);
}

/** The byte order mark is no part of the text. */
function stripMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** RFC 2781 §4.3 says big-endian without a mark; what is sent unmarked is mostly little-endian, so the zeros decide. */
function isBigEndian(octets: Uint8Array): boolean {
  if (octets[0] === 0xfe && octets[1] === 0xff) return true;
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < Math.min(octets.length, 512); i += 2) {
    if (octets[i] === 0) even++;
    if (octets[i + 1] === 0) odd++;
  }
  return even > odd;
}

/** Encodings in which octets below 0x80 need not be ASCII. */
const NOT_ASCII_COMPATIBLE = new Set([
  'hz',
  'iso-2022-cn',
  'iso-2022-kr',
  'iso-2022-jp',
  'utf-7',
  'utf-7-imap',
  'utf-16',
  'utf-16le',
  'utf-16be',
  'utf-32',
  'utf-32le',
  'utf-32be',
]);

/** Labels that writers put on anything. */
const CARELESS = new Set(['us-ascii', 'windows-1252', 'iso-8859-15']);
const MULTIBYTE = new Set(['gb18030', 'big5', 'euc-kr', 'shift_jis', 'euc-jp']);

function detectionHints(hints: CharsetHints): DetectionHints {
  return {
    sibling: hints.sibling === undefined ? undefined : resolveCharset(hints.sibling),
    locale: hints.locale ?? 'zh-CN',
  };
}

/**
 * The text of `octets`. `label` is the charset as the mail states it, if it does. A label is believed unless the
 * octets refute it: then, and without one, the charset is detected.
 */
export function decodeText(octets: Uint8Array, label?: string, hints: CharsetHints = {}): string {
  if (octets.length === 0) return '';
  const name = label === undefined ? undefined : resolveCharset(label);
  try {
    return decodeAs(octets, chooseCharset(octets, name, hints));
  } catch {
    // A decoder's own limit (a text too long for a string); what is lost is one part's text.
    return asBuffer(octets).toString('latin1', 0, LIMITS.extractPartBytes);
  }
}

/** The canonical charset to decode by: the one named, unless the octets refute it. */
function chooseCharset(octets: Uint8Array, name: string | undefined, hints: CharsetHints): string {
  if (name !== undefined && NOT_ASCII_COMPATIBLE.has(name)) return name;
  if (isAscii(octets)) {
    return name === undefined || name === 'us-ascii'
      ? detectCharset(octets, detectionHints(hints), 'us-ascii')
      : 'us-ascii';
  }
  if (name === undefined || CARELESS.has(name)) {
    return detectCharset(octets, detectionHints(hints), name ?? 'windows-1252');
  }
  if (name === 'utf-8') {
    if (isUtf8Start(octets)) return name;
    const detected = detectCharset(octets, detectionHints(hints), name);
    // Broken UTF-8 (one octet lost, cut short) is far more common than Latin-1 under this label.
    return MULTIBYTE.has(detected) && !isMostlyUtf8(octets) ? detected : name;
  }
  // A body converted on its way whose label was not: whole runs of three-octet sequences are no accident.
  if (MULTIBYTE.has(name) && isUtf8Start(octets) && looksLikeUtf8Text(octets)) return 'utf-8';
  return name;
}

function isMostlyUtf8(octets: Uint8Array): boolean {
  const sample = textDecoder('utf-8')!.decode(octets.subarray(0, LIMITS.detectionBytes));
  let faults = 0;
  let others = 0;
  for (const character of sample) {
    if (character === '\ufffd') faults++;
    else if (character > '\x7f') others++;
  }
  return others > 2 * faults;
}

/** Whether `label` names a charset that decodeText and decodeSearchKey can read. */
export function isKnownCharset(label: string): boolean {
  return resolveCharset(label) !== undefined;
}

/**
 * The text of an IMAP SEARCH string (RFC 9051 §6.4.4). Without a charset it is UTF-8, or what it shows itself to be
 * when it is not valid UTF-8. Undefined when the charset is not known: the answer is then NO [BADCHARSET].
 */
export function decodeSearchKey(octets: Uint8Array, charset: string | undefined): string | undefined {
  if (charset === undefined) return decodeAs(octets, isUtf8(octets) ? 'utf-8' : chooseCharset(octets, undefined, {}));
  const name = resolveCharset(charset);
  if (name === undefined) return undefined;
  // Clients that say US-ASCII and send UTF-8 mean UTF-8.
  try {
    return decodeAs(octets, name === 'us-ascii' && isUtf8(octets) ? 'utf-8' : name);
  } catch {
    return undefined;
  }
}
