/** SmsReader and SmsTransaction over SQL: rows of what was sent by SMS, no rules. */
import type { CodeRow, OutboxRow, SmsReader, SmsTransaction } from '#sms/ports/sms-store.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession } from './session.ts';

export class SqlSmsReader implements SmsReader {
  protected readonly db: SqlSession;

  constructor(session: SqlSession) {
    this.db = session;
  }

  async outbox(limit: number): Promise<readonly OutboxRow[]> {
    const sql = 'SELECT sms_id, sent_at, phone, text FROM sms_outbox ORDER BY sent_at DESC, sms_id LIMIT ?';
    const rows = await this.db.all<[string, number, string, string]>(sql, [limit]);
    return rows.map(([smsId, sentAt, phone, text]) => ({ smsId, sentAt, phone, text }));
  }
}

export class SqlSmsTransaction extends SqlSmsReader implements SmsTransaction, SqlSectionTransaction {
  readonly nowMs: number;

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  async marks(key: string, since: number, limit: number): Promise<readonly number[]> {
    const sql = 'SELECT marked_at FROM sms_mark WHERE mark_key = ? AND marked_at > ? ORDER BY marked_at DESC LIMIT ?';
    return (await this.db.all<[number]>(sql, [key, since, limit])).map(([at]) => at);
  }

  async insertMark(key: string, at: number, smsId: string): Promise<void> {
    await this.db.run('INSERT INTO sms_mark (mark_key, marked_at, sms_id) VALUES (?, ?, ?)', [key, at, smsId]);
  }

  async spent(prefix: string): Promise<number> {
    // A prefix as a range, which the key answers.
    const sql = 'SELECT CAST(coalesce(sum(messages), 0) AS BIGINT) FROM sms_spent WHERE day >= ? AND day < ?';
    return (await this.db.get<[number]>(sql, [prefix, `${prefix}~`]))?.[0] ?? 0;
  }

  async addSpent(day: string): Promise<void> {
    await this.db.run(
      `INSERT INTO sms_spent (day, messages) VALUES (?, 1)
       ON CONFLICT (day) DO UPDATE SET messages = sms_spent.messages + 1`,
      [day],
    );
  }

  async code(codeId: string): Promise<CodeRow | undefined> {
    const sql = 'SELECT phone_index, code_hash, tries_left, expires_at FROM sms_code WHERE code_id = ?';
    const row = await this.db.get<[string, string, number, number]>(sql, [toText(codeId)]);
    if (row === undefined) return undefined;
    const [phoneIndex, codeHash, triesLeft, expiresAt] = row;
    return { codeId, phoneIndex, codeHash, triesLeft, expiresAt };
  }

  async putCode({ codeId, phoneIndex, codeHash, triesLeft, expiresAt }: CodeRow): Promise<void> {
    await this.db.run(
      `INSERT INTO sms_code (code_id, phone_index, code_hash, tries_left, expires_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (code_id) DO UPDATE SET phone_index = excluded.phone_index, code_hash = excluded.code_hash,
         tries_left = excluded.tries_left, expires_at = excluded.expires_at`,
      [codeId, phoneIndex, codeHash, triesLeft, expiresAt],
    );
  }

  async deleteCode(codeId: string): Promise<void> {
    await this.db.run('DELETE FROM sms_code WHERE code_id = ?', [toText(codeId)]);
  }

  async insertOutbox({ smsId, sentAt, phone, text }: OutboxRow): Promise<void> {
    const sql = 'INSERT INTO sms_outbox (sms_id, sent_at, phone, text) VALUES (?, ?, ?, ?)';
    await this.db.run(sql, [smsId, sentAt, toText(phone), toText(text)]);
  }

  async deleteOutbox(smsId: string): Promise<void> {
    await this.db.run('DELETE FROM sms_outbox WHERE sms_id = ?', [smsId]);
  }

  async forget({
    before,
    expiredBefore,
    limit,
  }: {
    readonly before: number;
    readonly expiredBefore: number;
    readonly limit: number;
  }): Promise<number> {
    const marks = await this.db.run(
      `DELETE FROM sms_mark WHERE (mark_key, marked_at, sms_id) IN
         (SELECT mark_key, marked_at, sms_id FROM sms_mark WHERE marked_at < ? LIMIT ?)`,
      [before, limit],
    );
    const codes = await this.db.run(
      'DELETE FROM sms_code WHERE code_id IN (SELECT code_id FROM sms_code WHERE expires_at <= ? LIMIT ?)',
      [expiredBefore, limit],
    );
    return Math.max(marks, codes);
  }
}
