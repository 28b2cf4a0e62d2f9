/** Keywords (RFC 8621 §4.1.1) and their stored form: bits for the system ones, a sorted list for the rest. */
import { MailError } from '#base/errors.ts';
import { MAIL_LIMITS } from './limits.ts';
import { FLAG, SYSTEM_KEYWORDS } from './types.ts';

const BIT_OF: ReadonlyMap<string, number> = new Map(SYSTEM_KEYWORDS.map((keyword, i) => [keyword, 1 << i]));

// RFC 8621 §4.1.1: %x21-7E except ( ) { ] % * " \
const SYNTAX = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/;

/**
 * As draft-ietf-mailmaint-messageflag-mailboxattribute has it: set by a mail program on any letter of a conversation, it asks
 * the server to keep what follows in it from its owner's eyes. append.ts does.
 */
export const MUTED = '$muted';

export interface PackedKeywords {
  readonly flags: number;
  /** Lower case, sorted, distinct. */
  readonly keywords: readonly string[];
}

/** Throws `invalid` for a keyword that is none, `limit` for too many. Case is folded. */
export function packKeywords(names: Iterable<string>): PackedKeywords {
  let flags = 0;
  const others = new Set<string>();
  for (const name of names) {
    if (!SYNTAX.test(name) || name.length > MAIL_LIMITS.keywordBytes) {
      throw new MailError('invalid', 'not a keyword', { data: { keyword: name.slice(0, 100) } });
    }
    const keyword = name.toLowerCase();
    const bit = BIT_OF.get(keyword);
    if (bit === undefined) others.add(keyword);
    else flags |= bit;
  }
  if (others.size > MAIL_LIMITS.keywords) {
    throw new MailError('limit', `an Email can have at most ${MAIL_LIMITS.keywords} keywords of its own`);
  }
  return { flags, keywords: [...others].toSorted() };
}

export function unpackKeywords({ flags, keywords }: PackedKeywords): string[] {
  return [...SYSTEM_KEYWORDS.filter((_, i) => (flags & (1 << i)) !== 0), ...keywords];
}

export type KeywordChange = 'add' | 'remove' | 'replace';

/** `old` changed by `given`; returns `old` itself when nothing changes. Throws `limit`. */
export function changeKeywords(old: PackedKeywords, change: KeywordChange, given: PackedKeywords): PackedKeywords {
  const flags =
    change === 'add'
      ? old.flags | given.flags
      : change === 'remove'
        ? old.flags & ~given.flags
        : given.flags | (old.flags & FLAG.HAS_ATTACHMENT);
  const keywords = changeList(old.keywords, change, given.keywords);
  if (flags === old.flags && keywords === old.keywords) return old;
  return { flags, keywords };
}

function changeList(old: readonly string[], change: KeywordChange, given: readonly string[]): readonly string[] {
  if (change !== 'replace' && given.length === 0) return old;
  const next =
    change === 'add'
      ? [...new Set([...old, ...given])].toSorted()
      : change === 'remove'
        ? old.filter((keyword) => !given.includes(keyword))
        : given;
  if (next.length > MAIL_LIMITS.keywords) {
    throw new MailError('limit', `an Email can have at most ${MAIL_LIMITS.keywords} keywords of its own`);
  }
  return next.length === old.length && next.every((keyword, i) => keyword === old[i]) ? old : next;
}

/** IMAP's names for what has a keyword of the same meaning; client inventions that are none are left out. */
const SAME: Readonly<Record<string, string>> = {
  nonjunk: '$notjunk',
  junk: '$junk',
  $mdnsent: '$mdnsent',
  forwarded: '$forwarded',
};

/** Those that can be keywords (RFC 8621 §4.1.1), at most 32: an odd flag is no reason to leave a message behind. */
export function toKeywords(names: Iterable<string>): string[] {
  const keywords = new Set<string>();
  for (const name of names) {
    const keyword = SAME[name.toLowerCase()] ?? name.toLowerCase();
    if (/^[!#$&'+,\-./0-9:;<=>?@^_`a-z|}~]{1,255}$/.test(keyword)) keywords.add(keyword);
  }
  return [...keywords].slice(0, 32);
}
