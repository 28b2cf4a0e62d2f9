/** SendingReader and SendingTransaction over SQL: rows of what accounts send, no rules. */
import type { AccountId } from '#base/ids.ts';
import type {
  SendingAccount,
  SendingReader,
  SendingSlice,
  SendingTransaction,
} from '#submission/ports/sending-store.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import { toList } from './session.ts';
import type { SqlSession } from './session.ts';
import { insertInto, integers, texts, updateRows } from './statements.ts';

const INSERT_CORRESPONDENT = insertInto('correspondent', {
  ...integers('account_id'),
  ...texts('address'),
  ...integers('written_at'),
});
const UPDATE_CORRESPONDENT = updateRows('correspondent', integers('written_at'), {
  ...integers('account_id'),
  ...texts('address'),
});

export class SqlSendingReader implements SendingReader {
  protected readonly session: SqlSession;

  constructor(session: SqlSession) {
    this.session = session;
  }

  async slices(accountId: AccountId, fromSlice: number): Promise<readonly SendingSlice[]> {
    const rows = await this.session.all<[number, number, number]>(
      `SELECT slice, recipients, new_recipients FROM sending_slice WHERE account_id = ? AND slice >= ? ORDER BY slice`,
      [accountId, fromSlice],
    );
    return rows.map(([slice, recipients, newRecipients]) => ({ slice, recipients, newRecipients }));
  }

  async correspondents(accountId: AccountId, addresses: readonly string[]): Promise<readonly string[]> {
    const rows = await this.session.all<[string]>(
      `SELECT address FROM correspondent WHERE account_id = ? AND ${this.session.dialect.isOneOfTexts('address')}`,
      [accountId, toList(addresses.map(toText))],
    );
    return rows.map(([address]) => address);
  }
}

export class SqlSendingTransaction extends SqlSendingReader implements SendingTransaction, SqlSectionTransaction {
  readonly nowMs: number;

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  async lockAccount(accountId: AccountId): Promise<SendingAccount> {
    const sql = `SELECT refused_at, refusals FROM sending_account WHERE account_id = ?${this.session.dialect.forUpdate}`;
    type Row = [number | null, number];
    let row = await this.session.get<Row>(sql, [accountId]);
    if (row === undefined) {
      await this.session.run(
        'INSERT INTO sending_account (account_id, refused_at, refusals) VALUES (?, NULL, 0) ON CONFLICT DO NOTHING',
        [accountId],
      );
      row = await this.session.get<Row>(sql, [accountId]);
    }
    const [refusedAt = null, refusals = 0] = row ?? [];
    return { accountId, refusedAt, refusals };
  }

  async updateAccount({ accountId, refusedAt, refusals }: SendingAccount): Promise<void> {
    await this.session.run('UPDATE sending_account SET refused_at = ?, refusals = ? WHERE account_id = ?', [
      refusedAt,
      refusals,
      accountId,
    ]);
  }

  async putSlice(accountId: AccountId, { slice, recipients, newRecipients }: SendingSlice): Promise<void> {
    await this.session.run(
      `INSERT INTO sending_slice (account_id, slice, recipients, new_recipients) VALUES (?, ?, ?, ?)
       ON CONFLICT (account_id, slice) DO UPDATE
       SET recipients = excluded.recipients, new_recipients = excluded.new_recipients`,
      [accountId, slice, recipients, newRecipients],
    );
  }

  async deleteSlices(accountId: AccountId, beforeSlice: number): Promise<void> {
    await this.session.run('DELETE FROM sending_slice WHERE account_id = ? AND slice < ?', [accountId, beforeSlice]);
  }

  async putCorrespondents(accountId: AccountId, addresses: readonly string[]): Promise<void> {
    const known = new Set(await this.correspondents(accountId, addresses));
    const all = addresses.map(toText);
    await this.session.write(
      UPDATE_CORRESPONDENT,
      all.flatMap((address) => (known.has(address) ? [[this.nowMs, accountId, address]] : [])),
    );
    await this.session.write(
      INSERT_CORRESPONDENT,
      all.flatMap((address) => (known.has(address) ? [] : [[accountId, address, this.nowMs]])),
    );
  }

  async deleteCorrespondents(accountId: AccountId, writtenBefore: number): Promise<void> {
    await this.session.run('DELETE FROM correspondent WHERE account_id = ? AND written_at < ?', [
      accountId,
      writtenBefore,
    ]);
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    for (const table of ['correspondent', 'sending_slice', 'sending_account'])
      await this.session.run(`DELETE FROM ${table} WHERE account_id = ?`, [accountId]);
  }
}
