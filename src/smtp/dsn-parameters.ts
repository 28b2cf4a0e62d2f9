/** The values of the DSN parameters: xtext, NOTIFY, ORCPT, RET, ENVID (RFC 3461 §4, RFC 6533 §3). Pure. */
import { MAX_ENVID_CHARS, MAX_ORCPT_CHARS } from './limits.ts';
import type { ForwardPath } from './receiver.ts';

/** Decodes xtext (RFC 3461 §4: `+2B` is a plus); undefined if it is none. */
export function decodeXtext(text: string): string | undefined {
  if (!/^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})*$/.test(text)) return undefined;
  return text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Encodes printable ASCII as xtext, for those who send it on. */
export function encodeXtext(text: string): string {
  return text.replace(/[^\x21-\x2a\x2c-\x3c\x3e-\x7e]/g, (char) => {
    return `+${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

/** ENVID, decoded; undefined if it is too long or not printable ASCII. */
export function parseEnvid(value: string): string | undefined {
  if (value.length > MAX_ENVID_CHARS) return undefined;
  const envid = decodeXtext(value);
  return envid !== undefined && /^[\x20-\x7e]+$/.test(envid) ? envid : undefined;
}

type Notify = NonNullable<ForwardPath['dsn']['notify']>;
const NOTIFY_WORDS: ReadonlySet<string> = new Set(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'] satisfies Notify[number][]);

/** NOTIFY: NEVER alone, or some of the others, each once. */
export function parseNotify(value: string): Notify | undefined {
  const words = value.toUpperCase().split(',');
  if (words.length > 1 && words.includes('NEVER')) return undefined;
  if (new Set(words).size !== words.length || !words.every((word) => NOTIFY_WORDS.has(word))) return undefined;
  return words as unknown as Notify;
}

/** ORCPT decoded, as `rfc822;a@b` or `utf-8;张三@例え.jp`; undefined if it is malformed. */
export function parseOrcpt(value: string): string | undefined {
  if (value.length > MAX_ORCPT_CHARS) return undefined;
  const semicolon = value.indexOf(';');
  const type = value.slice(0, Math.max(semicolon, 0)).toLowerCase();
  const encoded = value.slice(semicolon + 1);
  if (!/^[a-z0-9-]+$/.test(type) || encoded === '') return undefined;
  const address = type === 'utf-8' ? decodeUtf8Address(encoded) : decodeXtext(encoded);
  if (address === undefined || /\p{Cc}/u.test(address)) return undefined;
  return `${type};${address}`;
}

/** Writes ORCPT for who passes it on; without `utf8` the utf-8 type's characters are escaped (RFC 6533 §3). */
export function encodeOrcpt(orcpt: string, options: { readonly utf8: boolean }): string {
  const semicolon = orcpt.indexOf(';');
  const type = orcpt.slice(0, Math.max(semicolon, 0)).toLowerCase();
  const address = orcpt.slice(semicolon + 1);
  if (type !== 'utf-8') return `${type};${encodeXtext(address)}`;
  const escaped = options.utf8 ? /[\\+=\p{Cc} ]/gu : /[\\+=]|[^\x21-\x7e]/gu;
  return `${type};${address.replace(escaped, (char) => {
    return `\\x{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`;
  })}`;
}

/** RFC 6533 §3: `\x{5F20}` for a character, or the characters themselves. */
function decodeUtf8Address(text: string): string | undefined {
  let isGood = true;
  const decoded = text.replace(/\\x\{([0-9A-F]{2,6})\}|[\\+=]/g, (match, hex: string | undefined) => {
    const code = hex === undefined ? -1 : Number.parseInt(hex, 16);
    // A literal + or = is encoded too; surrogates are no characters.
    if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      isGood = false;
      return match;
    }
    return String.fromCodePoint(code);
  });
  return isGood ? decoded : undefined;
}
