/**
 * MessageTrace, ours: what became of a message that the account sent, or that was sent to it. Read only; kept for some weeks.
 * A sender sees all recipients, anybody else only the own addresses. `MessageTrace/recall` takes a message back from mailboxes
 * here.
 */
import * as v from 'valibot';
import { getArguments } from './core.ts';
import { Id, UnsignedInt, UTCDate } from './values.ts';

export interface MessageTrace {
  /** What the server's replies and its log call the message. */
  readonly id: Id;
  /** `out`: the account sent it. */
  readonly direction: 'out' | 'in';
  readonly at: UTCDate;
  /** The reverse-path, empty for reports. */
  readonly from: string;
  readonly subject: string;
  /** Without angle brackets; empty where there is none. */
  readonly messageId: string;
  readonly size: number;
  readonly recipients: readonly RecipientTrace[];
  /** Till when the account may recall it; null: not any more, or not at all. */
  readonly recallableUntil: UTCDate | null;
}

export interface RecipientTrace {
  readonly address: string;
  readonly state: RecipientState;
  /** When it came to that. */
  readonly at: UTCDate | null;
  /** Whether a mailbox here shows it as read; null: nobody knows, or tells. */
  readonly isRead: boolean | null;
  /** The server that said so; null: this one. */
  readonly server: string | null;
  /** Its words. */
  readonly words: string | null;
  /** What they mean, where something went wrong. */
  readonly reason: { readonly zh: string; readonly en: string } | null;
  readonly nextTryAt: UTCDate | null;
}

export type RecipientState =
  /** In a mailbox here. */
  | 'delivered'
  /** Sent on to those in a group. */
  | 'posted'
  /** Another server took it, and answers for it. */
  | 'relayed'
  | 'waiting'
  | 'failed'
  | 'recalled'
  | 'unknown';

export const MESSAGE_TRACE_PROPERTIES = [
  'id',
  'direction',
  'at',
  'from',
  'subject',
  'messageId',
  'size',
  'recipients',
  'recallableUntil',
] as const satisfies readonly (keyof MessageTrace)[];

export const MessageTraceGet = v.strictObject({ ...getArguments, ids: v.array(Id) });

/** The latest first. To go on, ask for those before the last. */
export const MessageTraceQuery = v.strictObject({
  accountId: Id,
  filter: v.strictObject({
    direction: v.picklist(['out', 'in']),
    /** Only those with one of these Message-IDs. */
    messageIds: v.optional(v.array(v.string())),
    after: v.optional(UTCDate),
    before: v.optional(UTCDate),
  }),
  limit: v.optional(v.pipe(UnsignedInt, v.minValue(1, 'must be greater than 0')), 50),
});

export interface MessageTraceQueryResponse {
  readonly accountId: Id;
  readonly ids: readonly Id[];
  /** How far back there is anything. */
  readonly keptSince: UTCDate;
}

/** A slice of the mailboxes that have it. */
export const MessageTraceRecall = v.strictObject({
  accountId: Id,
  id: Id,
  /** Whether those whose mailbox it is taken from are told. */
  notifies: v.optional(v.boolean(), false),
  /** `next` of the slice before. */
  position: v.optional(UnsignedInt, 0),
});

export interface MessageTraceRecallResponse {
  readonly accountId: Id;
  /** Of those looked at this time; adds up over the slices. */
  readonly results: readonly RecallResult[];
  /** Where to go on; null: that was all. */
  readonly next: number | null;
}

/** Of one recipient, how many mailboxes: one, or those of a group. */
export interface RecallResult {
  readonly address: string;
  readonly recalled: number;
  /** Read already, so that it stays. */
  readonly read: number;
  /** Not there: deleted, or not come yet. */
  readonly missing: number;
  readonly outside: number;
}
