/**
 * An account's own row and its mailboxes as the running operations see them. Every operation changes these rows, so
 * they are written once at the end (of the operation, or of the whole group of them) and may be kept afterwards by a
 * backend that is the only writer.
 */
import type { AccountId, MailboxId } from '#base/ids.ts';
import type { AccountRow, MailboxRow } from '#mail/types.ts';
import {
  ACCOUNT_COLUMNS,
  type AccountColumns,
  MAILBOX_COLUMNS,
  type MailboxColumns,
  fromAccount,
  fromMailbox,
  toAccount,
  toMailbox,
} from './columns.ts';
import type { SqlSession } from './session.ts';
import { deleteRows, insertInto, integers, texts, updateRows } from './statements.ts';

const SELECT_MAILBOXES = `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE account_id = ? ORDER BY mailbox_id`;

const ACCOUNT_KEY = integers('account_id');
const ACCOUNT_DATA = integers(...ACCOUNT_COLUMNS.split(', ').slice(1));
const INSERT_ACCOUNT = insertInto('account', { ...ACCOUNT_KEY, ...ACCOUNT_DATA });
const UPDATE_ACCOUNT = updateRows('account', ACCOUNT_DATA, ACCOUNT_KEY);

const MAILBOX_KEY = integers('account_id', 'mailbox_id');
const MAILBOX_DATA = {
  ...integers(...MAILBOX_COLUMNS.split(', ').slice(1)),
  ...texts('name', 'role', 'uid_marks'),
};
const INSERT_MAILBOX = insertInto('mailbox', { ...MAILBOX_KEY, ...MAILBOX_DATA });
const UPDATE_MAILBOX = updateRows('mailbox', MAILBOX_DATA, MAILBOX_KEY);
const DELETE_MAILBOX = deleteRows('mailbox', MAILBOX_KEY);

export class AccountState {
  readonly accountId: AccountId;
  /** `null`: not looked up yet. */
  #account: AccountRow | undefined | null = null;
  /** Ascending by id. */
  #mailboxes: readonly MailboxRow[] | null = null;
  #accountChanged = false;
  #changedMailboxes: ReadonlySet<MailboxId> | undefined;

  constructor(accountId: AccountId) {
    this.accountId = accountId;
  }

  /** What a backend looked up for several accounts at once. */
  preload(account: AccountRow | undefined, mailboxes: readonly MailboxRow[]): void {
    this.#account = account;
    this.#mailboxes = mailboxes;
  }

  /** A copy that can be changed and thrown away. */
  fork(): AccountState {
    const copy = new AccountState(this.accountId);
    copy.#account = this.#account;
    copy.#mailboxes = this.#mailboxes;
    copy.#accountChanged = this.#accountChanged;
    copy.#changedMailboxes = this.#changedMailboxes;
    return copy;
  }

  /** Looks the account up; on a server its row is locked, which makes operations on one account queue. */
  async account(session: SqlSession): Promise<AccountRow | undefined> {
    if (this.#account === null) {
      const row = await session.get<AccountColumns>(
        `SELECT ${ACCOUNT_COLUMNS} FROM account WHERE account_id = ?${session.dialect.forUpdate}`,
        [this.accountId],
      );
      this.#account = row === undefined ? undefined : toAccount(row);
    }
    return this.#account;
  }

  /** The modSeq as far as known: undefined when the account was not looked up or does not exist. */
  get modSeq(): AccountRow['modSeq'] | undefined {
    return this.#account?.modSeq;
  }

  async insertAccount(session: SqlSession, row: AccountRow): Promise<void> {
    await session.write(INSERT_ACCOUNT, [[row.accountId, ...fromAccount(row)]]);
    this.#account = row;
    this.#mailboxes ??= [];
  }

  updateAccount(row: AccountRow): void {
    this.#account = row;
    this.#accountChanged = true;
  }

  async mailboxes(session: SqlSession): Promise<readonly MailboxRow[]> {
    if (this.#mailboxes === null) {
      const rows = await session.all<MailboxColumns>(SELECT_MAILBOXES, [this.accountId]);
      this.#mailboxes = rows.map(toMailbox);
    }
    return this.#mailboxes;
  }

  async insertMailbox(session: SqlSession, row: MailboxRow): Promise<void> {
    await this.#putMailbox(session, row);
    await session.write(INSERT_MAILBOX, [[this.accountId, row.mailboxId, ...fromMailbox(row)]]);
  }

  async updateMailbox(session: SqlSession, row: MailboxRow): Promise<void> {
    await this.#putMailbox(session, row);
    this.#changedMailboxes = new Set(this.#changedMailboxes).add(row.mailboxId);
  }

  async deleteMailbox(session: SqlSession, mailboxId: MailboxId): Promise<void> {
    this.#mailboxes = (await this.mailboxes(session)).filter((row) => row.mailboxId !== mailboxId);
    const changed = new Set(this.#changedMailboxes);
    changed.delete(mailboxId);
    this.#changedMailboxes = changed;
    await session.write(DELETE_MAILBOX, [[this.accountId, mailboxId]]);
  }

  async #putMailbox(session: SqlSession, row: MailboxRow): Promise<void> {
    const list = (await this.mailboxes(session)).slice();
    let index = list.findIndex((other) => other.mailboxId >= row.mailboxId);
    if (index < 0) index = list.length;
    list.splice(index, list[index]?.mailboxId === row.mailboxId ? 1 : 0, row);
    this.#mailboxes = list;
  }

  /** Every row of the account is gone. */
  clear(): void {
    this.#account = undefined;
    this.#accountChanged = false;
    this.#mailboxes = [];
    this.#changedMailboxes = undefined;
  }

  /** Writes the rows that changed since they were last written. */
  async flush(session: SqlSession): Promise<void> {
    if (this.#accountChanged && this.#account) {
      await session.write(UPDATE_ACCOUNT, [[...fromAccount(this.#account), this.accountId]]);
      this.#accountChanged = false;
    }
    const changed = this.#changedMailboxes;
    if (changed === undefined || changed.size === 0) return;
    const rows = (this.#mailboxes ?? []).filter((row) => changed.has(row.mailboxId));
    await session.write(
      UPDATE_MAILBOX,
      rows.map((row) => [...fromMailbox(row), this.accountId, row.mailboxId]),
    );
    this.#changedMailboxes = undefined;
  }
}
