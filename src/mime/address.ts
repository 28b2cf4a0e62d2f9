/**
 * Address fields (RFC 5322 §3.4 with the obsolete forms of §4.4), read forgivingly: what a person would take for an
 * address is one. Knows nothing of which field it reads.
 */
import type { CharsetHints } from './charset.ts';
import { cleanText, decodeHeaderText, decodeRawText, encodeHeaderText, matchEncodedWord } from './encoded-word.ts';
import { LIMITS } from './limits.ts';
import { truncateText } from './octets.ts';
import type { MailAddress } from './structure.ts';

/** One item of an address field, as IMAP's ENVELOPE wants them: groups are marked by a start and an end. */
export type AddressEntry =
  | {
      readonly kind: 'mailbox';
      /** The display name without quotes, encoded words as they stand. */
      readonly rawName: string | undefined;
      /** The display name (or, without one, the comment) decoded. */
      readonly name: string | undefined;
      /** Obsolete source route, `@a,@b`. */
      readonly route: string | undefined;
      /** Without quotes; '' when missing. */
      readonly localPart: string;
      /** '' when missing. */
      readonly domain: string;
      /** `localPart@domain` as it stands. */
      readonly email: string;
    }
  | { readonly kind: 'groupStart'; readonly rawName: string; readonly name: string }
  | { readonly kind: 'groupEnd' };

export interface AddressList {
  /** Every mailbox, those of groups included. */
  readonly addresses: readonly MailAddress[];
  readonly entries: readonly AddressEntry[];
}

const EMPTY_LIST: AddressList = { addresses: [], entries: [] };

/**
 * Parses an address field's value, given as a binary string (HeaderFields.first) or as text. Never throws: what cannot
 * be an address becomes one with an empty domain, so that nothing a person would see is lost.
 */
export function parseAddressList(value: string, hints: CharsetHints = {}): AddressList {
  if (value.trim() === '') return EMPTY_LIST;
  // Raw octets are decoded before the syntax is read: the second octet of a GBK character may be `@` or `\`.
  const text = decodeRawText(value, hints);
  const entries: AddressEntry[] = [];
  new AddressReader(text, hints, entries).readAll();
  const addresses: MailAddress[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'mailbox') continue;
    addresses.push(entry.name === undefined ? { email: entry.email } : { name: entry.name, email: entry.email });
  }
  return { addresses, entries };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Characters of a phrase and of what stands between angles, source route included. */
const PHRASE_MAX = 8192;
const DOMAIN_LITERAL_MAX = 260;
const ANGLE_MAX = 2048;

class AddressReader {
  readonly #text: string;
  readonly #hints: CharsetHints;
  readonly #entries: AddressEntry[];
  /** False inside a decoded word: what it yields is not decoded again. */
  readonly #mayDecode: boolean;
  #position = 0;
  #inGroup = false;
  /** What stands before `<` or the end of the item, comments left out. */
  #phrase = '';
  #phraseHasAt = false;
  /** Quotes, parentheses and angles that never close are looked at so often only: each look costs up to a kilobyte. */
  #straysLeft = 200;
  #comment: string | undefined;
  /** What stands between `<` and `>`. */
  #angle: string | undefined;

  constructor(text: string, hints: CharsetHints, entries: AddressEntry[], mayDecode = true) {
    this.#text = text;
    this.#hints = hints;
    this.#entries = entries;
    this.#mayDecode = mayDecode;
  }

