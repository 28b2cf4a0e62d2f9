/**
 * What the mailbox needs from a storage backend: rows, not rules. The rules are in operations/, written once over
 * MailTransaction; a backend that passes test/contract/mail-store.ts is a backend.
 */
import type { AccountId, BlobKey, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#base/ids.ts';
import type { MailErrorData } from '#base/errors.ts';
import type { MessageSummary, MimePart } from '#mime/structure.ts';
import type {
  AccountRow,
  ChangeRecord,
  DeletionRow,
  EmailRow,
  EntryColumns,
  MailboxRole,
  MailboxRow,
  PreparedBlob,
  PreparedMessage,
  ThreadEmail,
} from '#mail/types.ts';

/** Uids one by one, or all from one on: what lies between may be any number. */
export type UidChoice = readonly number[] | { readonly from: number };

/** A message id (a hash, as in PreparedMessage.threadKeys) leads, together with a subject's hash, to a thread. */
export interface ThreadReference {
  readonly reference: string;
  readonly subjectHash: string;
  readonly threadId: ThreadId;
}

/** The rows of one account, inside one atomic change. Reads see the change's own writes. */
export interface MailTransaction {
  readonly accountId: AccountId;
  readonly nowMs: number;

  account(): Promise<AccountRow | undefined>;
  insertAccount(row: AccountRow): Promise<void>;
  updateAccount(row: AccountRow): Promise<void>;
  /** Removes every row of the account; its blobs lose those references. */
  deleteAccount(): Promise<void>;

  /** All of them, by id. */
  mailboxes(): Promise<readonly MailboxRow[]>;
  insertMailbox(row: MailboxRow): Promise<void>;
  updateMailbox(row: MailboxRow): Promise<void>;
  /** The mailbox must be empty. */
  deleteMailbox(mailboxId: MailboxId): Promise<void>;

  /** Paths subscribed to where there is no mailbox, in no promised order. */
  lostSubscriptions(): Promise<readonly string[]>;
  /** Those that are not there yet. */
  insertLostSubscriptions(paths: readonly string[]): Promise<void>;
  deleteLostSubscriptions(paths: readonly string[]): Promise<void>;

  /** Those that exist, in no promised order. */
  emails(emailIds: readonly EmailId[]): Promise<readonly EmailRow[]>;
  /**
   * The Emails behind these uids (from `from` on; all of the mailbox's when `uids` is absent), those that exist,
   * ascending by uid.
   */
  emailsIn(mailboxId: MailboxId, uids?: UidChoice): Promise<readonly { uid: Uid; email: EmailRow }[]>;
  /** Those whose placement there is marked \Deleted, the lowest uids first, at most `limit`. */
  deletedEmailsIn(mailboxId: MailboxId, limit: number): Promise<readonly { uid: Uid; email: EmailRow }[]>;
  /** Writes the Emails and their placements. References their blobs. */
  insertEmails(rows: readonly EmailRow[]): Promise<void>;
  /** Replaces flags, keywords, placements, modSeq; the mailbox entries follow the placements (`before` tells which were). */
  updateEmails(changes: readonly { readonly before: EmailRow; readonly after: EmailRow }[]): Promise<void>;
  /** Removes the Emails and their placements, and their references to blobs. */
  deleteEmails(rows: readonly EmailRow[]): Promise<void>;

  /** Writes deletions. References their blobs. */
  insertDeletions(rows: readonly DeletionRow[]): Promise<void>;
  /** Those that exist, ascending. */
  deletions(deletionIds: readonly DeletionId[]): Promise<readonly DeletionRow[]>;
  /** The lowest ids first, at most `limit`. */
  oldestDeletions(limit: number): Promise<readonly DeletionRow[]>;
  /** Removes them, and their references to blobs. */
  deleteDeletions(rows: readonly DeletionRow[]): Promise<void>;

  /** Stores a message's blob, list data and structure unless a blob of that hash is there; durable at commit. */
  storeMessage(message: PreparedMessage): Promise<BlobKey>;

  /** What is summed up of stored messages; in no promised order. */
  summaries(blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, MessageSummary>>;

  /** Which of these lead to a thread, and to which; in no promised order. */
  threadReferences(keys: readonly Omit<ThreadReference, 'threadId'>[]): Promise<readonly ThreadReference[]>;
  /** Where one leads to a thread already, this one takes its place. None is named twice. */
  putThreadReferences(rows: readonly ThreadReference[]): Promise<void>;
  /** The Emails of these threads, by receivedAt, then id. */
  threadEmails(threadIds: readonly ThreadId[]): Promise<readonly ThreadEmail[]>;

  appendChange(record: ChangeRecord): Promise<void>;
  /** Forgets every record: who asks for changes since before then learns that it is too late. */
  clearChanges(): Promise<void>;
}

/** Data for one row of a list, without touching the message. */
export interface EmailListRow {
  readonly emailId: EmailId;
  readonly threadId: ThreadId;
  readonly receivedAt: number;
  readonly sizeBytes: number;
  readonly imapEnvelope: string;
  readonly summary: MessageSummary;
  readonly preview: string;
}

/** A deletion with what a list shows of its message. */
export interface DeletionListRow extends DeletionRow {
  readonly summary: MessageSummary;
}

/** Without $seen, with $flagged, with an attachment. */
export type Mark = 'unread' | 'flagged' | 'attachments';

/** Which rows of a mailbox, or of all mail, are wanted in the order of receivedAt, then id. */
export interface TimeStretch {
  /** All mail of the account when absent. */
  readonly mailboxId?: MailboxId;
  /** Of a mailbox: only those that are so; read no slower where they are few. */
  readonly only?: Mark;
  /** receivedAt from here on. */
  readonly from?: number;
  /** receivedAt before that. */
  readonly before?: number;
  readonly isAscending: boolean;
  /** Begins behind this place. */
  readonly behind?: { readonly receivedAt: number; readonly emailId: EmailId };
  /** Reads flags, too, which are 0 otherwise: twice the work. */
  readonly withFlags: boolean;
  readonly limit: number;
}

export interface TimeRow {
  readonly emailId: EmailId;
  readonly threadId: ThreadId;
  readonly receivedAt: number;
  /** The system keywords and HAS_ATTACHMENT; DELETED and HAS_KEYWORDS may be there or not. */
  readonly flags: number;
}

/** The end of a mailbox, all of one moment. */
export interface LatestEntries {
  readonly modSeq: ModSeq;
  readonly totalEmails: number;
  readonly columns: EntryColumns;
}

/** Committed state, read without disturbing writers. Unknown ids are absent from results, never errors. */
export interface MailReader {
  account(accountId: AccountId): Promise<AccountRow | undefined>;
  /** 0 for an unknown account. One indexed look-up: cheap enough for every command. */
  modSeq(accountId: AccountId): Promise<ModSeq>;
  mailboxes(accountId: AccountId): Promise<readonly MailboxRow[]>;
  /** Paths subscribed to where there is no mailbox, in no promised order. */
  lostSubscriptions(accountId: AccountId): Promise<readonly string[]>;
  /** The rows with fromUid <= uid <= toUid, ascending; everything when both are absent. */
  entries(accountId: AccountId, mailboxId: MailboxId, fromUid?: number, toUid?: number): Promise<EntryColumns>;
  /**
   * The rows with uid >= fromUid (none for Infinity) and the last `count`, ascending, with the mailbox's counter and
   * the account's modSeq: rows and numbers of one moment, keywords possibly newer. `undefined`: no such mailbox.
   */
  latestEntries(
    accountId: AccountId,
    mailboxId: MailboxId,
    fromUid: number,
    count: number,
  ): Promise<LatestEntries | undefined>;
  /** The rows of these uids, ascending. */
  entriesOf(accountId: AccountId, mailboxId: MailboxId, uids: readonly number[]): Promise<EntryColumns>;
  emails(accountId: AccountId, emailIds: readonly EmailId[]): Promise<readonly EmailRow[]>;
  /** List data, in the order asked, skipping those that are gone. */
  listRows(accountId: AccountId, emailIds: readonly EmailId[]): Promise<readonly EmailListRow[]>;
  /** The columns IMAP lists most, in the order asked, skipping those that are gone. Never parses JSON. */
  envelopes(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; receivedAt: number; sizeBytes: number; imapEnvelope: string }[]>;
  /** In the order asked, skipping those that are gone. */
  summaries(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; summary: MessageSummary }[]>;
  structure(accountId: AccountId, emailId: EmailId): Promise<MimePart | undefined>;
  /** In the order asked, skipping those that are gone. */
  structures(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; structure: MimePart }[]>;
  /** The threads that a reference (a hash, as in PreparedMessage.threadKeys) leads to, under whatever subject. */
  threadsWith(accountId: AccountId, reference: string): Promise<readonly ThreadId[]>;
  /** The Emails of a thread, oldest first by receivedAt, then id. */
  thread(accountId: AccountId, threadId: ThreadId): Promise<readonly EmailId[]>;
  /** The Emails of these threads, by receivedAt, then id. */
  threadEmails(accountId: AccountId, threadIds: readonly ThreadId[]): Promise<readonly ThreadEmail[]>;
  /** From the index alone: a page of 500,000 costs what a page of 50 does. */
  byTime(accountId: AccountId, stretch: TimeStretch): Promise<readonly TimeRow[]>;
  /** Records with modSeq > since, ascending, at most `limit`; `undefined` when the log no longer reaches back to `since`. */
  changes(accountId: AccountId, since: ModSeq, limit: number): Promise<readonly ChangeRecord[] | undefined>;
  /**
   * Octets [start, end) of the message, clamped; all by default. `notFound` when the Email is gone;
   * `unavailable` when the blob cannot be read or fails its checksum.
   */
  readMessage(accountId: AccountId, emailId: EmailId, start?: number, end?: number): Promise<Buffer>;
  /** The latest first, those below `below`, at most `limit`. */
  latestDeletions(accountId: AccountId, limit: number, below?: DeletionId): Promise<readonly DeletionListRow[]>;
  /** Those that exist, the latest first. */
  deletions(accountId: AccountId, deletionIds: readonly DeletionId[]): Promise<readonly DeletionListRow[]>;
  /** Accounts beyond `after` that have deletions from before `deletedBefore`, ascending, at most `limit`. */
  accountsWithDeletions(deletedBefore: number, after: AccountId, limit: number): Promise<readonly AccountId[]>;
  /** Accounts beyond `after` with an Email in the Mailbox of that role, ascending, at most `limit`. */
  accountsWithMailIn(role: MailboxRole, after: AccountId, limit: number): Promise<readonly AccountId[]>;
  /** Every account with mail rows, ascending. */
  accountIds(): Promise<readonly AccountId[]>;
}

/** One change to one account, by name; the names and arguments are those of operations/registry.ts. */
export interface OperationRequest {
  readonly accountId: AccountId;
  readonly name: string;
  readonly args: unknown;
}

export type OperationOutcome =
  | { readonly ok: true; readonly value: unknown }
  /** `fault`: not a MailError but a bug or an outage; it was logged where it happened. */
  | { readonly ok: false; readonly error: MailErrorData | { readonly code: 'fault'; readonly message: string } };

export interface MailStore {
  readonly reader: MailReader;
  /** Hashes and encodes a message's octets; pure computing, done on the caller's thread. */
  prepareBlob(octets: Uint8Array): PreparedBlob;
  /**
   * Runs each request atomically and by itself: one that fails leaves no trace and does not hurt the others.
   * Resolves after all are committed and, if any of their operations is durable, on stable storage. Outcomes in
   * order. Rejects only when the store itself is out of order (nothing is then promised about any of them).
   */
  run(requests: readonly OperationRequest[]): Promise<readonly OperationOutcome[]>;
  /** Calls back after each commit that changed the account, in whichever process or thread, until unsubscribed. */
  watch(accountId: AccountId, listener: (modSeq: ModSeq) => void): () => void;
  /** Throws (as an AssertionError-like Error naming account and row) when stored data contradicts itself. For tests, `doctor` and `verify`. */
  checkInvariants(): Promise<void>;
  close(): Promise<void>;
}

/** An operation as the store runs it. `durable: false` may be answered before it is on stable storage (flags). */
export interface StoredOperation {
  readonly durable: boolean;
  run(tx: MailTransaction, args: never): Promise<unknown>;
}
