/**
 * One account's mail in plain Maps: the readable model of what the other backends store. What can be derived is
 * derived (a mailbox's entries are the placements of the account's Emails), so there is nothing to fall out of step.
 */
import type { AccountId, BlobKey, DeletionId, EmailId, MailboxId, ThreadId, Uid } from '#base/ids.ts';
import type { MailTransaction, ThreadReference, UidChoice } from '#mail/ports/mail-store.ts';
import {
  type AccountRow,
  type ChangeRecord,
  type DeletionRow,
  type EmailRow,
  type EntryColumns,
  FLAG,
  type MailboxRow,
  type PreparedMessage,
  type ThreadEmail,
} from '#mail/types.ts';
import type { MessageSummary } from '#mime/structure.ts';

/** What is stored of one account. Rows are replaced, never changed. */
export interface AccountData {
  account: AccountRow | undefined;
  mailboxes: Map<MailboxId, MailboxRow>;
  lostSubscriptions: Set<string>;
  emails: Map<EmailId, EmailRow>;
  deletions: Map<DeletionId, DeletionRow>;
  /** By reference and subject hash. */
  threads: Map<string, ThreadId>;
  changes: ChangeRecord[];
}

export function emptyData(): AccountData {
  return {
    account: undefined,
    mailboxes: new Map(),
    lostSubscriptions: new Set(),
    emails: new Map(),
    deletions: new Map(),
    threads: new Map(),
    changes: [],
  };
}

/** A copy to change: committing puts it in the original's place, failing drops it. */
export function copyData(data: AccountData): AccountData {
  return {
    account: data.account,
    mailboxes: new Map(data.mailboxes),
    lostSubscriptions: new Set(data.lostSubscriptions),
    emails: new Map(data.emails),
    deletions: new Map(data.deletions),
    threads: new Map(data.threads),
    changes: [...data.changes],
  };
}

export function mailboxList(data: AccountData): MailboxRow[] {
  return [...data.mailboxes.values()].toSorted((a, b) => a.mailboxId - b.mailboxId);
}

/** The Emails of a Mailbox with their uids there, ascending by uid. */
export function emailsOf(data: AccountData, mailboxId: MailboxId): { uid: Uid; deleted: boolean; email: EmailRow }[] {
  const found: { uid: Uid; deleted: boolean; email: EmailRow }[] = [];
  for (const email of data.emails.values())
    for (const placement of email.placements)
      if (placement.mailboxId === mailboxId) found.push({ uid: placement.uid, deleted: placement.deleted, email });
  return found.toSorted((a, b) => a.uid - b.uid);
}

/** By receivedAt, then id. */
export function threadEmailsOf(data: AccountData, threadIds: readonly ThreadId[]): ThreadEmail[] {
  const wanted = new Set(threadIds);
  return [...data.emails.values()]
    .filter(({ threadId }) => wanted.has(threadId))
    .toSorted((a, b) => a.receivedAt - b.receivedAt || a.emailId - b.emailId)
    .map(({ emailId, threadId, receivedAt, flags, keywords, placements }) => {
      return { emailId, threadId, receivedAt, flags, keywords, placements };
    });
}

/** By id. */
export function deletionList(data: AccountData): DeletionRow[] {
  return [...data.deletions.values()].toSorted((a, b) => a.deletionId - b.deletionId);
}

export function toColumns(rows: readonly { uid: Uid; deleted: boolean; email: EmailRow }[]): EntryColumns {
  const keywords = new Map<number, readonly string[]>();
  for (const { uid, email } of rows) if (email.keywords.length > 0) keywords.set(uid, email.keywords);
  return {
    uids: Uint32Array.from(rows, ({ uid }) => uid),
    emailIds: Uint32Array.from(rows, ({ email }) => email.emailId),
    flags: Uint32Array.from(
      rows,
      ({ email, deleted }) =>
        email.flags | (deleted ? FLAG.DELETED : 0) | (email.keywords.length > 0 ? FLAG.HAS_KEYWORDS : 0),
    ),
    modSeqs: Float64Array.from(rows, ({ email }) => email.modSeq),
    keywords,
  };
}

/** What all accounts share: the messages. */
interface MessageShelf {
  storeMessage(message: PreparedMessage): BlobKey;
  summary(blobKey: BlobKey): MessageSummary | undefined;
}

export class MemoryMailTransaction implements MailTransaction {
  readonly accountId: AccountId;
  readonly nowMs: number;
  readonly #data: AccountData;
  readonly #blobs: MessageShelf;

  constructor(accountId: AccountId, nowMs: number, data: AccountData, blobs: MessageShelf) {
    this.accountId = accountId;
    this.nowMs = nowMs;
    this.#data = data;
    this.#blobs = blobs;
  }

  async account(): Promise<AccountRow | undefined> {
    return this.#data.account;
  }

