/** How a query is answered: by walking an index in its own order, or by judging candidates and sorting them. */
import {
  isOperator,
  type EmailCondition,
  type EmailFilter,
  type EmailQuery,
  type TextCondition,
} from '#mail/email-query.ts';
import { packKeywords } from '#mail/keywords.ts';
import type { Mark } from '#mail/ports/mail-store.ts';
import { FLAG, type MailboxId } from '#mail/types.ts';
import { textOf } from './compile-filter.ts';

/** What must hold of every Email of the result, as far as the indexes know it. */
export interface Plan {
  /** More than one: an Email must be in all of them. */
  readonly mailboxIds: ReadonlySet<MailboxId>;
  readonly from: number;
  readonly before: number;
  /** Bits of FLAG that must be there, and that must not; of SEEN, FLAGGED and HAS_ATTACHMENT. */
  readonly withFlags: number;
  readonly withoutFlags: number;
  /** Nothing else is asked, and the order is that of the index: a walk answers. */
  readonly isWalk: boolean;
  /** As `isWalk`, but for conditions on text that must hold, too: a walk answers that asks for each Email it meets. */
  readonly isTextWalk: boolean;
  readonly texts: readonly TextCondition[];
  /** All of the result are among few of the account's Emails, which are found mailbox by mailbox. */
  readonly isFew: boolean;
  readonly isAscending: boolean;
}

const WALKED_FLAGS = FLAG.SEEN | FLAG.FLAGGED;
const WALKED_PROPERTIES = new Set(['inMailbox', 'before', 'after', 'hasKeyword', 'notKeyword', 'hasAttachment']);

export function planQuery({ filter, sort = [] }: EmailQuery): Plan {
  const mailboxIds = new Set<MailboxId>();
  const texts: TextCondition[] = [];
  let [from, before, withFlags, withoutFlags, isAll] = [-Infinity, Infinity, 0, 0, true];
  for (const condition of necessary(filter)) {
    if (condition === undefined) {
      isAll = false;
      continue;
    }
    if (condition.inMailbox !== undefined) mailboxIds.add(condition.inMailbox);
    from = Math.max(from, condition.after ?? -Infinity);
    before = Math.min(before, condition.before ?? Infinity);
    const has = flagOf(condition.hasKeyword);
    const hasNot = flagOf(condition.notKeyword);
    withFlags |= has ?? 0;
    withoutFlags |= hasNot ?? 0;
    if (has === undefined || hasNot === undefined) isAll = false;
    if (condition.hasAttachment === true) withFlags |= FLAG.HAS_ATTACHMENT;
    if (condition.hasAttachment === false) withoutFlags |= FLAG.HAS_ATTACHMENT;
    const text = textOf(condition);
    if (text !== undefined) texts.push(text);
    for (const [name, value] of Object.entries(condition))
      if (value !== undefined && !WALKED_PROPERTIES.has(name) && text?.[name as keyof TextCondition] === undefined)
        isAll = false;
  }
  const [first, ...others] = sort;
  const isInOrder = others.length === 0 && (first === undefined || first.property === 'receivedAt');
  const plan = { mailboxIds, from, before, withFlags, withoutFlags, isAscending: first?.isAscending ?? false };
  // What few of an account's Emails are is found mailbox by mailbox: no index has it by time for all of them.
  const isFew = mailboxIds.size === 0 && marksOf(plan).length > 0;
  const isWalk = isAll && isInOrder && mailboxIds.size <= 1;
  return {
    ...plan,
    texts,
    isFew,
    isWalk: isWalk && !isFew && texts.length === 0,
    isTextWalk: isWalk && texts.length > 0,
  };
}

/** The partial indexes that have all of the result, the one with the fewest as a rule first. */
export function marksOf({ withFlags, withoutFlags }: Pick<Plan, 'withFlags' | 'withoutFlags'>): Mark[] {
  const marks: Mark[] = [];
  if ((withoutFlags & FLAG.SEEN) !== 0) marks.push('unread');
  if ((withFlags & FLAG.FLAGGED) !== 0) marks.push('flagged');
  if ((withFlags & FLAG.HAS_ATTACHMENT) !== 0) marks.push('attachments');
  return marks;
}

/** The conditions that must hold each; `undefined` for what is more than a condition. */
function* necessary(filter: EmailFilter | undefined): Generator<EmailCondition | undefined> {
  if (filter === undefined) return;
  if (!isOperator(filter)) yield filter;
  else if (filter.operator === 'AND') for (const one of filter.conditions) yield* necessary(one);
  else yield undefined;
}

/** The bit an index walk can look at; 0 for no keyword, `undefined` for one that it cannot. */
function flagOf(keyword: string | undefined): number | undefined {
  if (keyword === undefined) return 0;
  const { flags } = packKeywords([keyword]);
  return (flags & WALKED_FLAGS) === 0 ? undefined : flags;
}
