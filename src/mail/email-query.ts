/**
 * What can be asked about an account's Emails: which of them, in which order (RFC 8621 §4.4), and what became of an
 * answer since (§4.5). Ids are the store's numbers; the words of a protocol are its engine's.
 */
import type { EmailId, MailboxId, ModSeq } from './types.ts';

/** Conditions on words, which the caller has an index for. Their meaning is its own. */
export interface TextCondition {
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly bcc?: string;
  readonly subject?: string;
  readonly body?: string;
  readonly header?: readonly [name: string, value?: string];
}

/** RFC 8621 §4.4.1: all that are given must hold; without any it holds always. */
export interface EmailCondition extends TextCondition {
  readonly inMailbox?: MailboxId;
  /** In a mailbox that is none of these. */
  readonly inMailboxOtherThan?: readonly MailboxId[];
  /** receivedAt, milliseconds: before this, and not before that. */
  readonly before?: number;
  readonly after?: number;
  /** Octets: at least, and fewer than. */
  readonly minSize?: number;
  readonly maxSize?: number;
  /** Keywords in any case; the Email itself is one of its thread's. */
  readonly allInThreadHaveKeyword?: string;
  readonly someInThreadHaveKeyword?: string;
  readonly noneInThreadHaveKeyword?: string;
  readonly hasKeyword?: string;
  readonly notKeyword?: string;
  readonly hasAttachment?: boolean;
}

export interface FilterOperator {
  /** NOT: none of the conditions holds. */
  readonly operator: 'AND' | 'OR' | 'NOT';
  readonly conditions: readonly EmailFilter[];
}

export type EmailFilter = FilterOperator | EmailCondition;

/** RFC 8621 §4.4.2. `relevance`: by what the text conditions that must hold weigh of each Email; the least first, as ever. */
export type EmailComparator = { readonly isAscending: boolean } & (
  | { readonly property: 'receivedAt' | 'size' | 'from' | 'to' | 'subject' | 'sentAt' | 'relevance' }
  | {
      readonly property: 'hasKeyword' | 'allInThreadHaveKeyword' | 'someInThreadHaveKeyword';
      readonly keyword: string;
    }
);

export interface EmailQuery {
  /** All Emails when absent. */
  readonly filter?: EmailFilter;
  /**
   * The newest first when absent or empty. What is still equal is in the order of ids, ascending or descending as the
   * last comparator is: the order is total.
   */
  readonly sort?: readonly EmailComparator[];
  /** RFC 8621 §4.4.3: of each thread only the Email that comes first. */
  readonly collapseThreads?: boolean;
}

/** What an index knows of a text condition. */
export interface TextHits {
  /** Every Email of the account that it holds for is among these. */
  readonly among: ReadonlySet<EmailId>;
  /** Which of some of them it does hold for; absent: all. Costs a look at each. */
  readonly settle?: (emailIds: readonly EmailId[]) => Promise<ReadonlySet<EmailId>>;
  /** How much Emails are about it; absent from the map: not more than any other hit. */
  readonly weigh?: () => Promise<ReadonlyMap<EmailId, number>>;
}

/**
 * Asked once for each condition of a query. For changes to be right, an Email must be among the hits, or not, from its
 * first moment on.
 */
export type MatchText = (condition: TextCondition) => Promise<TextHits>;

/** Which part of the result is wanted (RFC 8620 §5.5). */
export interface QueryWindow {
  /** Of the first; negative: from the end. Not looked at when there is an anchor. */
  readonly position?: number;
  readonly anchor?: EmailId;
  /** Of the first, from the anchor; 0 when absent. */
  readonly anchorOffset?: number;
  readonly limit: number;
  readonly calculateTotal?: boolean;
}

export interface QueryAnswer {
  readonly emailIds: readonly EmailId[];
  /** Where in the whole result the first of them stands. */
  readonly position: number;
  /** Of the whole result, when asked for. */
  readonly total?: number;
  /** The state that changes are to be asked from. */
  readonly modSeq: ModSeq;
}

export interface ChangesWindow {
  /** Of removed and added together; more is `tooMany`. */
  readonly maxChanges?: number;
  /** RFC 8620 §5.6: what comes behind this one is not wanted, if it can be left out. */
  readonly upToId?: EmailId;
  readonly calculateTotal?: boolean;
}

/** Taken out of the old result, then put in where they say in that order, they make the new one (RFC 8620 §5.6). */
export interface QueryChanges {
  /** Some of them may not have been in it. */
  readonly removed: readonly EmailId[];
  /** By index, ascending. */
  readonly added: readonly { readonly emailId: EmailId; readonly index: number }[];
  readonly total?: number;
  readonly modSeq: ModSeq;
}

export function isOperator(filter: EmailFilter): filter is FilterOperator {
  return 'operator' in filter;
}

/** The filter's leaves. */
export function* conditionsOf(filter: EmailFilter): Generator<EmailCondition> {
  if (!isOperator(filter)) yield filter;
  else for (const one of filter.conditions) yield* conditionsOf(one);
}