  async insertAccount(row: AccountRow): Promise<void> {
    if (this.#data.account !== undefined) throw new Error(`account ${row.accountId} exists`);
    this.#data.account = { ...row };
  }

  async updateAccount(row: AccountRow): Promise<void> {
    if (this.#data.account === undefined) throw new Error(`account ${row.accountId} does not exist`);
    this.#data.account = { ...row };
  }

  async deleteAccount(): Promise<void> {
    Object.assign(this.#data, emptyData());
  }

  async mailboxes(): Promise<readonly MailboxRow[]> {
    return mailboxList(this.#data);
  }

  async insertMailbox(row: MailboxRow): Promise<void> {
    if (this.#data.mailboxes.has(row.mailboxId)) throw new Error(`mailbox ${row.mailboxId} exists`);
    this.#data.mailboxes.set(row.mailboxId, { ...row });
  }

  async updateMailbox(row: MailboxRow): Promise<void> {
    if (!this.#data.mailboxes.has(row.mailboxId)) throw new Error(`mailbox ${row.mailboxId} does not exist`);
    this.#data.mailboxes.set(row.mailboxId, { ...row });
  }

  async deleteMailbox(mailboxId: MailboxId): Promise<void> {
    this.#data.mailboxes.delete(mailboxId);
  }

  async lostSubscriptions(): Promise<readonly string[]> {
    return [...this.#data.lostSubscriptions];
  }

  async insertLostSubscriptions(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      if (this.#data.lostSubscriptions.has(path)) throw new Error(`the subscription of ${path} exists`);
      this.#data.lostSubscriptions.add(path);
    }
  }

  async deleteLostSubscriptions(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.#data.lostSubscriptions.delete(path);
  }

  async emails(emailIds: readonly EmailId[]): Promise<readonly EmailRow[]> {
    return emailIds.flatMap((emailId) => this.#data.emails.get(emailId) ?? []);
  }

  async emailsIn(
    mailboxId: MailboxId,
    uids: UidChoice = { from: 1 },
  ): Promise<readonly { uid: Uid; email: EmailRow }[]> {
    const wanted = 'from' in uids ? undefined : new Set(uids);
    return emailsOf(this.#data, mailboxId)
      .filter(({ uid }) => ('from' in uids ? uid >= uids.from : wanted?.has(uid)))
      .map(({ uid, email }) => ({ uid, email }));
  }

  async deletedEmailsIn(mailboxId: MailboxId, limit: number): Promise<readonly { uid: Uid; email: EmailRow }[]> {
    return emailsOf(this.#data, mailboxId)
      .filter(({ deleted }) => deleted)
      .slice(0, limit)
      .map(({ uid, email }) => ({ uid, email }));
  }

  async insertEmails(rows: readonly EmailRow[]): Promise<void> {
    for (const row of rows) {
      if (this.#data.emails.has(row.emailId)) throw new Error(`email ${row.emailId} exists`);
      this.#data.emails.set(row.emailId, { ...row });
    }
  }

  async updateEmails(changes: readonly { readonly before: EmailRow; readonly after: EmailRow }[]): Promise<void> {
    for (const { after } of changes) {
      const stored = this.#data.emails.get(after.emailId);
      if (stored === undefined) throw new Error(`email ${after.emailId} does not exist`);
      const { flags, keywords, placements, modSeq } = after;
      this.#data.emails.set(after.emailId, { ...stored, flags, keywords, placements, modSeq });
    }
  }

  async deleteEmails(rows: readonly EmailRow[]): Promise<void> {
    for (const row of rows) this.#data.emails.delete(row.emailId);
  }

  async insertDeletions(rows: readonly DeletionRow[]): Promise<void> {
    for (const row of rows) {
      if (this.#data.deletions.has(row.deletionId)) throw new Error(`deletion ${row.deletionId} exists`);
      this.#data.deletions.set(row.deletionId, { ...row });
    }
  }

  async deletions(deletionIds: readonly DeletionId[]): Promise<readonly DeletionRow[]> {
    const wanted = new Set(deletionIds);
    return deletionList(this.#data).filter(({ deletionId }) => wanted.has(deletionId));
  }

  async oldestDeletions(limit: number): Promise<readonly DeletionRow[]> {
    return deletionList(this.#data).slice(0, limit);
  }

  async deleteDeletions(rows: readonly DeletionRow[]): Promise<void> {
    for (const { deletionId } of rows) this.#data.deletions.delete(deletionId);
  }

  async summaries(blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, MessageSummary>> {
    const summaries = new Map<BlobKey, MessageSummary>();
    for (const blobKey of blobKeys) {
      const summary = this.#blobs.summary(blobKey);
      if (summary !== undefined) summaries.set(blobKey, summary);
    }
    return summaries;
  }

  async storeMessage(message: PreparedMessage): Promise<BlobKey> {
    return this.#blobs.storeMessage(message);
  }

  async threadReferences(keys: readonly Omit<ThreadReference, 'threadId'>[]): Promise<readonly ThreadReference[]> {
    return keys.flatMap(({ reference, subjectHash }) => {
      const threadId = this.#data.threads.get(threadKey(reference, subjectHash));
      return threadId === undefined ? [] : { reference, subjectHash, threadId };
    });
  }

  async putThreadReferences(rows: readonly ThreadReference[]): Promise<void> {
    for (const { reference, subjectHash, threadId } of rows)
      this.#data.threads.set(threadKey(reference, subjectHash), threadId);
  }

  async threadEmails(threadIds: readonly ThreadId[]): Promise<readonly ThreadEmail[]> {
    return threadEmailsOf(this.#data, threadIds);
  }

  async appendChange(record: ChangeRecord): Promise<void> {
    this.#data.changes.push(structuredClone(record));
  }

  async clearChanges(): Promise<void> {
    this.#data.changes.length = 0;
  }
}

export function threadKey(reference: string, subjectHash: string): string {
  return `${reference} ${subjectHash}`;
}
