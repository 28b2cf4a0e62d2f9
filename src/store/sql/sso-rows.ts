/** SsoReader and SsoTransaction over SQL: rows of single sign-on, no rules. */
import type { AccountId } from '#base/ids.ts';
import type { SsoReader, SsoSessionRow, SsoTransaction, TicketRow } from '#sso/ports/sso-store.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession } from './session.ts';

const TICKET = 'ticket_id, number, name, first_at, last_at, visits, closed_at';
type TicketValues = [string, string, string, number, number, number, number | null];

export class SqlSsoReader implements SsoReader {
  protected readonly db: SqlSession;

  constructor(session: SqlSession) {
    this.db = session;
  }

  async ticket(ticketId: string): Promise<TicketRow | undefined> {
    const sql = `SELECT ${TICKET} FROM sso_ticket WHERE ticket_id = ?`;
    const row = await this.db.get<TicketValues>(sql, [toText(ticketId)]);
    return row && toTicket(row);
  }

  async openTicketOf(number: string): Promise<TicketRow | undefined> {
    const sql = `SELECT ${TICKET} FROM sso_ticket WHERE number = ? AND closed_at IS NULL`;
    const row = await this.db.get<TicketValues>(sql, [toText(number)]);
    return row && toTicket(row);
  }

  async openTickets(limit: number): Promise<readonly TicketRow[]> {
    const sql = `SELECT ${TICKET} FROM sso_ticket WHERE closed_at IS NULL ORDER BY last_at DESC, ticket_id LIMIT ?`;
    return (await this.db.all<TicketValues>(sql, [limit])).map(toTicket);
  }

  async countOpenTickets(): Promise<number> {
    const row = await this.db.get<[number]>('SELECT count(*) FROM sso_ticket WHERE closed_at IS NULL', []);
    return row?.[0] ?? 0;
  }

  async session(indexHash: string): Promise<SsoSessionRow | undefined> {
    const sql = 'SELECT account_id, session_id, created_at FROM sso_session WHERE index_hash = ?';
    const row = await this.db.get<[number, string, number]>(sql, [indexHash]);
    return row && { indexHash, accountId: row[0] as AccountId, sessionId: row[1], createdAt: row[2] };
  }
}

export class SqlSsoTransaction extends SqlSsoReader implements SsoTransaction, SqlSectionTransaction {
  readonly nowMs: number;

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  async putTicket({ ticketId, number, name, firstAt, lastAt, visits, closedAt }: TicketRow): Promise<void> {
    await this.db.run(
      `INSERT INTO sso_ticket (${TICKET}) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (ticket_id) DO UPDATE SET name = excluded.name, last_at = excluded.last_at, visits = excluded.visits,
         closed_at = excluded.closed_at`,
      [toText(ticketId), toText(number), toText(name), firstAt, lastAt, visits, closedAt],
    );
  }

  async putSession({ indexHash, accountId, sessionId, createdAt }: SsoSessionRow): Promise<void> {
    await this.db.run(
      `INSERT INTO sso_session (index_hash, account_id, session_id, created_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (index_hash) DO UPDATE SET account_id = excluded.account_id, session_id = excluded.session_id,
         created_at = excluded.created_at`,
      [indexHash, accountId, sessionId, createdAt],
    );
  }

  async deleteSession(indexHash: string): Promise<void> {
    await this.db.run('DELETE FROM sso_session WHERE index_hash = ?', [indexHash]);
  }

  async forget(before: number, limit: number): Promise<number> {
    const sessions = await this.db.run(
      `DELETE FROM sso_session WHERE index_hash IN (SELECT index_hash FROM sso_session WHERE created_at < ? LIMIT ?)`,
      [before, limit],
    );
    const tickets = await this.db.run(
      `DELETE FROM sso_ticket WHERE ticket_id IN (SELECT ticket_id FROM sso_ticket WHERE closed_at < ? LIMIT ?)`,
      [before, limit - sessions],
    );
    return sessions + tickets;
  }
}

function toTicket([ticketId, number, name, firstAt, lastAt, visits, closedAt]: TicketValues): TicketRow {
  return { ticketId, number, name, firstAt, lastAt, visits, closedAt };
}
