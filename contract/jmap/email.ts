/** Email (RFC 8621 §4) and SearchSnippet (§5). */
import * as v from 'valibot';
import {
  changesArguments,
  filterOf,
  getArguments,
  queryArguments,
  queryChangesArguments,
  setArguments,
  type SetError,
} from './core.ts';
import { Id, IdOrNew, UTCDate, UnsignedInt, mapOf, setOf } from './values.ts';

/** RFC 8621 §4.1.2.3. */
export interface EmailAddress {
  readonly name: string | null;
  readonly email: string;
}

/** RFC 8621 §4.1.2.4. `name`: null for addresses that stand in no group. */
export interface EmailAddressGroup {
  readonly name: string | null;
  readonly addresses: readonly EmailAddress[];
}

/** RFC 8621 §4.1.3: as it stands in the message, the value raw. */
export interface EmailHeader {
  readonly name: string;
  readonly value: string;
}

/** RFC 8621 §4.1.4. */
export interface EmailBodyPart {
  readonly partId: string | null;
  readonly blobId: Id | null;
  readonly size: number;
  readonly headers: readonly EmailHeader[];
  readonly name: string | null;
  readonly type: string;
  readonly charset: string | null;
  readonly disposition: string | null;
  readonly cid: string | null;
  readonly language: readonly string[] | null;
  readonly location: string | null;
  readonly subParts: readonly EmailBodyPart[] | null;
}

export interface EmailBodyValue {
  readonly value: string;
  readonly isEncodingProblem: boolean;
  readonly isTruncated: boolean;
}

/** Every property but the open set `header:…`. */
export interface Email {
  readonly id: Id;
  readonly blobId: Id;
  readonly threadId: Id;
  readonly mailboxIds: Readonly<Record<Id, true>>;
  readonly keywords: Readonly<Record<string, true>>;
  readonly size: number;
  readonly receivedAt: UTCDate;
  readonly headers: readonly EmailHeader[];
  readonly messageId: readonly string[] | null;
  readonly inReplyTo: readonly string[] | null;
  readonly references: readonly string[] | null;
  readonly sender: readonly EmailAddress[] | null;
  readonly from: readonly EmailAddress[] | null;
  readonly to: readonly EmailAddress[] | null;
  readonly cc: readonly EmailAddress[] | null;
  readonly bcc: readonly EmailAddress[] | null;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly subject: string | null;
  readonly sentAt: string | null;
  readonly bodyStructure: EmailBodyPart;
  readonly bodyValues: Readonly<Record<string, EmailBodyValue>>;
  readonly textBody: readonly EmailBodyPart[];
  readonly htmlBody: readonly EmailBodyPart[];
  readonly attachments: readonly EmailBodyPart[];
  readonly hasAttachment: boolean;
  readonly preview: string;
}

export const EMAIL_PROPERTIES = [
  'id',
  'blobId',
  'threadId',
  'mailboxIds',
  'keywords',
  'size',
  'receivedAt',
  'headers',
  'messageId',
  'inReplyTo',
  'references',
  'sender',
  'from',
  'to',
  'cc',
  'bcc',
  'replyTo',
  'subject',
  'sentAt',
  'bodyStructure',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
  'hasAttachment',
  'preview',
] as const satisfies readonly (keyof Email)[];

/** RFC 8621 §4.2: what Email/get answers unless asked for something else. */
export const DEFAULT_EMAIL_PROPERTIES = [
  'id',
  'blobId',
  'threadId',
  'mailboxIds',
  'keywords',
  'size',
  'receivedAt',
  'messageId',
  'inReplyTo',
  'references',
  'sender',
  'from',
  'to',
  'cc',
  'bcc',
  'replyTo',
  'subject',
  'sentAt',
  'hasAttachment',
  'preview',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
] as const satisfies readonly (keyof Email)[];

export const BODY_PROPERTIES = [
  'partId',
  'blobId',
  'size',
  'headers',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'subParts',
] as const satisfies readonly (keyof EmailBodyPart)[];

/** RFC 8621 §4.2. */
export const DEFAULT_BODY_PROPERTIES = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
] as const satisfies readonly (keyof EmailBodyPart)[];

const bodyArguments = {
  bodyProperties: v.optional(v.nullable(v.array(v.string())), null),
  fetchTextBodyValues: v.optional(v.boolean(), false),
  fetchHTMLBodyValues: v.optional(v.boolean(), false),
  fetchAllBodyValues: v.optional(v.boolean(), false),
  maxBodyValueBytes: v.optional(UnsignedInt, 0),
};

