/** SEARCH keys (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 7162 §3.1.5, RFC 8474 §6): their syntax and what they ask. */
import { MailError } from '#base/errors.ts';
import { parseDay } from '#imap/date-time.ts';
import { keywordBit, RECENT } from '#imap/flags.ts';
import { SEARCH_DEPTH, SEARCH_KEYS } from '#imap/limits.ts';
import { parseSequenceSet, type SequenceSet } from '#imap/sequence-set.ts';
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';
import { FLAG } from '#mail/types.ts';
import { decodeSearchKey, isKnownCharset } from '#mime/charset.ts';
import { foldText } from '#search/fold.ts';

export type AddressField = 'from' | 'to' | 'cc' | 'bcc';

export type SearchKey =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly keys: readonly SearchKey[] }
  | { readonly kind: 'not'; readonly key: SearchKey }
  | { readonly kind: 'flag'; readonly bit: number; readonly isSet: boolean }
  /** A keyword without a bit, lower case. */
  | { readonly kind: 'keyword'; readonly keyword: string; readonly isSet: boolean }
  | { readonly kind: 'numbers'; readonly set: SequenceSet; readonly byUid: boolean }
  | { readonly kind: 'modSeq'; readonly atLeast: number }
  | { readonly kind: 'emailId'; readonly id: string }
  | { readonly kind: 'size'; readonly isLarger: boolean; readonly bytes: number }
  /** Days since the epoch: from (inclusive) to (exclusive). */
  | { readonly kind: 'received' | 'sent'; readonly from: number; readonly to: number }
  | { readonly kind: 'threadId'; readonly id: string }
  | { readonly kind: 'subject'; readonly text: string }
  | { readonly kind: 'address'; readonly field: AddressField; readonly text: string }
  | { readonly kind: 'header'; readonly name: string; readonly text: string }
  | { readonly kind: 'body' | 'text'; readonly text: string };

/** Keys that can only be judged by the message itself. */
export type TextKey = Extract<SearchKey, { readonly kind: 'header' | 'body' | 'text' }>;

export interface SearchProgram {
  readonly key: SearchKey;
  /** Whether MODSEQ was among the keys: the answer then tells the highest (RFC 7162 §3.1.5). */
  readonly asksModSeq: boolean;
}

/** A charset we do not know: NO [BADCHARSET], not BAD. */
export const UNKNOWN_CHARSET = Symbol('unknown charset');

const ALWAYS: SearchKey = { kind: 'all' };
const flag = (bit: number, isSet: boolean): SearchKey => ({ kind: 'flag', bit, isSet });

const WORDS: Readonly<Record<string, SearchKey>> = {
  ALL: ALWAYS,
  ANSWERED: flag(FLAG.ANSWERED, true),
  UNANSWERED: flag(FLAG.ANSWERED, false),
  DELETED: flag(FLAG.DELETED, true),
  UNDELETED: flag(FLAG.DELETED, false),
  DRAFT: flag(FLAG.DRAFT, true),
  UNDRAFT: flag(FLAG.DRAFT, false),
  FLAGGED: flag(FLAG.FLAGGED, true),
  UNFLAGGED: flag(FLAG.FLAGGED, false),
  SEEN: flag(FLAG.SEEN, true),
  UNSEEN: flag(FLAG.SEEN, false),
  RECENT: flag(RECENT, true),
  OLD: flag(RECENT, false),
  NEW: { kind: 'and', keys: [flag(RECENT, true), flag(FLAG.SEEN, false)] },
};

/** Reads `[CHARSET x] key key …` to the end. Throws `invalid`. */
export function parseSearchProgram(input: ArgumentReader): SearchProgram | typeof UNKNOWN_CHARSET {
  let charset: string | undefined;
  if (input.takeKeyword('CHARSET')) {
    input.space();
    charset = input.astring().toString('latin1');
    if (!isKnownCharset(charset)) return UNKNOWN_CHARSET;
    input.space();
  }
  const parser = new SearchParser(input, charset);
  const keys = [parser.key(0)];
  while (input.peek() === 0x20) {
    input.space();
    // A blank at the end, as some clients send it.
    if (input.isAtEnd) break;
    keys.push(parser.key(0));
  }
  if (parser.hasUnknownText) return UNKNOWN_CHARSET;
  return { key: conjunction(keys), asksModSeq: parser.asksModSeq };
}

function conjunction(keys: readonly SearchKey[]): SearchKey {
  return keys.length === 1 ? (keys[0] as SearchKey) : { kind: 'and', keys };
}

