/** Mailbox (RFC 8621 §2). */
import * as v from 'valibot';
import {
  changesArguments,
  filterOf,
  getArguments,
  queryArguments,
  queryChangesArguments,
  setArguments,
  type ChangesResponse,
} from './core.ts';
import { Id, IdOrNew, UnsignedInt } from './values.ts';

export interface MailboxRights {
  readonly mayReadItems: boolean;
  readonly mayAddItems: boolean;
  readonly mayRemoveItems: boolean;
  readonly maySetSeen: boolean;
  readonly maySetKeywords: boolean;
  readonly mayCreateChild: boolean;
  readonly mayRename: boolean;
  readonly mayDelete: boolean;
  readonly maySubmit: boolean;
}

export interface Mailbox {
  readonly id: Id;
  readonly name: string;
  readonly parentId: Id | null;
  readonly role: string | null;
  readonly sortOrder: number;
  readonly totalEmails: number;
  readonly unreadEmails: number;
  readonly totalThreads: number;
  readonly unreadThreads: number;
  readonly myRights: MailboxRights;
  readonly isSubscribed: boolean;
}

export const MAILBOX_PROPERTIES = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
  'totalThreads',
  'unreadThreads',
  'myRights',
  'isSubscribed',
] as const satisfies readonly (keyof Mailbox)[];

export const MailboxGet = v.strictObject(getArguments);
export const MailboxChanges = v.strictObject(changesArguments);

/** RFC 8621 §2.2: null: any property may have changed. */
export interface MailboxChangesResponse extends ChangesResponse {
  readonly updatedProperties: readonly (keyof Mailbox)[] | null;
}

export const MailboxFilterCondition = v.strictObject({
  parentId: v.optional(v.nullable(Id)),
  name: v.optional(v.string()),
  role: v.optional(v.nullable(v.string())),
  hasAnyRole: v.optional(v.boolean()),
  isSubscribed: v.optional(v.boolean()),
});
export type MailboxFilterCondition = v.InferOutput<typeof MailboxFilterCondition>;

/** What sorts: the property is checked by the method, whose error has a name of its own. */
export const MailboxComparator = v.strictObject({
  property: v.string(),
  isAscending: v.optional(v.boolean(), true),
  collation: v.optional(v.string()),
});
export type MailboxComparator = v.InferOutput<typeof MailboxComparator>;

const mailboxList = {
  filter: v.optional(v.nullable(filterOf(MailboxFilterCondition)), null),
  sort: v.optional(v.nullable(v.array(MailboxComparator)), null),
  sortAsTree: v.optional(v.boolean(), false),
  filterAsTree: v.optional(v.boolean(), false),
};
export const MailboxQuery = v.strictObject({ ...queryArguments, ...mailboxList });
export const MailboxQueryChanges = v.strictObject({ ...queryChangesArguments, ...mailboxList });

/** What a client may say of a new Mailbox. Server-set properties may be said as long as they are right (RFC 8620 §5.3). */
export const MailboxCreation = v.strictObject({
  name: v.string(),
  parentId: v.optional(v.nullable(IdOrNew), null),
  role: v.optional(v.nullable(v.string()), null),
  sortOrder: v.optional(UnsignedInt, 0),
  isSubscribed: v.optional(v.boolean(), false),
});
export type MailboxCreation = v.InferOutput<typeof MailboxCreation>;

export const MailboxSet = v.strictObject({ ...setArguments, onDestroyRemoveEmails: v.optional(v.boolean(), false) });
