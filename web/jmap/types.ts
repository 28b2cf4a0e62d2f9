/** What the client keeps of an account, by JMAP type; and what each method answers. */
import type {
  ChangesResponse,
  GetResponse,
  MethodErrorType,
  QueryChangesResponse,
  QueryResponse,
  ResultReference,
  SetError,
  SetResponse,
} from '#contract/jmap/core.ts';
import { EMAIL_SUBMISSION_PROPERTIES, type EmailSubmission } from '#contract/jmap/submission.ts';
import { FORWARDING_RULE_PROPERTIES, type ForwardingRule } from '#contract/jmap/forwarding-rule.ts';
import { IDENTITY_PROPERTIES, type Identity } from '#contract/jmap/identity.ts';
import { MAIL_FILTER_PROPERTIES, type MailFilter } from '#contract/jmap/mail-filter.ts';
import { MAILBOX_PROPERTIES, type Mailbox, type MailboxChangesResponse } from '#contract/jmap/mailbox.ts';
import type { BlobUploadResponse } from '#contract/jmap/blob.ts';
import type { ContactCard } from '#contract/jmap/contacts.ts';
import type { Person, Unit } from '#contract/jmap/person.ts';
import { QUOTA_PROPERTIES, type Quota } from '#contract/jmap/quota.ts';
import type { Email } from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import type { Thread } from '#contract/jmap/thread.ts';
import { VACATION_RESPONSE_PROPERTIES, type VacationResponse } from '#contract/jmap/vacation-response.ts';

export interface Records {
  readonly Mailbox: Mailbox;
  readonly Thread: Thread;
  readonly Email: Email;
  readonly Identity: Identity;
  readonly EmailSubmission: EmailSubmission;
  readonly VacationResponse: VacationResponse;
  readonly Quota: Quota;
  readonly ForwardingRule: ForwardingRule;
  readonly MailFilter: MailFilter;
}

/** What is only asked for, and not kept. */
export interface Answers {
  readonly ContactCard: ContactCard;
  readonly Person: Person;
  readonly Unit: Unit;
}

export type TypeName = keyof Records;

/** A record as far as it has been fetched. A property that is absent is not known; null is a value. */
export type Known<Type extends TypeName> = Partial<Records[Type]> & { readonly id: Id };

/** What a row of a list shows. */
export const EMAIL_HEADER = [
  'id',
  'blobId',
  'threadId',
  'mailboxIds',
  'keywords',
  'size',
  'receivedAt',
  'from',
  'to',
  'subject',
  'hasAttachment',
  'preview',
] as const satisfies readonly (keyof Email)[];

/** What reading, answering and forwarding need besides: fetched when a message is opened. */
export const EMAIL_BODY = [
  'messageId',
  'inReplyTo',
  'references',
  'sender',
  'cc',
  'bcc',
  'replyTo',
  'sentAt',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
] as const satisfies readonly (keyof Email)[];

interface TypeTraits {
  /** So few that all are kept: the whole collection is fetched at once, and what is created later as well. */
  readonly isWhole: boolean;
  readonly hasChanges: boolean;
  /** What is fetched when nothing else is said. */
  readonly properties: readonly string[];
  /** What an update can have changed. RFC 8621 §4.1: of an Email, only its mailboxes and keywords. */
  readonly mutable: readonly string[];
}

export const TRAITS: Readonly<Record<TypeName, TypeTraits>> = {
  Mailbox: { isWhole: true, hasChanges: true, properties: MAILBOX_PROPERTIES, mutable: MAILBOX_PROPERTIES },
  Identity: { isWhole: true, hasChanges: true, properties: IDENTITY_PROPERTIES, mutable: IDENTITY_PROPERTIES },
  Quota: { isWhole: true, hasChanges: true, properties: QUOTA_PROPERTIES, mutable: QUOTA_PROPERTIES },
  ForwardingRule: {
    isWhole: true,
    hasChanges: false,
    properties: FORWARDING_RULE_PROPERTIES,
    mutable: FORWARDING_RULE_PROPERTIES,
  },
  MailFilter: {
    isWhole: true,
    hasChanges: false,
    properties: MAIL_FILTER_PROPERTIES,
    mutable: MAIL_FILTER_PROPERTIES,
  },
  // RFC 8621 §8 gives it no /changes.
  VacationResponse: {
    isWhole: true,
    hasChanges: false,
    properties: VACATION_RESPONSE_PROPERTIES,
    mutable: VACATION_RESPONSE_PROPERTIES,
  },
  Thread: { isWhole: false, hasChanges: true, properties: ['id', 'emailIds'], mutable: ['id', 'emailIds'] },
  Email: { isWhole: false, hasChanges: true, properties: EMAIL_HEADER, mutable: ['id', 'mailboxIds', 'keywords'] },
  EmailSubmission: {
    isWhole: false,
    hasChanges: true,
    properties: EMAIL_SUBMISSION_PROPERTIES,
    mutable: EMAIL_SUBMISSION_PROPERTIES,
  },
};

export const TYPE_NAMES = Object.keys(TRAITS) as readonly TypeName[];

export function isTypeName(name: string): name is TypeName {
  return Object.hasOwn(TRAITS, name);
}

export type MethodCall = readonly [name: string, args: Readonly<Record<string, unknown>>];

export interface MethodError {
  readonly type: MethodErrorType;
  readonly description?: string;
}

/** What became of one method call (RFC 8620 §3.6.2). */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: MethodError };

// RFC 8620 §5: the standard methods answer alike for all types.
export type ResponseOf<Name extends string> = Name extends `${infer Type extends TypeName}/get`
  ? GetResponse<Known<Type>>
  : Name extends `${infer Type extends keyof Answers}/get`
    ? GetResponse<Partial<Answers[Type]>>
    : Name extends 'Mailbox/changes'
      ? MailboxChangesResponse
      : Name extends `${string}/changes`
        ? ChangesResponse
        : Name extends `${string}/queryChanges`
          ? QueryChangesResponse
          : Name extends `${string}/query`
            ? QueryResponse
            : Name extends `${infer Type extends TypeName}/set`
              ? SetResponse<Known<Type>>
              : Name extends `${infer Type extends keyof Answers}/set`
                ? SetResponse<Partial<Answers[Type]>>
                : Name extends 'Blob/upload'
                  ? BlobUploadResponse
                  : unknown;

export type OutcomesOf<Calls extends readonly MethodCall[]> = {
  readonly [Index in keyof Calls]: Outcome<ResponseOf<Calls[Index][0]>>;
};

/** RFC 8620 §3.7: what the call at `index` of the same group will have answered. */
export function resultOf(index: number, name: string, path: string): ResultReference {
  return { resultOf: String(index), name, path };
}

/** What useSyncExternalStore takes: the snapshot is the same object until something in it changes. */
export interface External<Snapshot> {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Snapshot;
}

/** A text for the user, by its key: why the server would not do what was asked. */
export type RejectionKey = `jmap.rejected.${SetError['type'] | 'other'}`;
