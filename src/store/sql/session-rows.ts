/** SessionReader and SessionTransaction over SQL: rows of web sessions, no rules. */
import type { AccountId } from '#base/ids.ts';
import type {
  SessionReader,
  SessionRow,
  SessionTransaction,
  SignInRecordRow,
  WalkRow,
} from '#signin/ports/session-store.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import { toList, type SqlSession } from './session.ts';

const SESSION =
  'account_id, session_id, login, token_hash, previous_hash, rotated_at, created_at, used_at, address, agent';
type SessionValues = [number, string, string, string, string, number, number, number, string, string];

const WALK = 'walk_id, secret_hash, kind, step, facts, began_at, expires_at';
type WalkValues = [string, string, string, number, string, number, number];

const RECORD = 'account_id, at, record_id, protocol, address, place, agent, outcome';
type RecordValues = [number, number, string, string, string, string, string, string];

export class SqlSessionReader implements SessionReader {
  protected readonly db: SqlSession;

  constructor(session: SqlSession) {
    this.db = session;
  }

  async session(accountId: AccountId, sessionId: string): Promise<SessionRow | undefined> {
    return this.readSession(accountId, sessionId, '');
  }

  async sessions(accountId: AccountId): Promise<readonly SessionRow[]> {
    const rows = await this.db.all<SessionValues>(
      `SELECT ${SESSION} FROM web_session WHERE account_id = ? ORDER BY used_at DESC, session_id`,
      [accountId],
    );
    return rows.map(toSession);
  }

  async walk(walkId: string): Promise<WalkRow | undefined> {
    return this.readWalk(walkId, '');
  }

  protected async readWalk(walkId: string, lock: string): Promise<WalkRow | undefined> {
    const sql = `SELECT ${WALK} FROM web_walk WHERE walk_id = ?${lock}`;
    const row = await this.db.get<WalkValues>(sql, [toText(walkId)]);
    if (row === undefined) return undefined;
    const [, secretHash, kind, step, facts, beganAt, expiresAt] = row;
    return { walkId, secretHash, kind, step, facts, beganAt, expiresAt };
  }

  async lastSignIns(accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>> {
    const rows = await this.db.all<[number, number]>(
      `SELECT account_id, at FROM last_sign_in WHERE ${this.db.dialect.isOneOf('account_id')}`,
      [toList(accountIds)],
    );
    return new Map(rows.map(([accountId, at]) => [accountId as AccountId, at]));
  }

  async records(accountId: AccountId, limit: number): Promise<readonly SignInRecordRow[]> {
    const rows = await this.db.all<RecordValues>(
      `SELECT ${RECORD} FROM sign_in_record WHERE account_id = ? ORDER BY at DESC, record_id LIMIT ?`,
      [accountId, limit],
    );
    return rows.map(([, at, recordId, protocol, address, place, agent, outcome]) => ({
      accountId,
      at,
      recordId,
      protocol,
      address,
      place,
      agent,
      outcome,
    }));
  }

  protected async readSession(accountId: AccountId, sessionId: string, lock: string): Promise<SessionRow | undefined> {
    const row = await this.db.get<SessionValues>(
      `SELECT ${SESSION} FROM web_session WHERE account_id = ? AND session_id = ?${lock}`,
      [accountId, toText(sessionId)],
    );
    return row && toSession(row);
  }
}

export class SqlSessionTransaction extends SqlSessionReader implements SessionTransaction, SqlSectionTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  lockSession(accountId: AccountId, sessionId: string): Promise<SessionRow | undefined> {
    return this.readSession(accountId, sessionId, this.db.dialect.forUpdate);
  }

  async putSession(row: SessionRow): Promise<void> {
    await this.db.run(
      `INSERT INTO web_session (${SESSION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id, session_id) DO UPDATE
       SET token_hash = excluded.token_hash, previous_hash = excluded.previous_hash, rotated_at = excluded.rotated_at,
         used_at = excluded.used_at, address = excluded.address`,
      [
        row.accountId,
        row.sessionId,
        toText(row.login),
        row.tokenHash,
        row.previousHash,
        row.rotatedAt,
        row.createdAt,
        row.usedAt,
        row.address,
        toText(row.agent),
      ],
    );
  }