export const EmailGet = v.strictObject({ ...getArguments, ...bodyArguments });
export const EmailChanges = v.strictObject(changesArguments);

/** RFC 8621 §4.4.1. */
export const EmailFilterCondition = v.strictObject({
  inMailbox: v.optional(Id),
  inMailboxOtherThan: v.optional(v.array(Id)),
  before: v.optional(UTCDate),
  after: v.optional(UTCDate),
  minSize: v.optional(UnsignedInt),
  maxSize: v.optional(UnsignedInt),
  allInThreadHaveKeyword: v.optional(v.string()),
  someInThreadHaveKeyword: v.optional(v.string()),
  noneInThreadHaveKeyword: v.optional(v.string()),
  hasKeyword: v.optional(v.string()),
  notKeyword: v.optional(v.string()),
  hasAttachment: v.optional(v.boolean()),
  text: v.optional(v.string()),
  from: v.optional(v.string()),
  to: v.optional(v.string()),
  cc: v.optional(v.string()),
  bcc: v.optional(v.string()),
  subject: v.optional(v.string()),
  body: v.optional(v.string()),
  header: v.optional(
    v.pipe(v.array(v.string()), v.minLength(1, 'needs a field name'), v.maxLength(2, 'has a field name and a text')),
  ),
});
export type EmailFilterCondition = v.InferOutput<typeof EmailFilterCondition>;

/** RFC 8621 §4.4.2. */
export const EmailComparator = v.strictObject({
  property: v.string(),
  isAscending: v.optional(v.boolean(), true),
  collation: v.optional(v.string()),
  keyword: v.optional(v.string()),
});
export type EmailComparator = v.InferOutput<typeof EmailComparator>;

const emailList = {
  filter: v.optional(v.nullable(filterOf(EmailFilterCondition)), null),
  sort: v.optional(v.nullable(v.array(EmailComparator)), null),
  collapseThreads: v.optional(v.boolean(), false),
};
export const EmailQuery = v.strictObject({ ...queryArguments, ...emailList });
export const EmailQueryChanges = v.strictObject({ ...queryChangesArguments, ...emailList });

export const EmailSet = v.strictObject(setArguments);

/** RFC 8621 §4.7. */
export const EmailCopy = v.strictObject({
  fromAccountId: Id,
  ifFromInState: v.optional(v.nullable(v.string()), null),
  accountId: Id,
  ifInState: v.optional(v.nullable(v.string()), null),
  create: mapOf(
    Id,
    v.strictObject({
      id: Id,
      mailboxIds: v.optional(setOf(IdOrNew)),
      keywords: v.optional(setOf(v.string())),
      receivedAt: v.optional(UTCDate),
    }),
  ),
  onSuccessDestroyOriginal: v.optional(v.boolean(), false),
  destroyFromIfInState: v.optional(v.nullable(v.string()), null),
});

/** RFC 8621 §4.8. */
export const EmailImport = v.strictObject({
  accountId: Id,
  ifInState: v.optional(v.nullable(v.string()), null),
  emails: mapOf(
    Id,
    v.strictObject({
      blobId: Id,
      mailboxIds: setOf(IdOrNew),
      keywords: v.optional(setOf(v.string()), {}),
      receivedAt: v.optional(v.nullable(UTCDate), null),
    }),
  ),
});

export interface EmailImportResponse {
  readonly accountId: Id;
  readonly oldState: string | null;
  readonly newState: string;
  readonly created: Readonly<Record<Id, Pick<Email, 'id' | 'blobId' | 'threadId' | 'size'>>> | null;
  readonly notCreated: Readonly<Record<Id, SetError>> | null;
}

/** RFC 8621 §4.9. */
export const EmailParse = v.strictObject({
  accountId: Id,
  blobIds: v.array(Id),
  properties: v.optional(v.nullable(v.array(v.string())), null),
  ...bodyArguments,
});

export interface EmailParseResponse {
  readonly accountId: Id;
  readonly parsed: Readonly<Record<Id, Partial<Email>>> | null;
  readonly notParsable: readonly Id[] | null;
  readonly notFound: readonly Id[] | null;
}

/** RFC 8621 §5.1. */
export const SearchSnippetGet = v.strictObject({
  accountId: Id,
  filter: v.optional(v.nullable(filterOf(EmailFilterCondition)), null),
  emailIds: v.array(Id),
});

/** RFC 8621 §5: HTML with `<mark>` around what was found, and all else escaped. */
export interface SearchSnippet {
  readonly emailId: Id;
  readonly subject: string | null;
  readonly preview: string | null;
}