class SearchParser {
  readonly #input: ArgumentReader;
  readonly #charset: string | undefined;
  #count = 0;
  asksModSeq = false;
  /** A key's octets are not text of its charset. */
  hasUnknownText = false;

  constructor(input: ArgumentReader, charset: string | undefined) {
    this.#input = input;
    this.#charset = charset;
  }

  key(depth: number): SearchKey {
    if (++this.#count > SEARCH_KEYS) throw new MailError('invalid', 'too many search keys');
    if (depth > SEARCH_DEPTH) throw new MailError('invalid', 'search keys are nested too deeply');
    const input = this.#input;
    const next = input.peek();
    if (next === 0x28) {
      const keys = input.list(() => this.key(depth + 1));
      if (keys.length === 0) throw input.error('a search key is missing');
      return conjunction(keys);
    }
    if ((next >= 0x30 && next <= 0x39) || next === 0x2a || next === 0x24) {
      return { kind: 'numbers', set: parseSequenceSet(input.sequenceSetText()), byUid: false };
    }
    const word = input.keyword();
    if (Object.hasOwn(WORDS, word)) return WORDS[word] as SearchKey;
    return this.#withArguments(word, depth);
  }

  #withArguments(word: string, depth: number): SearchKey {
    const input = this.#input;
    const isNegative = word.startsWith('UN');
    switch (word) {
      case 'NOT':
        input.space();
        return { kind: 'not', key: this.key(depth + 1) };
      case 'OR': {
        input.space();
        const left = this.key(depth + 1);
        input.space();
        return { kind: 'or', keys: [left, this.key(depth + 1)] };
      }
      case 'KEYWORD':
      case 'UNKEYWORD': {
        input.space();
        const keyword = input.atom().toLowerCase();
        const bit = keywordBit(keyword);
        return bit === 0 ? { kind: 'keyword', keyword, isSet: !isNegative } : flag(bit, !isNegative);
      }
      case 'UID':
        input.space();
        return { kind: 'numbers', set: parseSequenceSet(input.sequenceSetText()), byUid: true };
      case 'MODSEQ':
        return this.#modSeq();
      case 'EMAILID':
        input.space();
        return { kind: 'emailId', id: input.astring().toString('latin1') };
      case 'THREADID':
        input.space();
        return { kind: 'threadId', id: input.astring().toString('latin1') };
      case 'LARGER':
      case 'SMALLER':
        input.space();
        return { kind: 'size', isLarger: word === 'LARGER', bytes: input.number64() };
      case 'BEFORE':
      case 'ON':
      case 'SINCE':
        return this.#days('received', word);
      case 'SENTBEFORE':
      case 'SENTON':
      case 'SENTSINCE':
        return this.#days('sent', word.slice(4));
      case 'SUBJECT':
        return { kind: 'subject', text: this.#text() };
      case 'FROM':
      case 'TO':
      case 'CC':
      case 'BCC':
        return { kind: 'address', field: word.toLowerCase() as AddressField, text: this.#text() };
      case 'HEADER': {
        input.space();
        const name = input.astring().toString('latin1').toLowerCase();
        return { kind: 'header', name, text: this.#text() };
      }
      case 'BODY':
      case 'TEXT':
        return { kind: word === 'BODY' ? 'body' : 'text', text: this.#text() };
      default:
        throw input.error('unknown search key');
    }
  }

  /** RFC 7162 §3.1.5: `MODSEQ ["/flags/\\Seen" all] 620162338`; per-flag mod-sequences are the message's. */
  #modSeq(): SearchKey {
    const input = this.#input;
    input.space();
    if (input.peek() === 0x22) {
      input.string();
      input.space();
      if (!['PRIV', 'SHARED', 'ALL'].includes(input.keyword())) throw input.error('unknown entry type');
      input.space();
    }
    this.asksModSeq = true;
    return { kind: 'modSeq', atLeast: input.number64() };
  }

  #days(kind: 'received' | 'sent', relation: string): SearchKey {
    this.#input.space();
    const day = parseDay(this.#input.astring().toString('latin1'));
    if (day === undefined) throw this.#input.error('the date cannot be read');
    if (relation === 'BEFORE') return { kind, from: -Infinity, to: day };
    return { kind, from: day, to: relation === 'ON' ? day + 1 : Infinity };
  }

  #text(): string {
    this.#input.space();
    const text = decodeSearchKey(this.#input.astring(), this.#charset);
    if (text === undefined) this.hasUnknownText = true;
    return foldText(text ?? '');
  }
}
