/** MailTransaction over SQL: one account's rows inside one atomic change. Knows no rules of mail. */
import type { AccountId, BlobKey, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#base/ids.ts';
import type { MailTransaction, ThreadReference, UidChoice } from '#mail/ports/mail-store.ts';
import {
  FLAG,
  type AccountRow,
  type ChangeRecord,
  type DeletionRow,
  type EmailRow,
  type MailboxRow,
  type Placement,
  type PreparedMessage,
  type ThreadEmail,
} from '#mail/types.ts';
import type { MessageSummary } from '#mime/structure.ts';
import type { AccountState } from './account-state.ts';
import { encodeChange } from './change-record.ts';
import {
  DELETION_COLUMNS,
  type DeletionColumns,
  EMAIL_COLUMNS,
  type EmailColumns,
  THREAD_EMAIL_COLUMNS,
  type ThreadEmailColumns,
  entryFlags,
  fromDeletion,
  fromEmail,
  fromKeywords,
  fromPlacements,
  toDeletion,
  toEmail,
  toThreadEmail,
} from './columns.ts';
import { type SqlSession, type SqlValue, toList } from './session.ts';
import { type RowStatement, deleteRows, insertInto, integers, texts, updateRows } from './statements.ts';

/** What a transaction needs from its backend beside SQL. */
export interface TransactionScope {
  readonly session: SqlSession;
  readonly state: AccountState;
  readonly nowMs: number;
  /** Puts the message's blob and rows in place unless they are, and answers their key. */
  storeMessage(message: PreparedMessage): Promise<BlobKey>;
}

const OF_ACCOUNT = integers('account_id');
const INSERT_EMAIL = insertInto('email', {
  ...OF_ACCOUNT,
  ...integers('email_id', 'blob_key', 'thread_id', 'received_at', 'size_bytes', 'flags'),
  ...texts('keywords', 'placements'),
  ...integers('modseq'),
});
/** Where the placements stay as they are. */
const UPDATE_KEYWORDS = updateRows(
  'email',
  { ...integers('flags'), ...texts('keywords'), ...integers('modseq') },
  { ...OF_ACCOUNT, ...integers('email_id') },
);
const UPDATE_EMAIL = updateRows(
  'email',
  { ...integers('flags'), ...texts('keywords', 'placements'), ...integers('modseq') },
  { ...OF_ACCOUNT, ...integers('email_id') },
);
const DELETE_EMAIL = deleteRows('email', { ...OF_ACCOUNT, ...integers('email_id') });
const ENTRY_KEY = { ...OF_ACCOUNT, ...integers('mailbox_id', 'uid') };
const INSERT_ENTRY = insertInto('entry', {
  ...ENTRY_KEY,
  ...integers('email_id', 'flags', 'modseq', 'received_at', 'thread_id'),
});
const UPDATE_ENTRY = updateRows('entry', integers('flags', 'modseq'), ENTRY_KEY);
const DELETE_ENTRY = deleteRows('entry', ENTRY_KEY);
const INSERT_DELETION = insertInto('deletion', {
  ...OF_ACCOUNT,
  ...integers('deletion_id', 'deleted_at', 'email_id', 'blob_key', 'thread_id', 'received_at', 'size_bytes', 'flags'),
  ...texts('keywords'),
  ...integers('mailbox_id'),
  ...texts('path', 'way', 'login', 'agent'),
});
const DELETE_DELETION = deleteRows('deletion', { ...OF_ACCOUNT, ...integers('deletion_id') });
const INSERT_CHANGE = insertInto('change_log', { ...OF_ACCOUNT, ...integers('modseq'), ...texts('record') });
const LOST_SUBSCRIPTION = { ...OF_ACCOUNT, ...texts('path') };
const INSERT_LOST_SUBSCRIPTION = insertInto('lost_subscription', LOST_SUBSCRIPTION);
const DELETE_LOST_SUBSCRIPTION = deleteRows('lost_subscription', LOST_SUBSCRIPTION);
const DELETE_CHANGES = deleteRows('change_log', OF_ACCOUNT);

const PUT_REFERENCE = orReplace(
  insertInto('thread_reference', {
    ...OF_ACCOUNT,
    ...texts('reference', 'subject_hash'),
    ...integers('thread_id'),
  }),
  'ON CONFLICT (account_id, reference, subject_hash) DO UPDATE SET thread_id = excluded.thread_id',
);
const ACCOUNT_TABLES = [
  'entry',
  'email',
  'deletion',
  'mailbox',
  'lost_subscription',
  'thread_reference',
  'change_log',
  'account',
];

const EMAIL_LIST = EMAIL_COLUMNS.split(', ')
  .map((name) => `email.${name}`)
  .join(', ');
const SELECT_EMAILS_IN = `SELECT ${EMAIL_LIST}, entry.uid FROM entry JOIN email
  ON email.account_id = entry.account_id AND email.email_id = entry.email_id
  WHERE entry.account_id = ? AND entry.mailbox_id = ?`;

export class SqlMailTransaction implements MailTransaction {
  readonly accountId: AccountId;
  readonly nowMs: number;
  /** How many references each blob gained or lost; the backend writes them. Named with 0 when stored but not referred to. */
  readonly references = new Map<BlobKey, number>();
  /** The highest modSeq this operation logged. */
  loggedModSeq: ModSeq | undefined;
  readonly #scope: TransactionScope;
  readonly #session: SqlSession;

  constructor(scope: TransactionScope) {
    this.#scope = scope;
    this.#session = scope.session;
    this.accountId = scope.state.accountId;
    this.nowMs = scope.nowMs;
  }

  account(): Promise<AccountRow | undefined> {
    return this.#scope.state.account(this.#session);
  }

  async insertAccount(row: AccountRow): Promise<void> {
    await this.#scope.state.insertAccount(this.#session, row);
  }

  async updateAccount(row: AccountRow): Promise<void> {
    this.#scope.state.updateAccount(row);
  }

  async deleteAccount(): Promise<void> {
    const blobs = await this.#session.all<[number, number]>(
      `SELECT blob_key, count(*) FROM (SELECT blob_key FROM email WHERE account_id = ?
         UNION ALL SELECT blob_key FROM deletion WHERE account_id = ?) AS held GROUP BY blob_key`,
      [this.accountId, this.accountId],
    );
    for (const [blobKey, count] of blobs) this.#addReferences(blobKey as BlobKey, -count);
    for (const table of ACCOUNT_TABLES)
      await this.#session.run(`DELETE FROM ${table} WHERE account_id = ?`, [this.accountId]);
    this.#scope.state.clear();
  }

  mailboxes(): Promise<readonly MailboxRow[]> {
    return this.#scope.state.mailboxes(this.#session);
  }

  async insertMailbox(row: MailboxRow): Promise<void> {
    await this.#scope.state.insertMailbox(this.#session, row);
  }

  updateMailbox(row: MailboxRow): Promise<void> {
    return this.#scope.state.updateMailbox(this.#session, row);
  }

  deleteMailbox(mailboxId: MailboxId): Promise<void> {
    return this.#scope.state.deleteMailbox(this.#session, mailboxId);
  }

  lostSubscriptions(): Promise<readonly string[]> {
    return selectLostSubscriptions(this.#session, this.accountId);
  }

  async insertLostSubscriptions(paths: readonly string[]): Promise<void> {
    await this.#session.write(
      INSERT_LOST_SUBSCRIPTION,
      paths.map((path) => [this.accountId, path]),
    );
  }

  async deleteLostSubscriptions(paths: readonly string[]): Promise<void> {
    await this.#session.write(
      DELETE_LOST_SUBSCRIPTION,
      paths.map((path) => [this.accountId, path]),
    );
  }

  async emails(emailIds: readonly EmailId[]): Promise<readonly EmailRow[]> {
    const rows = await selectEmails(this.#session, this.accountId, emailIds);
    return rows.map(toEmail);
  }

  async emailsIn(mailboxId: MailboxId, uids?: UidChoice): Promise<readonly { uid: Uid; email: EmailRow }[]> {
    let sql = SELECT_EMAILS_IN;
    const parameters: SqlValue[] = [this.accountId, mailboxId];
    if (uids !== undefined && 'from' in uids) {
      sql += ' AND entry.uid >= ?';
      parameters.push(uids.from);
    } else if (uids !== undefined) {
      if (uids.length === 0) return [];
      const range = toRange(uids);
      sql +=
        range === undefined ? ` AND ${this.#session.dialect.isOneOf('entry.uid')}` : ' AND entry.uid BETWEEN ? AND ?';
      parameters.push(...(range ?? [toList(uids)]));
    }
    const rows = await this.#session.all<[...EmailColumns, number]>(`${sql} ORDER BY entry.uid`, parameters);
    return rows.map((row) => ({ uid: row[9] as Uid, email: toEmail(row) }));
  }

  async deletedEmailsIn(mailboxId: MailboxId, limit: number): Promise<readonly { uid: Uid; email: EmailRow }[]> {
    const rows = await this.#session.all<[...EmailColumns, number]>(
      `${SELECT_EMAILS_IN} AND (entry.flags & ${FLAG.DELETED}) <> 0 ORDER BY entry.uid LIMIT ?`,
      [this.accountId, mailboxId, limit],
    );
    return rows.map((row) => ({ uid: row[9] as Uid, email: toEmail(row) }));
  }

  async insertEmails(rows: readonly EmailRow[]): Promise<void> {
    const emails: SqlValue[][] = [];
    const entries: SqlValue[][] = [];
    for (const row of rows) {
      emails.push([this.accountId, ...fromEmail(row)]);
      for (const placement of row.placements) entries.push(this.#entryValues(row, placement));
      this.#addReferences(row.blobKey, 1);
    }
    await this.#session.write(INSERT_EMAIL, emails);
    await this.#session.write(INSERT_ENTRY, entries);
  }

  async updateEmails(changes: readonly { readonly before: EmailRow; readonly after: EmailRow }[]): Promise<void> {
    const emails: SqlValue[][] = [];
    const keywords: SqlValue[][] = [];
    const inserted: SqlValue[][] = [];
    const updated: SqlValue[][] = [];
    const deleted: SqlValue[][] = [];
    for (const { before, after } of changes) {
      const values = [after.flags, fromKeywords(after.keywords)];
      const key = [after.modSeq, this.accountId, after.emailId];
      const placements = fromPlacements(after.placements);
      if (placements === fromPlacements(before.placements)) keywords.push([...values, ...key]);
      else emails.push([...values, placements, ...key]);
      for (const placement of after.placements) {
        if (hasPlacement(before.placements, placement))
          updated.push([
            entryFlags(after, placement),
            after.modSeq,
            this.accountId,
            placement.mailboxId,
            placement.uid,
          ]);
        else inserted.push(this.#entryValues(after, placement));
      }
      for (const placement of before.placements)
        if (!hasPlacement(after.placements, placement))
          deleted.push([this.accountId, placement.mailboxId, placement.uid]);
    }
    await this.#session.write(UPDATE_KEYWORDS, keywords);
    await this.#session.write(UPDATE_EMAIL, emails);
    await this.#session.write(DELETE_ENTRY, deleted);
    await this.#session.write(UPDATE_ENTRY, updated);
    await this.#session.write(INSERT_ENTRY, inserted);
  }

  async deleteEmails(rows: readonly EmailRow[]): Promise<void> {
    const emails: SqlValue[][] = [];
    const entries: SqlValue[][] = [];
    for (const row of rows) {
      emails.push([this.accountId, row.emailId]);
      for (const { mailboxId, uid } of row.placements) entries.push([this.accountId, mailboxId, uid]);
      this.#addReferences(row.blobKey, -1);
    }
    await this.#session.write(DELETE_ENTRY, entries);
    await this.#session.write(DELETE_EMAIL, emails);
  }

  async insertDeletions(rows: readonly DeletionRow[]): Promise<void> {
    for (const { blobKey } of rows) {
      // It takes over the reference of the Email that went: nothing to write.
      if (this.references.get(blobKey) === -1) this.references.delete(blobKey);
      else this.#addReferences(blobKey, 1);
    }
    await this.#session.write(
      INSERT_DELETION,
      rows.map((row) => [this.accountId, ...fromDeletion(row)]),
    );
  }

  async deletions(deletionIds: readonly DeletionId[]): Promise<readonly DeletionRow[]> {
    if (deletionIds.length === 0) return [];
    const rows = await this.#session.all<DeletionColumns>(
      `SELECT ${DELETION_COLUMNS} FROM deletion WHERE account_id = ? AND ${this.#session.dialect.isOneOf('deletion_id')}
       ORDER BY deletion_id`,
      [this.accountId, toList(deletionIds)],
    );
    return rows.map(toDeletion);
  }

  async oldestDeletions(limit: number): Promise<readonly DeletionRow[]> {
    const rows = await this.#session.all<DeletionColumns>(
      `SELECT ${DELETION_COLUMNS} FROM deletion WHERE account_id = ? ORDER BY deletion_id LIMIT ?`,
      [this.accountId, limit],
    );
    return rows.map(toDeletion);
  }

  async deleteDeletions(rows: readonly DeletionRow[]): Promise<void> {
    for (const { blobKey } of rows) this.#addReferences(blobKey, -1);
    await this.#session.write(
      DELETE_DELETION,
      rows.map(({ deletionId }) => [this.accountId, deletionId]),
    );
  }

  async summaries(blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, MessageSummary>> {
    const rows = await this.#session.all<[number, string]>(
      `SELECT blob_key, summary FROM message WHERE ${this.#session.dialect.isOneOf('blob_key')}`,
      [toList(blobKeys)],
    );
    return new Map(rows.map(([blobKey, summary]) => [blobKey as BlobKey, JSON.parse(summary) as MessageSummary]));
  }

  async storeMessage(message: PreparedMessage): Promise<BlobKey> {
    const blobKey = await this.#scope.storeMessage(message);
    this.#addReferences(blobKey, 0);
    return blobKey;
  }

  async threadReferences(keys: readonly Omit<ThreadReference, 'threadId'>[]): Promise<readonly ThreadReference[]> {
    const rows = await this.#session.all<[string, string, number | null]>(
      // A look-up each: what a join would read is for a database to guess.
      `SELECT listed.value->>0, listed.value->>1, (SELECT thread_id FROM thread_reference
         WHERE account_id = ? AND reference = listed.value->>0 AND subject_hash = listed.value->>1)
       FROM ${this.#session.dialect.listed}`,
      [this.accountId, JSON.stringify(keys.map(({ reference, subjectHash }) => [reference, subjectHash]))],
    );
    return rows.flatMap(([reference, subjectHash, threadId]) =>
      threadId === null ? [] : { reference, subjectHash, threadId: threadId as ThreadId },
    );
  }

  async putThreadReferences(rows: readonly ThreadReference[]): Promise<void> {
    await this.#session.write(
      PUT_REFERENCE,
      rows.map(({ reference, subjectHash, threadId }) => [this.accountId, reference, subjectHash, threadId]),
    );
  }

  threadEmails(threadIds: readonly ThreadId[]): Promise<readonly ThreadEmail[]> {
    return selectThreadEmails(this.#session, this.accountId, threadIds);
  }

  async appendChange(record: ChangeRecord): Promise<void> {
    await this.#session.write(INSERT_CHANGE, [[this.accountId, record.modSeq, encodeChange(record)]]);
    this.loggedModSeq = record.modSeq;
  }

  async clearChanges(): Promise<void> {
    await this.#session.write(DELETE_CHANGES, [[this.accountId]]);
  }

  #entryValues(email: EmailRow, placement: Placement): SqlValue[] {
    const { mailboxId, uid } = placement;
    const { emailId, modSeq, receivedAt, threadId } = email;
    return [this.accountId, mailboxId, uid, emailId, entryFlags(email, placement), modSeq, receivedAt, threadId];
  }

  #addReferences(blobKey: BlobKey, count: number): void {
    this.references.set(blobKey, (this.references.get(blobKey) ?? 0) + count);
  }
}