  async deleteSession(accountId: AccountId, sessionId: string): Promise<void> {
    await this.db.run('DELETE FROM web_session WHERE account_id = ? AND session_id = ?', [
      accountId,
      toText(sessionId),
    ]);
  }

  async deleteSessions(accountId: AccountId): Promise<void> {
    await this.db.run('DELETE FROM web_session WHERE account_id = ?', [accountId]);
  }

  async forget(limits: {
    readonly usedBefore: number;
    readonly createdBefore: number;
    readonly limit: number;
  }): Promise<number> {
    const rows = await this.db.all<[number, string]>(
      `SELECT account_id, session_id FROM web_session WHERE used_at < ? OR created_at < ? LIMIT ?`,
      [limits.usedBefore, limits.createdBefore, limits.limit],
    );
    for (const [accountId, sessionId] of rows) await this.deleteSession(accountId as AccountId, sessionId);
    return rows.length;
  }

  lockWalk(walkId: string): Promise<WalkRow | undefined> {
    return this.readWalk(walkId, this.db.dialect.forUpdate);
  }

  async putWalk({ walkId, secretHash, kind, step, facts, beganAt, expiresAt }: WalkRow): Promise<void> {
    await this.db.run(
      `INSERT INTO web_walk (${WALK}) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (walk_id) DO UPDATE SET step = excluded.step, facts = excluded.facts`,
      [walkId, secretHash, kind, step, toText(facts), beganAt, expiresAt],
    );
  }

  async deleteWalk(walkId: string): Promise<void> {
    await this.db.run('DELETE FROM web_walk WHERE walk_id = ?', [toText(walkId)]);
  }

  async forgetWalks(expiredBefore: number, limit: number): Promise<number> {
    return this.db.run(
      'DELETE FROM web_walk WHERE walk_id IN (SELECT walk_id FROM web_walk WHERE expires_at <= ? LIMIT ?)',
      [expiredBefore, limit],
    );
  }

  async insertRecord(row: SignInRecordRow): Promise<void> {
    const { accountId, at, recordId, protocol, address, place, agent, outcome } = row;
    await this.db.run(`INSERT INTO sign_in_record (${RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, [
      accountId,
      at,
      recordId,
      protocol,
      address,
      place,
      toText(agent),
      outcome,
    ]);
  }

  async putLastSignIn(accountId: AccountId, at: number, everyMs: number): Promise<void> {
    await this.db.run(
      `INSERT INTO last_sign_in (account_id, at) VALUES (?, ?)
       ON CONFLICT (account_id) DO UPDATE SET at = excluded.at WHERE last_sign_in.at <= excluded.at - ?`,
      [accountId, at, everyMs],
    );
  }

  async deleteLastSignIn(accountId: AccountId): Promise<void> {
    await this.db.run('DELETE FROM last_sign_in WHERE account_id = ?', [accountId]);
  }

  async forgetRecords(before: number, limit: number): Promise<number> {
    const rows = await this.db.all<[number, number, string]>(
      'SELECT account_id, at, record_id FROM sign_in_record WHERE at < ? LIMIT ?',
      [before, limit],
    );
    for (const row of rows)
      await this.db.run('DELETE FROM sign_in_record WHERE account_id = ? AND at = ? AND record_id = ?', row);
    return rows.length;
  }

  touch(accountId: AccountId): void {
    this.touched.add(accountId);
  }
}

function toSession(row: SessionValues): SessionRow {
  const [accountId, sessionId, login, tokenHash, previousHash, rotatedAt, createdAt, usedAt, address, agent] = row;
  return {
    accountId: accountId as AccountId,
    sessionId,
    login,
    tokenHash,
    previousHash,
    rotatedAt,
    createdAt,
    usedAt,
    address,
    agent,
  };
}
