/** One message of an mbox as it goes into a mailbox: quoting and the mbox's own header fields taken off, flags and date read. */
import { DAY_MS } from '#base/clock.ts';
import { parseDate } from '#mime/date.ts';
import { parseHeader, type HeaderFields } from '#mime/header.ts';
import { toCrlf } from './crlf.ts';
import { readMboxFlags, readMozillaStatus, type Flags } from './keywords.ts';

export interface StoredMboxMessage extends Flags {
  readonly octets: Buffer;
  readonly receivedAt: number | undefined;
  /** Nothing to bring along: deleted in Thunderbird, or the note that UW IMAP keeps at the start of an mbox. */
  readonly isLeftover: boolean;
}

/** Fields that are the mbox's, not the message's. */
const OWN_FIELDS = new Set([
  'status',
  'x-status',
  'x-keywords',
  'x-mozilla-status',
  'x-mozilla-status2',
  'x-mozilla-keys',
]);

/** `fromLine` and `raw` as MboxSplitter gives them. Never fails: any octets are a message. */
export function readMboxMessage(fromLine: string, raw: Buffer): StoredMboxMessage {
  const header = parseHeader(raw);
  const value = (name: string): string => header.first(name) ?? '';
  const flags = readMboxFlags(value('status'), value('x-status'), `${value('x-keywords')} ${value('x-mozilla-keys')}`);
  const mozilla = readMozillaStatus(value('x-mozilla-status'));
  return {
    octets: toCrlf(withoutOwnFields(raw, header), true),
    keywords: [...new Set([...flags.keywords, ...mozilla.keywords])],
    deleted: flags.deleted,
    receivedAt: findReceivedAt(fromLine, header),
    isLeftover: mozilla.expunged || isFolderData(header),
  };
}

function withoutOwnFields(raw: Buffer, header: HeaderFields): Buffer {
  const pieces: Buffer[] = [];
  let kept = 0;
  for (const field of header.fields) {
    if (!OWN_FIELDS.has(field.lowerName)) continue;
    pieces.push(raw.subarray(kept, field.start));
    kept = field.end;
  }
  return kept === 0 ? raw : Buffer.concat([...pieces, raw.subarray(kept)]);
}

/**
 * When it arrived. The From_ line says it, but not in which zone (RFC 4155: UTC; most writers: their own), so the
 * newest Received or the Date is taken where it is within a day of it.
 */
function findReceivedAt(fromLine: string, header: HeaderFields): number | undefined {
  const exact = readTraceDate(header);
  const stamp = readFromLineDate(fromLine);
  if (stamp === undefined || exact === undefined) return stamp ?? exact;
  return Math.abs(stamp - exact) <= DAY_MS ? exact : stamp;
}

function readFromLineDate(fromLine: string): number | undefined {
  // `From sender date`; a sender with blanks in it is cut off at the day's name.
  const named = /\s((?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s.*)$/i.exec(fromLine)?.[1];
  return parseDate(named ?? fromLine.replace(/^From \S+\s*/, ''));
}

/** Of the newest Received field, else of Date. */
export function readTraceDate(header: HeaderFields): number | undefined {
  const received = header.first('received');
  const date = received === undefined ? undefined : parseDate(received.slice(received.lastIndexOf(';') + 1));
  if (date !== undefined) return date;
  const written = header.first('date');
  return written === undefined ? undefined : parseDate(written);
}

/** UW IMAP and Alpine keep their notes in a first message of their own. */
function isFolderData(header: HeaderFields): boolean {
  const isMarked = header.firstField('x-imap') !== undefined || header.firstField('x-imapbase') !== undefined;
  return isMarked && (header.first('subject') ?? '').includes('FOLDER INTERNAL DATA');
}
