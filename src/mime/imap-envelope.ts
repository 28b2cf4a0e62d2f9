/**
 * The value of IMAP's ENVELOPE (RFC 9051 §7.5.2), made once when a message comes in: pure ASCII, without CR or LF,
 * quoted strings only. Raw octets above 0x7F come out as encoded words, which every client reads.
 */
import { parseAddressList, type AddressEntry, type AddressList } from './address.ts';
import type { CharsetHints } from './charset.ts';
import { cleanText, decodeHeaderText, encodeHeaderText } from './encoded-word.ts';
import type { HeaderFields } from './header.ts';
import { LIMITS } from './limits.ts';

/** The address fields of a header, parsed once for the envelope and the summary. */
export interface AddressFields {
  readonly from: AddressList | undefined;
  readonly sender: AddressList | undefined;
  readonly replyTo: AddressList | undefined;
  readonly to: AddressList | undefined;
  readonly cc: AddressList | undefined;
  readonly bcc: AddressList | undefined;
}

/** From, Sender and Reply-To: the first field counts. To, Cc and Bcc: all fields of the name, as one list. */
export function readAddressFields(headers: HeaderFields, hints: CharsetHints): AddressFields {
  const single = (name: string): AddressList | undefined => {
    const value = headers.first(name);
    return value === undefined ? undefined : parseAddressList(value, hints);
  };
  const joined = (name: string): AddressList | undefined => {
    const values = headers.all(name);
    return values.length === 0 ? undefined : parseAddressList(values.join(', ').slice(0, LIMITS.fieldBytes), hints);
  };
  return {
    from: single('from'),
    sender: single('sender'),
    replyTo: single('reply-to'),
    to: joined('to'),
    cc: joined('cc'),
    bcc: joined('bcc'),
  };
}

/** An ENVELOPE in which everything is NIL: of a message that cannot be read. */
export const EMPTY_IMAP_ENVELOPE = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

/** ENVELOPE's value with its parentheses. */
export function formatImapEnvelope(headers: HeaderFields, fields: AddressFields, hints: CharsetHints = {}): string {
  const from = formatAddresses(fields.from);
  // RFC 9051 §7.5.2: an absent or empty Sender or Reply-To is From's value.
  const sender = formatAddresses(fields.sender);
  const replyTo = formatAddresses(fields.replyTo);
  return `(${[
    formatText(headers.first('date'), hints),
    formatText(headers.first('subject'), hints),
    from,
    sender === 'NIL' ? from : sender,
    replyTo === 'NIL' ? from : replyTo,
    formatAddresses(fields.to),
    formatAddresses(fields.cc),
    formatAddresses(fields.bcc),
    formatText(headers.first('in-reply-to'), hints),
    formatText(headers.first('message-id'), hints),
  ].join(' ')})`;
}

/** Octets of Subject, Date and the ids that are passed on. */
const TEXT_MAX = 8192;

/** A field's value given as a binary string. */
function formatText(raw: string | undefined, hints: CharsetHints): string {
  if (raw === undefined) return 'NIL';
  return quote(toAscii(raw.slice(0, TEXT_MAX), hints));
}

/** ASCII stays as it is, encoded words included; anything else is decoded and encoded anew. */
function toAscii(raw: string, hints: CharsetHints): string {
  const clean = cleanText(raw);
  return isPrintableAscii(clean) ? clean : encodeHeaderText(decodeHeaderText(raw, hints));
}

function isPrintableAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

function formatAddresses(list: AddressList | undefined): string {
  if (list === undefined || list.entries.length === 0) return 'NIL';
  let out = '(';
  for (const entry of list.entries) out += formatEntry(entry);
  return `${out})`;
}

function formatEntry(entry: AddressEntry): string {
  switch (entry.kind) {
    case 'groupStart':
      return `(NIL NIL ${quote(nameToAscii(entry.rawName, entry.name))} NIL)`;
    case 'groupEnd':
      return '(NIL NIL NIL NIL)';
    case 'mailbox': {
      const name = entry.name === undefined ? 'NIL' : quote(nameToAscii(entry.rawName ?? '', entry.name));
      const route = entry.route === undefined ? 'NIL' : quote(encodeHeaderText(entry.route));
      // NIL in either place would make it a group marker: missing halves get the words that Dovecot uses.
      const localPart = quote(entry.localPart === '' ? 'MISSING_MAILBOX' : encodeHeaderText(entry.localPart));
      const domain = quote(entry.domain === '' ? 'MISSING_DOMAIN' : encodeHeaderText(entry.domain));
      return `(${name} ${route} ${localPart} ${domain})`;
    }
  }
}

function nameToAscii(rawName: string, name: string): string {
  return isPrintableAscii(rawName) ? rawName : encodeHeaderText(name);
}

/** `text` is printable ASCII. */
function quote(text: string): string {
  return `"${text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text}"`;
}