  readAll(): void {
    const text = this.#text;
    while (this.#position < text.length && this.#entries.length < LIMITS.addresses) {
      const start = this.#position;
      const code = text.charCodeAt(start);
      switch (code) {
        case QUOTE:
          this.#position = this.#skipStray(start, skipQuoted);
          this.#append(text.slice(start, this.#position));
          break;
        case 0x28: {
          const end = this.#skipStray(start, skipComment);
          // The first comment that says something: `joe@x.example (Joe)`.
          this.#comment ||= text.slice(start + 1, text[end - 1] === ')' ? end - 1 : end);
          this.#append(' ');
          this.#position = end;
          break;
        }
        case 0x3c:
          this.#readAngle();
          break;
        case 0x5b: {
          // A domain literal may have colons; a `[list] name` is harmless to pass over too.
          const length = text.slice(start, start + DOMAIN_LITERAL_MAX).indexOf(']') + 1;
          const last = start + Math.max(length, 1);
          this.#append(text.slice(start, last));
          this.#position = last;
          break;
        }
        case 0x3e:
          // `<<a@b>>`
          this.#position++;
          break;
        case 0x2c:
          this.#finishMailbox();
          this.#position++;
          break;
        case 0x3b:
          this.#finishMailbox();
          this.#position++;
          if (this.#inGroup) this.#endGroup();
          break;
        case 0x3a:
          this.#position++;
          // What one encoded word holds may stand in a group already; groups do not nest (RFC 5322 §3.4).
          if (this.#inGroup || !this.#mayDecode || this.#angle !== undefined || this.#phraseHasAt) this.#append(':');
          else this.#startGroup();
          break;
        case 0x3d: {
          // An encoded word is one token, whatever commas and quotes its Q encoding left in.
          const word = text[start + 1] === '?' && this.#mayDecode ? matchEncodedWord(text, start) : undefined;
          this.#position = word?.end ?? start + 1;
          this.#append(text.slice(start, this.#position));
          break;
        }
        default:
          this.#position = skipPlain(text, start);
          this.#append(text.slice(start, this.#position));
      }
    }
    this.#finishMailbox();
    if (this.#inGroup) this.#endGroup();
  }

  #append(piece: string): void {
    if (this.#phrase.length > PHRASE_MAX) return;
    this.#phrase += piece;
    if (piece.includes('@')) this.#phraseHasAt = true;
  }

  #skipStray(start: number, skip: (text: string, start: number) => number): number {
    if (this.#straysLeft === 0) return start + 1;
    const end = skip(this.#text, start);
    if (end === start + 1) this.#straysLeft--;
    return end;
  }

  #readAngle(): void {
    const text = this.#text;
    const start = this.#position + 1;
    const limit = Math.min(text.length, start + ANGLE_MAX);
    const mayHaveCommas = text[start] === '@';
    let hasAt = false;
    let i = start;
    while (i < limit) {
      const code = text.charCodeAt(i);
      // `>`, or the next item because `>` was forgotten; a source route has commas of its own.
      if (code === 0x3e || (code === 0x2c && hasAt && !mayHaveCommas)) break;
      if (code === 0x40) hasAt = true;
      if (code === QUOTE) i = this.#skipStray(i, skipQuoted);
      else if (code === 0x28) i = this.#skipStray(i, skipComment);
      else i++;
    }
    if (i >= limit) {
      const comma = text.slice(start, limit).indexOf(',');
      i = comma === -1 ? limit : start + comma;
    }
    // `<<a@b>>` and `<x> <a@b>`: the last one that looks like an address counts.
    const content = text.slice(start, i);
    if (this.#angle === undefined || !this.#angle.includes('@')) this.#angle = content;
    this.#position = text[i] === '>' ? i + 1 : i;
  }

  #startGroup(): void {
    const rawName = unquote(this.#phrase);
    this.#entries.push({ kind: 'groupStart', rawName, name: this.#decodeName(rawName) ?? '' });
    this.#inGroup = true;
    this.#reset();
  }

  #endGroup(): void {
    this.#entries.push({ kind: 'groupEnd' });
    this.#inGroup = false;
  }

  #reset(): void {
    this.#phrase = '';
    this.#phraseHasAt = false;
    this.#comment = undefined;
    this.#angle = undefined;
  }

  #finishMailbox(): void {
    const phrase = this.#phrase.trim();
    const angle = this.#angle;
    const comment = this.#comment;
    this.#reset();
    if (angle !== undefined) {
      this.#pushMailbox(angle.replace(/^[<\s]+/, ''), phrase === '' ? comment : unquote(phrase));
      return;
    }
    if (phrase === '') return;
    const at = phrase.lastIndexOf('@');
    if (at !== -1 && !phrase.startsWith('=?')) {
      const start = startOfAddress(phrase, at);
      const name = unquote(phrase.slice(0, start));
      this.#pushMailbox(phrase.slice(start), name === '' ? comment : name);
      return;
    }
    // `=?…?=` that holds name and address together.
    if (this.#mayDecode && phrase.includes('=?')) {
      const decoded = decodeHeaderText(phrase, this.#hints);
      if (decoded.includes('@')) {
        new AddressReader(decoded, this.#hints, this.#entries, false).readAll();
        return;
      }
    }
    this.#pushMailbox(phrase, comment);
  }

  /** `address` may have a source route, blanks and comments. */
  #pushMailbox(address: string, rawName: string | undefined): void {
    let spec = truncateText(removeComments(address), LIMITS.addressChars * 2).trim();
    let route: string | undefined;
    if (spec.startsWith('@')) {
      // RFC 5322 §4.4: <@a,@b:user@domain>
      const colon = spec.indexOf(':');
      if (colon !== -1) {
        route = spec.slice(0, colon).replace(/\s+/g, '');
        spec = spec.slice(colon + 1);
      }
    }
    if (/^mailto:/i.test(spec)) spec = spec.slice(7);
    if (this.#mayDecode && spec.includes('=?')) spec = decodeHeaderText(spec, this.#hints);
    const at = lastAtSign(spec);
    const rawLocal = (at === -1 ? spec : spec.slice(0, at)).trim();
    const domain = at === -1 ? '' : removeBlanks(spec.slice(at + 1)).replace(/[.;,]+$/, '');
    const isQuoted = rawLocal.startsWith('"') && rawLocal.endsWith('"') && rawLocal.length > 1;
    const localPart = truncateText(
      cleanText(isQuoted ? unquote(rawLocal) : at === -1 ? rawLocal : removeBlanks(rawLocal)),
      LIMITS.addressChars,
    );
    const cleanDomain = truncateText(cleanText(domain), LIMITS.addressChars);
    const shownLocal = isQuoted ? truncateText(cleanText(rawLocal), LIMITS.addressChars) : localPart;
    const email = cleanDomain === '' ? shownLocal : `${shownLocal}@${cleanDomain}`;
    const name = rawName === undefined ? undefined : this.#decodeName(rawName, email);
    if (email === '' && name === undefined) return;
    this.#entries.push({
      kind: 'mailbox',
      rawName: name === undefined ? undefined : truncateText(cleanText(rawName!).trim(), LIMITS.displayNameChars),
      name,
      route,
      localPart,
      domain: cleanDomain,
      email,
    });
  }

  /** Undefined when nothing is left. */
  #decodeName(rawName: string, email = ''): string | undefined {
    const bounded = truncateText(rawName, LIMITS.displayNameChars * 4);
    let name = (this.#mayDecode ? decodeHeaderText(bounded, this.#hints) : cleanText(bounded)).trim();
    if (name.startsWith('"')) name = unquote(name);
    // The word held `name <address>` although the address follows: said once is enough.
    if (email !== '' && name.endsWith(`<${email}>`)) name = unquote(name.slice(0, -email.length - 2));
    name = truncateText(name, LIMITS.displayNameChars).trim();
    return name === '' ? undefined : name;
  }
}

/** One past the quoted string that begins at `start`. One that never ends is a stray quote: one character. */
function skipQuoted(text: string, start: number): number {
  const limit = Math.min(text.length, start + 2 * LIMITS.displayNameChars);
  for (let i = start + 1; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i + 1;
  }
  return start + 1;
}

/** One past the comment that begins at `start`; comments nest. One that never ends is a stray parenthesis. */
function skipComment(text: string, start: number): number {
  const limit = Math.min(text.length, start + 2 * LIMITS.displayNameChars);
  let depth = 0;
  for (let i = start; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) return i + 1;
  }
  return start + 1;
}

