/** Flags, the IMAP edge of keywords (RFC 9051 §2.3.2): the only place that knows `\Seen` and its like. */
import { MailError } from '#base/errors.ts';
import { FLAG } from '#mail/types.ts';
import type { ResponseWriter } from './wire/response-writer.ts';

/** What is printed for each bit, in the order printed. */
const NAMES: readonly (readonly [bit: number, flag: string, keyword: string])[] = [
  [FLAG.ANSWERED, '\\Answered', '$answered'],
  [FLAG.FLAGGED, '\\Flagged', '$flagged'],
  [FLAG.DELETED, '\\Deleted', ''],
  [FLAG.SEEN, '\\Seen', '$seen'],
  [FLAG.DRAFT, '\\Draft', '$draft'],
  [FLAG.FORWARDED, '$Forwarded', '$forwarded'],
  [FLAG.JUNK, '$Junk', '$junk'],
  [FLAG.NOTJUNK, '$NotJunk', '$notjunk'],
  [FLAG.PHISHING, '$Phishing', '$phishing'],
  [FLAG.MDNSENT, '$MDNSent', '$mdnsent'],
];

/** A bit of this engine alone, beside those of FLAG: \Recent, which belongs to a session (RFC 3501 §2.3.2). */
export const RECENT = 0x1000_0000;

const PRINTED: readonly (readonly [bit: number, flag: string, keyword: string])[] = [
  ...NAMES,
  [RECENT, '\\Recent', ''],
];

const KEYWORD_OF: ReadonlyMap<string, string> = new Map(
  NAMES.filter(([, flag]) => flag.startsWith('\\')).map(([, flag, keyword]) => [flag.toLowerCase(), keyword]),
);
const BIT_OF_KEYWORD: ReadonlyMap<string, number> = new Map(NAMES.map(([bit, , keyword]) => [keyword, bit]));

/** The flags every mailbox has. */
export const SYSTEM_FLAGS = NAMES.map(([, flag]) => flag).join(' ');

/** What each of \Seen, \Deleted and the other flags needs (RFC 4314 §2.1). */
export const FLAG_RIGHTS: readonly string[] = ['s', 't', 'w'];

/** Those that somebody with so many rights on a mailbox may change in it. */
export function permittedFlags(rights: string, { keywords, deleted }: FlagList): FlagList {
  const mayChange = (keyword: string): boolean => rights.includes(keyword === '$seen' ? 's' : 'w');
  return { keywords: keywords.filter(mayChange), deleted: deleted && rights.includes('t') };
}

export interface FlagList {
  /** Keywords as the mailbox knows them. */
  readonly keywords: readonly string[];
  /** Whether \Deleted is among the flags. */
  readonly deleted: boolean;
}

/**
 * What a client's flags mean. \Recent, which no client can set (RFC 3501 §2.3.2), is passed over. Throws `invalid` for
 * a system flag that does not exist.
 */
export function readFlags(flags: readonly string[]): FlagList {
  const keywords: string[] = [];
  let deleted = false;
  for (const flag of flags) {
    if (!flag.startsWith('\\')) {
      keywords.push(flag);
      continue;
    }
    const keyword = KEYWORD_OF.get(flag.toLowerCase());
    if (keyword === undefined) {
      if (flag.toLowerCase() === '\\recent') continue;
      throw new MailError('invalid', `there is no flag ${flag.slice(0, 40)}`);
    }
    if (keyword === '') deleted = true;
    else keywords.push(keyword);
  }
  return { keywords, deleted };
}

/** The bit of a keyword in any case, 0 for one without. */
export function keywordBit(keyword: string): number {
  return BIT_OF_KEYWORD.get(keyword.toLowerCase()) ?? 0;
}

// Few combinations occur: each is printed once. Bounded by the number of bits that exist.
const printed = new Map<number, string>();

/** The flags of these bits, separated by spaces. */
function printBits(bits: number): string {
  const known = printed.get(bits);
  if (known !== undefined) return known;
  const text = PRINTED.filter(([bit]) => (bits & bit) !== 0)
    .map(([, flag]) => flag)
    .join(' ');
  printed.set(bits, text);
  return text;
}

/** Writes `FLAGS (…)` of index bits and keywords. */
export function writeFlags(out: ResponseWriter, bits: number, keywords: readonly string[]): void {
  out.ascii('FLAGS (');
  const flags = printBits(bits & ~(FLAG.HAS_KEYWORDS | FLAG.HAS_ATTACHMENT));
  out.ascii(flags);
  for (let i = 0; i < keywords.length; i++) {
    if (i > 0 || flags !== '') out.octet(0x20);
    out.ascii(keywords[i] as string);
  }
  out.octet(0x29);
}
