/**
 * Deletion, ours: an Email that was deleted and can be had back for some weeks. It is no Email any more: no quota counts
 * it and no search finds it. `Deletion/recover` makes Emails of them again, `Deletion/destroy` ends them for good.
 */
import * as v from 'valibot';
import { getArguments, type SetError } from './core.ts';
import type { EmailAddress } from './email.ts';
import { Id, UnsignedInt, type UTCDate } from './values.ts';

export interface Deletion {
  readonly id: Id;
  readonly subject: string;
  readonly from: readonly EmailAddress[];
  readonly to: readonly EmailAddress[];
  readonly receivedAt: UTCDate;
  readonly size: number;
  readonly hasAttachment: boolean;
  readonly deletedAt: UTCDate;
  /** After that it is gone for good; sooner when the account deletes more than can be kept. */
  readonly keptUntil: UTCDate;
  /** Where it was last; null: that mailbox is gone, and it comes back to the inbox. */
  readonly mailboxId: Id | null;
  /** What that mailbox was called, levels joined by `/`. */
  readonly path: string;
  readonly way: DeletionWay;
  /** The address of whoever had signed in; empty when nobody had. */
  readonly by: string;
  /** What the program calls itself: a User-Agent, or a name and version; empty when it does not say. */
  readonly agent: string;
}

/** `web`: the webmail. `server`: nobody did, it had been in the trash or the junk for long enough. */
export type DeletionWay = 'web' | 'jmap' | 'imap' | 'pop3' | 'server';

export const DELETION_PROPERTIES = [
  'id',
  'subject',
  'from',
  'to',
  'receivedAt',
  'size',
  'hasAttachment',
  'deletedAt',
  'keptUntil',
  'mailboxId',
  'path',
  'way',
  'by',
  'agent',
] as const satisfies readonly (keyof Deletion)[];

/** What an account's capability says. */
export interface DeletionCapability {
  /** How long what is deleted can be had back, days; 0: not at all. */
  readonly keptDays: number;
  /** How long mail stays in the mailbox with the role trash, and in that with the role junk, days; 0: until somebody deletes it. */
  readonly trashDays: number;
  readonly junkDays: number;
}

export const DeletionGet = v.strictObject({ ...getArguments, ids: v.array(Id) });

/** The latest first. */
export const DeletionQuery = v.strictObject({
  accountId: Id,
  filter: v.optional(
    v.strictObject({
      /** In the subject, or in a name or address of its author. */
      text: v.optional(v.string(), ''),
    }),
    {},
  ),
  /** `next` of the page before. */
  behind: v.optional(v.nullable(Id), null),
  limit: v.optional(v.pipe(UnsignedInt, v.minValue(1, 'must be greater than 0')), 50),
});

export interface DeletionQueryResponse {
  readonly accountId: Id;
  readonly ids: readonly Id[];
  /** Where to go on, though a page may have had nothing; null: that was all. */
  readonly next: Id | null;
}

export const DeletionRecover = v.strictObject({ accountId: Id, ids: v.array(Id) });

/** All or none of those that are there. */
export interface DeletionRecoverResponse {
  readonly accountId: Id;
  /** The Emails made, by the deletion's id. */
  readonly created: Readonly<Record<Id, { readonly id: Id; readonly mailboxId: Id }>>;
  /** `notFound`, or `overQuota` for all of them. */
  readonly notCreated: Readonly<Record<Id, SetError>>;
}

export const DeletionDestroy = v.strictObject({ accountId: Id, ids: v.array(Id) });

/**
 * Mailbox/empty, ours: takes out of a Mailbox whatever is in it, and into another one, `into`, what is nowhere else; with
 * `into` null it is deleted as Email/set would.
 */
export const MailboxEmpty = v.strictObject({
  accountId: Id,
  id: Id,
  into: v.optional(v.nullable(Id), null),
  /** Null at first; then `upTo` of the answer before. What has come to the Mailbox since the first call stays. */
  upTo: v.optional(v.nullable(UnsignedInt), null),
});

export interface MailboxEmptyResponse {
  readonly accountId: Id;
  /** How many Emails have left it by this call, by the Mailbox's id; without it if there were none. */
  readonly emptied: Readonly<Record<Id, number>>;
  readonly upTo: number;
  /** How many are left to further calls. */
  readonly left: number;
}

export interface DeletionDestroyResponse {
  readonly accountId: Id;
  readonly destroyed: readonly Id[];
  readonly notDestroyed: Readonly<Record<Id, SetError>>;
}
