/**
 * File names of attachments: which parameter gives the name, what of it is safe to show and to save under, and how a
 * name is written. The file system itself is unknown here.
 */
import { isAscii } from 'node:buffer';
import { decodeText, type CharsetHints } from './charset.ts';
import { encodeHeaderText } from './encoded-word.ts';
import { LIMITS } from './limits.ts';
import { decodePercent } from './parameters.ts';

/**
 * The name of a part, sanitised; undefined when it has none. `filename` of Content-Disposition comes before `name` of
 * Content-Type; RFC 2231 forms, encoded words and raw octets are decoded by parseParameters already.
 */
export function chooseFileName(
  dispositionParams: Readonly<Record<string, string>> | undefined,
  typeParams: Readonly<Record<string, string>> | undefined,
  hints: CharsetHints = {},
): string | undefined {
  for (const name of [
    dispositionParams?.['filename'],
    dispositionParams?.['name'],
    typeParams?.['name'],
    typeParams?.['filename'],
  ]) {
    if (name === undefined) continue;
    const safe = sanitiseFileName(decodePercentName(name, hints));
    if (safe !== undefined) return safe;
  }
  return undefined;
}

/** Some mailers write `filename="%E6%98%86.doc"`: read as escapes only when that yields text beyond ASCII. */
function decodePercentName(name: string, hints: CharsetHints): string {
  if (!/%[89a-f][0-9a-f]/i.test(name)) return name;
  const octets = decodePercent(name);
  if (isAscii(octets)) return name;
  return decodeText(octets, undefined, hints);
}

/** Control characters, bidi controls (U+202E turns gpj.exe into exe.jpg), zero-width characters, separators. */
const INVISIBLE =
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/i;

/** A name that is safe to show and to save under; undefined when nothing is left of it. */
export function sanitiseFileName(name: string): string | undefined {
  const text = name.toWellFormed().replace(INVISIBLE, '').normalize('NFC');
  const base = text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1);
  const safe = base
    .replace(/[<>:"|?*]/g, '_')
    .trim()
    .replace(/[. ]+$/, '');
  if (safe === '') return undefined;
  return shorten(DEVICE.test(safe) ? `_${safe}` : safe);
}

const EXTENSION_BYTES_MAX = 24;

/** Cuts the stem, not the extension, so that LIMITS.fileNameBytes hold it all. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= LIMITS.fileNameBytes) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= EXTENSION_BYTES_MAX ? name.slice(dot) : '';
  let room = LIMITS.fileNameBytes - Buffer.byteLength(extension);
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem.trimEnd() + extension;
}

/** Both ways of writing a file name; each begins after a `; `. */
export interface FileNameParameters {
  /** For Content-Type: `name="=?UTF-8?B?…?="`. */
  readonly contentType: string;
  /** For Content-Disposition: `filename*=UTF-8''…`. */
  readonly contentDisposition: string;
}

/**
 * RFC 2231 in Content-Disposition, and encoded words in Content-Type's `name`: QQ Mail and Outlook have shown
 * `tcmime.bin` and `ATT00001` for mail that had the first only.
 */
export function formatFileNameParameters(name: string): FileNameParameters {
  const safe = sanitiseFileName(name) ?? 'file';
  if (/^[\x20-\x7e]*$/.test(safe)) {
    const quoted = `"${safe}"`;
    return { contentType: `name=${quoted}`, contentDisposition: `filename=${quoted}` };
  }
  return {
    contentType: `name="${encodeHeaderText(safe)}"`,
    contentDisposition: `filename*=UTF-8''${encodeAttributeChars(safe)}`,
  };
}

/** RFC 2231 §7, RFC 8187: everything but attribute-char as %XX. */
function encodeAttributeChars(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
