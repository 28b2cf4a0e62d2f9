/**
 * The mailbox's data, as plain records. RFC 8621 §2 and §4 give the model (an Email may be in several Mailboxes);
 * RFC 9051 gives what a Mailbox owes IMAP (uid, uidValidity). Rows are addressed by account: an id never means
 * anything outside its account.
 */
import type { AccountId, BlobKey, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#base/ids.ts';
import type { MessageDigest } from '#mime/structure.ts';

/** The keywords that have a bit of their own in stored flags. Order is storage format: append only. */
export const SYSTEM_KEYWORDS = [
  '$seen',
  '$flagged',
  '$answered',
  '$draft',
  '$forwarded',
  '$junk',
  '$notjunk',
  '$phishing',
  '$mdnsent',
] as const;

/** Bits of `flags`. `DELETED` belongs to the entry (IMAP \Deleted), all others to the Email. */
export const FLAG = {
  SEEN: 1,
  FLAGGED: 2,
  ANSWERED: 4,
  DRAFT: 8,
  FORWARDED: 16,
  JUNK: 32,
  NOTJUNK: 64,
  PHISHING: 128,
  MDNSENT: 256,
  /** IMAP \Deleted: of one entry in one Mailbox, unknown to JMAP (RFC 8621 §4.1.1). */
  DELETED: 0x4000_0000,
  /** In index columns only: the Email has keywords beside the system ones. */
  HAS_KEYWORDS: 0x2000_0000,
  /** No keyword and nobody's to change: the message has an attachment (RFC 8621 §4.1.4), for queries that ask for those. */
  HAS_ATTACHMENT: 0x0800_0000,
} as const;

/** RFC 6154 / IANA "IMAP Mailbox Name Attributes", as JMAP writes them. `inbox` cannot be changed or removed. */
export const MAILBOX_ROLES = [
  'inbox',
  'drafts',
  'sent',
  'trash',
  'junk',
  'archive',
  'all',
  'flagged',
  'important',
] as const;
export type MailboxRole = (typeof MAILBOX_ROLES)[number];

/** An account as the mailbox store knows it; who it belongs to is the directory's. */
export interface AccountRow {
  readonly accountId: AccountId;
  readonly modSeq: ModSeq;
  /** The next mailbox, email and thread id; each only grows. */
  readonly nextMailboxId: number;
  readonly nextEmailId: number;
  readonly nextThreadId: number;
  /** Sum of `sizeBytes` over the account's Emails (an Email in two Mailboxes counts once). */
  readonly usedBytes: number;
  readonly usedMessages: number;
  /** `null`: no limit. */
  readonly quotaBytes: number | null;
  readonly quotaMessages: number | null;
  readonly nextDeletionId: number;
  /** How many deletions are kept, and the sum of their Emails' `sizeBytes`, which no quota counts. */
  readonly deletions: number;
  readonly deletionBytes: number;
}

export interface MailboxRow {
  readonly mailboxId: MailboxId;
  readonly parentId: MailboxId | null;
  /** One level's name, NFC, never with `/`; siblings differ. The inbox is `INBOX`. */
  readonly name: string;
  readonly role: MailboxRole | null;
  readonly subscribed: boolean;
  /** False: a level that only stands above others (IMAP \Noselect). It holds no Emails, and none can be put there. */
  readonly selectable: boolean;
  readonly sortOrder: number;
  readonly uidValidity: number;
  readonly uidNext: number;
  /**
   * Mail that brings no uid along gets none below: those are another system's, whose uidValidity the mailbox has taken
   * over, and programs may know them there. 0 where it has not.
   */
  readonly ownUidsFrom: number;
  /** Uids from here on no IMAP session was told of: they are \Recent to the first that is (RFC 3501 §2.3.2). */
  readonly recentFrom: number;
  /** How many of its Emails those are. */
  readonly recentEmails: number;
  readonly totalEmails: number;
  /** Entries whose Email lacks $seen. */
  readonly unreadEmails: number;
  /** Those among them with $draft: nobody has to read what they write themselves (RFC 8621 §2 `unreadEmails`). */
  readonly unreadDrafts: number;
  /** Threads with an Email here (RFC 8621 §2). */
  readonly totalThreads: number;
  /** Those that show an unread Email to who opens them from here: thread-counts.ts has the rule. */
  readonly unreadThreads: number;
  /** Entries with \Deleted. */
  readonly deletedEmails: number;
  /** Sum of sizes of its Emails, for STATUS=SIZE. */
  readonly sizeBytes: number;
  /** Highest modSeq of any change to its entries or their Emails: HIGHESTMODSEQ (RFC 7162 §3.1.2.1). */
  readonly modSeq: ModSeq;
  /** modSeq of the last change to the record itself (name, role, subscription …). */
  readonly propertiesModSeq: ModSeq;
  /** Since when Emails have been here, as operations/sweep.ts notes it once a day; as text, for all else only carries it along. */
  readonly uidMarks: string | null;
}

/** Where an Email is: one row of one Mailbox. */
export interface Placement {
  readonly mailboxId: MailboxId;
  readonly uid: Uid;
  /** IMAP \Deleted. */
  readonly deleted: boolean;
}

export interface EmailRow {
  readonly emailId: EmailId;
  readonly blobKey: BlobKey;
  readonly threadId: ThreadId;
  /** INTERNALDATE: milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly sizeBytes: number;
  /** Bits of FLAG without DELETED and HAS_KEYWORDS. */
  readonly flags: number;
  /** Keywords without a bit, lower case, sorted, distinct. */
  readonly keywords: readonly string[];
  /** At least one, ordered by mailboxId. */
  readonly placements: readonly Placement[];
  readonly modSeq: ModSeq;
}

/** Who deleted an Email, and by what: for its owner to be told. */
export interface DeletedBy {
  /** `server`: by itself, after they had been in the trash or the junk for as long as the school keeps them. */
  readonly way: 'web' | 'jmap' | 'imap' | 'pop3' | 'server';
  /** The address that had signed in; empty when nobody had. */
  readonly login: string;
  /** What the program calls itself; empty when it does not say. */
  readonly agent: string;
}

/** An Email that was deleted and can be had back: its message is kept, and nothing but its owner's list shows it. */
export interface DeletionRow
  extends
    DeletedBy,
    Pick<EmailRow, 'emailId' | 'blobKey' | 'threadId' | 'receivedAt' | 'sizeBytes' | 'flags' | 'keywords'> {
  readonly deletionId: DeletionId;
  readonly deletedAt: number;
  /** Where it was last; of several Mailboxes the first. */
  readonly mailboxId: MailboxId;
  /** That Mailbox's path, as it was called then. */
  readonly path: string;
}

/** What an Email is to its thread. */
export type ThreadEmail = Pick<EmailRow, 'emailId' | 'threadId' | 'receivedAt' | 'flags' | 'keywords' | 'placements'>;

/** One row of a Mailbox as the engines list it. */
export interface EntryRow {
  readonly uid: Uid;
  readonly emailId: EmailId;
  /** All bits, DELETED and HAS_KEYWORDS among them. */
  readonly flags: number;
  readonly keywords: readonly string[];
  readonly modSeq: ModSeq;
}

/** A range of a Mailbox's rows, ascending by uid, in columns: cheap to hold by the hundred thousand. */
export interface EntryColumns {
  readonly uids: Uint32Array;
  readonly emailIds: Uint32Array;
  readonly flags: Uint32Array;
  readonly modSeqs: Float64Array;
  /** uid -> keywords, for rows with HAS_KEYWORDS. */
  readonly keywords: ReadonlyMap<number, readonly string[]>;
}

/** What one committed operation did to an account; the change log is the list of them, one for each modSeq. */
export interface ChangeRecord {
  readonly modSeq: ModSeq;
  readonly emails: { readonly created: EmailId[]; readonly updated: EmailId[]; readonly destroyed: EmailId[] };
  readonly threads: { readonly created: ThreadId[]; readonly updated: ThreadId[]; readonly destroyed: ThreadId[] };
  readonly mailboxes: {
    readonly created: MailboxId[];
    /** Name, place, role, subscription or rank changed. */
    readonly updated: MailboxId[];
    /** Only counts changed. */
    readonly counted: MailboxId[];
    readonly destroyed: MailboxId[];
  };
  /** By mailbox, each list ascending. A destroyed mailbox's uids are not listed. */
  readonly entries: readonly EntryChanges[];
}

export interface EntryChanges {
  readonly mailboxId: MailboxId;
  readonly added: readonly number[];
  /** Flags or keywords changed. */
  readonly changed: readonly number[];
  readonly expunged: readonly number[];
}

/** A message's octets made ready for storing: hashed and encoded. Plain data, so that it can cross threads. */
export interface PreparedBlob {
  /** SHA-256 of the octets, lower-case hexadecimal: the blob's name. */
  readonly hash: string;
  readonly sizeBytes: number;
  /** The octets as they are written, in the store's own encoding. */
  readonly encoded: Uint8Array;
}

/** A message ready to be appended. The same object given for many accounts is stored once. */
export interface PreparedMessage {
  readonly blob: PreparedBlob;
  readonly digest: MessageDigest;
  /** What decides its thread: hashes of its message ids (own, In-Reply-To, References) and of its base subject. */
  readonly threadKeys: { readonly references: readonly string[]; readonly subjectHash: string };
}

export type { AccountId, BlobKey, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid };
