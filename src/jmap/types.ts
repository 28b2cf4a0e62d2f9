/**
 * What JMAP keeps beside mail, as plain records: uploads (RFC 8620 §6.1), identities (RFC 8621 §6), submissions
 * (RFC 8621 §7), push subscriptions (RFC 8620 §7.2) and contacts (RFC 9610). Instants are milliseconds since the epoch.
 */
import type { AccountId, Brand, EmailId, QueueId, ThreadId } from '#base/ids.ts';
import type { Card } from '#contract/jmap/contacts.ts';

// An id is the state of its type that the row's creation led to, and so unique in its account for ever.
export type IdentityId = Brand<number, 'IdentityId'>;
export type SubmissionId = Brand<number, 'SubmissionId'>;
export type PushSubscriptionId = Brand<number, 'PushSubscriptionId'>;
export type AddressBookId = Brand<number, 'AddressBookId'>;
export type CardId = Brand<number, 'CardId'>;

/** The types that have rows, states and a log of changes here, by their JMAP names. */
export interface JmapRows {
  readonly Identity: IdentityRow;
  readonly EmailSubmission: SubmissionRow;
  readonly PushSubscription: PushSubscriptionRow;
  readonly AddressBook: AddressBookRow;
  readonly ContactCard: CardRow;
}
export type JmapType = keyof JmapRows;
export const JMAP_TYPES = [
  'Identity',
  'EmailSubmission',
  'PushSubscription',
  'AddressBook',
  'ContactCard',
] as const satisfies readonly JmapType[];

/** Octets given to the server to be named later: an attachment, a message to import. The octets are a blob's. */
export interface Upload {
  /** SHA-256 of the octets, lower-case hexadecimal: the blob's name. */
  readonly hash: string;
  /** As whoever uploaded it last called it. */
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly createdAt: number;
  /** When it was last uploaded or, within an hour, read. */
  readonly usedAt: number;
}

export interface NamedAddress {
  readonly name: string | null;
  readonly email: string;
}

/** Whom an account may write as. Each of its addresses has one that cannot be deleted; it may make more. */
export interface IdentityRow {
  readonly id: IdentityId;
  readonly email: string;
  readonly name: string;
  /** False: the name is that of the account, and follows it. */
  readonly isNamed: boolean;
  readonly replyTo: readonly NamedAddress[] | null;
  readonly bcc: readonly NamedAddress[] | null;
  readonly textSignature: string;
  readonly htmlSignature: string;
  readonly mayDelete: boolean;
  /** One of an account's is: what it writes as unless it says otherwise. */
  readonly isDefault: boolean;
}

/** RFC 8621 §7: an address and its parameters of MAIL FROM or RCPT TO. */
export interface EnvelopeAddress {
  readonly email: string;
  readonly parameters: Readonly<Record<string, string | null>> | null;
}

/** A message handed in for sending. What became of it is the queue's and the trace's to tell, by `queueIds`. */
export interface SubmissionRow {
  readonly id: SubmissionId;
  readonly identityId: IdentityId;
  readonly emailId: EmailId;
  readonly threadId: ThreadId;
  readonly envelope: { readonly mailFrom: EnvelopeAddress; readonly rcptTo: readonly EnvelopeAddress[] };
  readonly queueIds: readonly QueueId[];
  readonly createdAt: number;
  readonly sendAt: number;
  /** `pending`: it may still be taken back. */
  readonly undoStatus: 'pending' | 'final' | 'canceled';
}

/** RFC 8291: what a push is encrypted for, both base64url. */
export interface PushKeys {
  /** The receiver's public key, an uncompressed point of P-256. */
  readonly p256dh: string;
  readonly auth: string;
}

/** Where a client's push service wants to be told of changes (RFC 8030). */
export interface PushSubscriptionRow {
  readonly id: PushSubscriptionId;
  /** By what its client had signed in; only so may it see and change it again. */
  readonly owner: string;
  readonly deviceClientId: string;
  readonly url: string;
  readonly keys: PushKeys | null;
  /** What was sent to `url` to be said back; nothing else is pushed before it is. */
  readonly verificationCode: string;
  readonly isVerified: boolean;
  readonly expires: number;
  /** Names of JMAP types; null: all. */
  readonly types: readonly string[] | null;
  /** Whether who wrote and about what is pushed along with new mail; only where there are keys. */
  readonly withSubject: boolean;
  /** What was sent last, by whichever front-end: nothing (''), the verification code (`code`), changes up to a push state. */
  readonly told: string;
}

/** Cards stand in books; one of an account's books is the default. */
export interface AddressBookRow {
  readonly id: AddressBookId;
  readonly name: string;
  readonly description: string | null;
  readonly sortOrder: number;
  readonly isDefault: boolean;
}

/** Somebody, or a group of them, that an account has noted down. */
export interface CardRow {
  readonly id: CardId;
  /** At least one. */
  readonly books: readonly AddressBookId[];
  /** Its uid is no other card's of the account. */
  readonly card: Card;
}

/** One step of a type's state: one row was made, changed or removed. */
export interface JmapChange {
  readonly state: number;
  readonly kind: 'created' | 'updated' | 'destroyed';
  readonly id: number;
  readonly at: number;
}

export type { AccountId };
