/**
 * Whether a message fits a search key, from as little as is at hand: the answer is `undefined` while it depends on what
 * has not been read yet. So a whole mailbox is judged by its index, and only what is left is read further.
 */
import { dayOf, parseDay } from '#imap/date-time.ts';
import { isInRanges } from '#imap/sequence-set.ts';
import { FLAG } from '#mail/types.ts';
import { mayContain, readAddresses, readSubject } from './envelope-fields.ts';
import type { IndexedKeys } from './indexed-keys.ts';
import type { AddressField, SearchKey, TextKey } from './search-key.ts';

/** What is known of a message; later stages fill in more. */
export interface Candidate {
  readonly number: number;
  readonly uid: number;
  readonly lastNumber: number;
  readonly lastUid: number;
  readonly bits: number;
  readonly keywords: readonly string[];
  readonly modSeq: number;
  readonly emailId: string;
  readonly emailNumber: number;
  /** What the search index tells. */
  readonly indexed?: IndexedKeys | undefined;
  /** The uids that `$` stands for. */
  readonly saved: ReadonlySet<number>;
  /** Dates, size and ENVELOPE. */
  row?: { readonly receivedAt: number; readonly sizeBytes: number; readonly imapEnvelope: string };
  threadId?: string;
  /** What is known of the keys that ask for the message's text. */
  readonly texts?: ReadonlyMap<TextKey, boolean>;
}

export function judge(key: SearchKey, candidate: Candidate): boolean | undefined {
  switch (key.kind) {
    case 'all':
      return true;
    case 'and':
      return judgeAll(key.keys, candidate);
    case 'or':
      return judgeAny(key.keys, candidate);
    case 'not': {
      const verdict = judge(key.key, candidate);
      return verdict === undefined ? undefined : !verdict;
    }
    case 'flag':
      return ((candidate.bits & key.bit) !== 0) === key.isSet;
    case 'keyword':
      return ((candidate.bits & FLAG.HAS_KEYWORDS) !== 0 && candidate.keywords.includes(key.keyword)) === key.isSet;
    case 'numbers':
      if (key.set === 'saved') return candidate.saved.has(candidate.uid);
      return key.byUid
        ? isInRanges(key.set, candidate.uid, candidate.lastUid)
        : isInRanges(key.set, candidate.number, candidate.lastNumber);
    case 'modSeq':
      return candidate.modSeq >= key.atLeast;
    case 'emailId':
      return candidate.emailId === key.id;
    case 'size':
      if (candidate.row === undefined) return undefined;
      return key.isLarger ? candidate.row.sizeBytes > key.bytes : candidate.row.sizeBytes < key.bytes;
    case 'received':
      return candidate.row === undefined ? undefined : isWithin(dayOf(candidate.row.receivedAt), key);
    case 'sent': {
      if (candidate.row === undefined) return undefined;
      const day = sentDay(candidate.row.imapEnvelope);
      return day !== undefined && isWithin(day, key);
    }
    case 'threadId':
      return candidate.threadId === undefined ? undefined : candidate.threadId === key.id;
    case 'subject':
      if (candidate.row === undefined) return askIndex(key, candidate);
      return (
        mayContain(candidate.row.imapEnvelope, key.text) && readSubject(candidate.row.imapEnvelope).includes(key.text)
      );
    case 'address':
      if (candidate.row === undefined) return askIndex(key, candidate);
      return hasAddress(candidate.row.imapEnvelope, key.field, key.text);
    case 'header':
    case 'body':
    case 'text':
      return candidate.texts?.get(key) ?? askIndex(key, candidate);
  }
}

function askIndex(key: SearchKey, { indexed, emailNumber }: Candidate): boolean | undefined {
  return indexed?.judge(key, emailNumber);
}

/** What has to be read of a message, at most, to judge it. */
export interface KeyNeeds {
  row: boolean;
  thread: boolean;
  /** Keys that ask for its text. */
  readonly texts: TextKey[];
}

export function needsOf(key: SearchKey, needs: KeyNeeds = { row: false, thread: false, texts: [] }): KeyNeeds {
  switch (key.kind) {
    case 'and':
    case 'or':
      for (const each of key.keys) needsOf(each, needs);
      break;
    case 'not':
      needsOf(key.key, needs);
      break;
    case 'size':
    case 'received':
    case 'sent':
    case 'subject':
    case 'address':
      needs.row = true;
      break;
    case 'threadId':
      needs.thread = true;
      break;
    case 'header':
    case 'body':
    case 'text':
      needs.texts.push(key);
      break;
    default:
      break;
  }
  return needs;
}

function judgeAll(keys: readonly SearchKey[], candidate: Candidate): boolean | undefined {
  let verdict: boolean | undefined = true;
  for (const key of keys) {
    const one = judge(key, candidate);
    if (one === false) return false;
    if (one === undefined) verdict = undefined;
  }
  return verdict;
}

function judgeAny(keys: readonly SearchKey[], candidate: Candidate): boolean | undefined {
  let verdict: boolean | undefined = false;
  for (const key of keys) {
    const one = judge(key, candidate);
    if (one === true) return true;
    if (one === undefined) verdict = undefined;
  }
  return verdict;
}

function isWithin(day: number, range: { readonly from: number; readonly to: number }): boolean {
  return day >= range.from && day < range.to;
}

/**
 * The day of the Date field as it is written there, without regard to its zone (RFC 9051 §6.4.4): ENVELOPE begins with
 * the field's text.
 */
function sentDay(imapEnvelope: string): number | undefined {
  const match = /^\("[^"]{0,40}?(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{2,4})(?!\d)/.exec(imapEnvelope);
  if (match === null) return undefined;
  const [, day, month, year] = match as unknown as [string, string, string, string];
  // RFC 5322 §4.3: two digits up to 49 are of this century; three count from 1900.
  const full = year.length === 4 ? year : String(Number(year) + (year.length === 2 && Number(year) < 50 ? 2000 : 1900));
  return parseDay(`${day}-${month}-${full}`);
}

function hasAddress(envelope: string, field: AddressField, text: string): boolean {
  return mayContain(envelope, text) && readAddresses(envelope, field).some((address) => address.includes(text));
}
