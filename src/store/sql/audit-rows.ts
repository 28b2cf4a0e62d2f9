/** AuditReader and AuditTransaction over SQL. */
import type { AccountId } from '#base/ids.ts';
import type { AuditQuery, AuditReader, AuditTransaction } from '#audit/ports/audit-store.ts';
import type { AuditLink, AuditRow } from '#audit/types.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession, SqlValue } from './session.ts';
import { insertInto, integers, texts } from './statements.ts';

const COLUMNS = 'seq, at, action, account_id, entry, hash';
type Columns = [number, number, string, number | null, string, string];
const INSERT = insertInto('audit_entry', {
  ...integers('seq', 'at'),
  ...texts('action'),
  ...integers('account_id'),
  ...texts('entry', 'hash'),
});

export class SqlAuditReader implements AuditReader {
  protected readonly session: SqlSession;

  constructor(session: SqlSession) {
    this.session = session;
  }

  async rows(after: number, limit: number): Promise<readonly AuditRow[]> {
    const sql = `SELECT ${COLUMNS} FROM audit_entry WHERE seq > ? ORDER BY seq LIMIT ?`;
    return (await this.session.all<Columns>(sql, [after, limit])).map(toRow);
  }

  async find({ accountId, action, from, to }: AuditQuery, limit: number): Promise<readonly AuditRow[]> {
    const conditions = ['at >= ?', 'at < ?'];
    const values: SqlValue[] = [from ?? 0, to ?? Number.MAX_SAFE_INTEGER];
    if (accountId !== undefined) {
      conditions.push('account_id = ?');
      values.push(accountId);
    }
    if (action !== undefined) {
      conditions.push('action = ?');
      values.push(action);
    }
    const sql = `SELECT ${COLUMNS} FROM audit_entry WHERE ${conditions.join(' AND ')} ORDER BY at DESC, seq DESC LIMIT ?`;
    return (await this.session.all<Columns>(sql, [...values, limit])).map(toRow);
  }

  async ends(): Promise<{ readonly anchor: AuditLink; readonly last: AuditLink }> {
    const row = await this.session.get<[number, string, number, string]>(
      'SELECT anchor_seq, anchor_hash, last_seq, last_hash FROM audit_chain',
      [],
    );
    if (row === undefined) throw new Error('the chain of the audit has no ends');
    const [anchorSeq, anchorHash, lastSeq, lastHash] = row;
    return { anchor: { seq: anchorSeq, hash: anchorHash }, last: { seq: lastSeq, hash: lastHash } };
  }
}

export class SqlAuditTransaction implements AuditTransaction, SqlSectionTransaction {
  readonly nowMs: number;
  readonly #session: SqlSession;

  constructor({ session, nowMs }: SectionScope) {
    this.#session = session;
    this.nowMs = nowMs;
  }

  async lockLast(): Promise<AuditLink> {
    const sql = `SELECT last_seq, last_hash FROM audit_chain${this.#session.dialect.forUpdate}`;
    const row = await this.#session.get<[number, string]>(sql, []);
    if (row === undefined) throw new Error('the chain of the audit has no ends');
    return { seq: row[0], hash: row[1] };
  }

  async insertRows(rows: readonly AuditRow[]): Promise<void> {
    const last = rows.at(-1);
    if (last === undefined) return;
    await this.#session.write(
      INSERT,
      rows.map(({ seq, at, action, accountId, text, hash }) => [seq, at, action, accountId, text, hash]),
    );
    await this.#session.run('UPDATE audit_chain SET last_seq = ?, last_hash = ?', [last.seq, last.hash]);
  }

  async forget(before: number, limit: number): Promise<number> {
    await this.lockLast();
    const sql = 'SELECT seq, at, hash FROM audit_entry ORDER BY seq LIMIT ?';
    const oldest = await this.#session.all<[number, number, string]>(sql, [limit]);
    const kept = oldest.findIndex(([, at]) => at >= before);
    const gone = kept === -1 ? oldest : oldest.slice(0, kept);
    const anchor = gone.at(-1);
    if (anchor === undefined) return 0;
    await this.#session.run('DELETE FROM audit_entry WHERE seq <= ?', [anchor[0]]);
    await this.#session.run('UPDATE audit_chain SET anchor_seq = ?, anchor_hash = ?', [anchor[0], anchor[2]]);
    return gone.length;
  }
}

function toRow([seq, at, action, accountId, text, hash]: Columns): AuditRow {
  return { seq, at, action, accountId: accountId as AccountId | null, text, hash };
}