/** One past the characters at `start` that mean nothing to the syntax. */
function skipPlain(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    // " ( , : ; < = > [
    if (code === 0x22 || code === 0x28 || code === 0x2c || (code >= 0x3a && code <= 0x3e) || code === 0x5b) break;
    i++;
  }
  return i;
}

/** Where the address with the `@` at `at` begins in `Name user@host`; a quoted local part may have blanks. */
function startOfAddress(phrase: string, at: number): number {
  let i = at;
  while (i > 0 && phrase[i - 1] === ' ') i--;
  if (phrase[i - 1] === '"') {
    const open = phrase.lastIndexOf('"', i - 2);
    if (open !== -1) return open;
  }
  while (i > 0 && phrase.charCodeAt(i - 1) > 0x20) i--;
  return i;
}

/** The `@` between local part and domain: the last one outside quotes. */
function lastAtSign(spec: string): number {
  if (!spec.startsWith('"')) return spec.lastIndexOf('@');
  const close = skipQuoted(spec, 0);
  const at = spec.indexOf('@', close);
  return at === -1 ? spec.lastIndexOf('@') : at;
}

/** `text` without comments outside its quotes. */
function removeComments(text: string): string {
  if (!text.includes('(')) return text;
  let out = '';
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) {
      if (depth === 0) out += text.slice(i, i + 2);
      i++;
    } else if (code === QUOTE && depth === 0) {
      quoted = !quoted;
      out += text[i];
    } else if (quoted) out += text[i];
    else if (code === 0x28) depth++;
    else if (code === 0x29 && depth > 0) depth--;
    else if (depth === 0) out += text[i];
  }
  return out;
}

function removeBlanks(text: string): string {
  return text.replace(/\s+/g, '');
}

/** A phrase without its quotes and escapes, white space folded. */
function unquote(phrase: string): string {
  const text = phrase.trim();
  if (!text.includes('"') && !text.includes('\\')) return text.replace(/\s{2,}/g, ' ');
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH && i + 1 < text.length) out += text[++i];
    else if (code !== QUOTE) out += text[i];
  }
  return out.replace(/\s{2,}/g, ' ').trim();
}

/** One address for a header field we write: ASCII, the name quoted or as encoded words. */
export function formatAddress(address: MailAddress): string {
  const email = cleanText(address.email).replace(/[<>]/g, '').trim();
  const name = cleanText(address.name ?? '').trim();
  if (name === '') return email;
  if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/.test(name) && !name.includes('=?')) return `${name} <${email}>`;
  if (/^[\x20-\x7e]*$/.test(name) && !name.includes('=?')) return `"${name.replace(/["\\]/g, '\\$&')}" <${email}>`;
  return `${encodeHeaderText(name)} <${email}>`;
}
