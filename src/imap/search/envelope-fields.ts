/** Reads decoded fields back out of an ENVELOPE as it is kept (RFC 9051 §7.5.2): much cheaper than reading rows for it. */
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { foldText } from '#search/fold.ts';

/** Positions of fields in ENVELOPE. */
const SUBJECT = 1;
const FIELD = { from: 2, to: 5, cc: 6, bcc: 7 } as const;

export type EnvelopeAddressField = keyof typeof FIELD;

/** The folded subject; '' when there is none. */
export function readSubject(envelope: string): string {
  const start = fieldStart(envelope, SUBJECT);
  return foldText(decode(unquote(envelope, start, skipValue(envelope, start))));
}

/** The folded addresses of a field as they would be written, `name <local@domain>`, and names of groups. */
export function readAddresses(envelope: string, field: EnvelopeAddressField): string[] {
  let at = fieldStart(envelope, FIELD[field]);
  const texts: string[] = [];
  // NIL, or ((name route mailbox host)(…)).
  if (envelope[at] !== '(') return texts;
  at++;
  while (envelope[at] === '(') {
    const parts: string[] = [];
    at++;
    for (let i = 0; i < 4; i++) {
      const end = skipValue(envelope, at);
      parts.push(unquote(envelope, at, end));
      at = end + 1;
    }
    const [name, , mailbox, host] = parts as [string, string, string, string];
    const address = host === '' ? mailbox : `${mailbox}@${host}`;
    texts.push(foldText(name === '' ? decode(address) : `${decode(name)} <${decode(address)}>`));
  }
  return texts;
}

/**
 * Whether `text` (folded) may be in what the envelope says: false is sure. Without encoded words an envelope is the
 * text itself, and one look at it spares taking it apart.
 */
export function mayContain(envelope: string, text: string): boolean {
  if (envelope.includes('=?') || envelope.includes('\t')) return true;
  // What is escaped there, or put between a name and an address here, is not looked for so simply.
  if (/["\\<>@\x80-\uffff]/.test(text)) return true;
  return envelope.toLowerCase().includes(text.trim());
}

function decode(text: string): string {
  return text.includes('=?') ? decodeHeaderText(text) : text;
}

/** Where field number `index` begins. */
function fieldStart(envelope: string, index: number): number {
  let at = 1;
  for (let i = 0; i < index; i++) at = skipValue(envelope, at) + 1;
  return at;
}

/** One past a string, NIL or parenthesised list at `at`. */
function skipValue(envelope: string, at: number): number {
  let depth = 0;
  let i = at;
  while (i < envelope.length) {
    const char = envelope[i];
    if (char === '"') {
      i = stringEnd(envelope, i);
      if (depth === 0) return i;
    } else if (char === '(') {
      depth++;
      i++;
    } else if (char === ')') {
      depth--;
      if (depth < 0) return i;
      i++;
      if (depth === 0) return i;
    } else if (char === ' ' && depth === 0) {
      return i;
    } else {
      i++;
    }
  }
  return i;
}

/** One past the closing quote of the string that opens at `at`. */
function stringEnd(envelope: string, at: number): number {
  for (let from = at + 1; ;) {
    const quote = envelope.indexOf('"', from);
    if (quote === -1) return envelope.length;
    let backslashes = 0;
    while (envelope[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** The text of the string at [start, end); '' for NIL. */
function unquote(envelope: string, start: number, end: number): string {
  if (envelope[start] !== '"') return '';
  const text = envelope.slice(start + 1, end - 1);
  return text.includes('\\') ? text.replace(/\\(.)/g, '$1') : text;
}
