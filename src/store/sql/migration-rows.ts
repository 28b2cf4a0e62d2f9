/** MigrationReader and MigrationTransaction over SQL: rows of what comes from another system, no rules. */
import type { AccountId, MailboxId } from '#base/ids.ts';
import type {
  AccountMoveRow,
  MailboxMoveRow,
  MigrationReader,
  MigrationTransaction,
  MoveFailureRow,
  MoveState,
  Pass,
} from '#migration/ports/migration-store.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession } from './session.ts';

const ACCOUNT = `account_id, login, state, pass, started_at, alive_at, finished_at, from_email_id, skipped_mailboxes, reason,
  dismissed_at`;
type AccountValues = [
  number,
  string,
  string,
  string | null,
  number | null,
  number | null,
  number | null,
  number,
  number,
  string,
  number | null,
];
const MAILBOX = `account_id, path, mailbox_id, uid_validity, done_uid, until_ms, source_messages, source_bytes,
  copied_messages, copied_bytes, present_messages, present_bytes, later_uid, later_until_ms`;
type MailboxValues = [
  number,
  string,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

export class SqlMigrationReader implements MigrationReader {
  protected readonly db: SqlSession;

  constructor(session: SqlSession) {
    this.db = session;
  }

  async account(accountId: AccountId): Promise<AccountMoveRow | undefined> {
    const sql = `SELECT ${ACCOUNT} FROM migration_account WHERE account_id = ?`;
    const row = await this.db.get<AccountValues>(sql, [accountId]);
    return row && toAccount(row);
  }

  async accounts(after: number, limit: number): Promise<readonly AccountMoveRow[]> {
    const sql = `SELECT ${ACCOUNT} FROM migration_account WHERE account_id > ? ORDER BY account_id LIMIT ?`;
    return (await this.db.all<AccountValues>(sql, [after, limit])).map(toAccount);
  }

  async countByState(): Promise<ReadonlyMap<MoveState, number>> {
    const sql = 'SELECT state, count(*) FROM migration_account GROUP BY state';
    return new Map((await this.db.all<[string, number]>(sql, [])).map(([state, count]) => [state as MoveState, count]));
  }

  async mailboxes(accountId: AccountId): Promise<readonly MailboxMoveRow[]> {
    const sql = `SELECT ${MAILBOX} FROM migration_mailbox WHERE account_id = ? ORDER BY path`;
    return (await this.db.all<MailboxValues>(sql, [accountId])).map(toMailbox);
  }

  async failures(accountId: AccountId, limit: number): Promise<readonly MoveFailureRow[]> {
    const sql = `SELECT path, uid, size_bytes, reason FROM migration_failure WHERE account_id = ? ORDER BY path, uid LIMIT ?`;
    const rows = await this.db.all<[string, number, number, string]>(sql, [accountId, limit]);
    return rows.map(([path, uid, sizeBytes, reason]) => ({ accountId, path, uid, sizeBytes, reason }));
  }
}

export class SqlMigrationTransaction extends SqlMigrationReader implements MigrationTransaction, SqlSectionTransaction {
  readonly nowMs: number;

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  async putAccount(row: AccountMoveRow): Promise<void> {
    await this.db.run(
      `INSERT INTO migration_account (${ACCOUNT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET login = excluded.login, state = excluded.state, pass = excluded.pass,
         started_at = excluded.started_at, alive_at = excluded.alive_at, finished_at = excluded.finished_at,
         from_email_id = excluded.from_email_id, skipped_mailboxes = excluded.skipped_mailboxes, reason = excluded.reason,
         dismissed_at = excluded.dismissed_at`,
      [
        row.accountId,
        toText(row.login),
        row.state,
        row.pass,
        row.startedAt,
        row.aliveAt,
        row.finishedAt,
        row.fromEmailId,
        row.skippedMailboxes,
        toText(row.reason),
        row.dismissedAt,
      ],
    );
  }

  async putMailbox(row: MailboxMoveRow): Promise<void> {
    await this.db.run(
      `INSERT INTO migration_mailbox (${MAILBOX}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id, path) DO UPDATE SET mailbox_id = excluded.mailbox_id, uid_validity = excluded.uid_validity,
         done_uid = excluded.done_uid, until_ms = excluded.until_ms, source_messages = excluded.source_messages,
         source_bytes = excluded.source_bytes, copied_messages = excluded.copied_messages,
         copied_bytes = excluded.copied_bytes, present_messages = excluded.present_messages,
         present_bytes = excluded.present_bytes, later_uid = excluded.later_uid, later_until_ms = excluded.later_until_ms`,
      [
        row.accountId,
        toText(row.path),
        row.mailboxId,
        row.uidValidity,
        row.doneUid,
        row.until,
        row.sourceMessages,
        row.sourceBytes,
        row.copiedMessages,
        row.copiedBytes,
        row.presentMessages,
        row.presentBytes,
        row.laterUid,
        row.laterUntil,
      ],
    );
  }

  async putFailure({ accountId, path, uid, sizeBytes, reason }: MoveFailureRow): Promise<void> {
    await this.db.run(
      `INSERT INTO migration_failure (account_id, path, uid, size_bytes, reason) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account_id, path, uid) DO UPDATE SET size_bytes = excluded.size_bytes, reason = excluded.reason`,
      [accountId, toText(path), uid, sizeBytes, toText(reason)],
    );
  }

  async deleteFailure(accountId: AccountId, path: string, uid: number): Promise<void> {
    const sql = 'DELETE FROM migration_failure WHERE account_id = ? AND path = ? AND uid = ?';
    await this.db.run(sql, [accountId, toText(path), uid]);
  }

  async deleteAccount(accountId: AccountId): Promise<boolean> {
    await this.db.run('DELETE FROM migration_failure WHERE account_id = ?', [accountId]);
    await this.db.run('DELETE FROM migration_mailbox WHERE account_id = ?', [accountId]);
    return (await this.db.run('DELETE FROM migration_account WHERE account_id = ?', [accountId])) > 0;
  }
}

function toAccount([
  accountId,
  login,
  state,
  pass,
  startedAt,
  aliveAt,
  finishedAt,
  fromEmailId,
  skippedMailboxes,
  reason,
  dismissedAt,
]: AccountValues): AccountMoveRow {
  return {
    accountId: accountId as AccountId,
    login,
    state: state as MoveState,
    pass: pass as Pass | null,
    startedAt,
    aliveAt,
    finishedAt,
    fromEmailId,
    skippedMailboxes,
    reason,
    dismissedAt,
  };
}

function toMailbox([
  accountId,
  path,
  mailboxId,
  uidValidity,
  doneUid,
  until,
  sourceMessages,
  sourceBytes,
  copiedMessages,
  copiedBytes,
  presentMessages,
  presentBytes,
  laterUid,
  laterUntil,
]: MailboxValues): MailboxMoveRow {
  return {
    accountId: accountId as AccountId,
    path,
    mailboxId: mailboxId as MailboxId,
    uidValidity,
    doneUid,
    until,
    sourceMessages,
    sourceBytes,
    copiedMessages,
    copiedBytes,
    presentMessages,
    presentBytes,
    laterUid,
    laterUntil,
  };
}