function orReplace(insert: RowStatement, onConflict: string): RowStatement {
  return { ...insert, one: `${insert.one} ${onConflict}`, many: `${insert.many} ${onConflict}` };
}

/** The Emails of these ids that exist, as raw rows, ascending by id. */
export async function selectEmails(
  session: SqlSession,
  accountId: AccountId,
  emailIds: readonly EmailId[],
): Promise<readonly EmailColumns[]> {
  if (emailIds.length === 0) return [];
  const range = toRange(emailIds);
  const condition = range === undefined ? session.dialect.isOneOf('email_id') : 'email_id BETWEEN ? AND ?';
  return session.all<EmailColumns>(
    `SELECT ${EMAIL_COLUMNS} FROM email WHERE account_id = ? AND ${condition} ORDER BY email_id`,
    [accountId, ...(range ?? [toList(emailIds)])],
  );
}

/** The Emails of these threads, by receivedAt, then id. */
export async function selectThreadEmails(
  session: SqlSession,
  accountId: AccountId,
  threadIds: readonly ThreadId[],
): Promise<readonly ThreadEmail[]> {
  if (threadIds.length === 0) return [];
  const [condition, parameter] =
    threadIds.length === 1
      ? ['thread_id = ?', threadIds[0] as number]
      : [session.dialect.isOneOf('thread_id'), toList(threadIds)];
  const rows = await session.all<ThreadEmailColumns>(
    `SELECT ${THREAD_EMAIL_COLUMNS} FROM email WHERE account_id = ? AND ${condition}`,
    [accountId, parameter],
  );
  return rows.map(toThreadEmail).toSorted((a, b) => a.receivedAt - b.receivedAt || a.emailId - b.emailId);
}

export async function selectLostSubscriptions(session: SqlSession, accountId: AccountId): Promise<readonly string[]> {
  const rows = await session.all<[string]>('SELECT path FROM lost_subscription WHERE account_id = ?', [accountId]);
  return rows.map(([path]) => path);
}

/** First and last, when the numbers are one ascending run: a range is read twice as fast as a list. */
export function toRange(numbers: readonly number[]): [number, number] | undefined {
  const first = numbers[0];
  if (first === undefined) return undefined;
  for (let at = 1; at < numbers.length; at++) if (numbers[at] !== first + at) return undefined;
  return [first, first + numbers.length - 1];
}

function hasPlacement(placements: readonly Placement[], wanted: Placement): boolean {
  for (const { mailboxId, uid } of placements) if (mailboxId === wanted.mailboxId && uid === wanted.uid) return true;
  return false;
}
