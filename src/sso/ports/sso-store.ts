/** What single sign-on needs of a storage backend: rows, not rules. The rules are in operations.ts. */
import type { AccountId } from '#base/ids.ts';

/** Somebody whom the school's sign-in named and who has no mailbox by it yet: what the help desk works on (S-22). */
export interface TicketRow {
  /** For people to read out: eight letters and digits. */
  readonly ticketId: string;
  /** As the school's sign-in told it, in the roster's spelling where it is a number. */
  readonly number: string;
  readonly name: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly visits: number;
  /** Null: open. */
  readonly closedAt: number | null;
}

/** Which web session was begun by which session there, so that it ends with it. */
export interface SsoSessionRow {
  /** SHA-256 of the ticket, base64url. */
  readonly indexHash: string;
  readonly accountId: AccountId;
  readonly sessionId: string;
  readonly createdAt: number;
}

/** Committed state (or, inside a transaction, its own view). */
export interface SsoReader {
  ticket(ticketId: string): Promise<TicketRow | undefined>;
  openTicketOf(number: string): Promise<TicketRow | undefined>;
  /** The last seen first. */
  openTickets(limit: number): Promise<readonly TicketRow[]>;
  countOpenTickets(): Promise<number>;
  session(indexHash: string): Promise<SsoSessionRow | undefined>;
}

export interface SsoTransaction extends SsoReader {
  readonly nowMs: number;
  /** A new one, or in place of the one of that id. */
  putTicket(row: TicketRow): Promise<void>;
  putSession(row: SsoSessionRow): Promise<void>;
  deleteSession(indexHash: string): Promise<void>;
  /** Up to `limit` sessions created, and tickets closed, before then; answers how many. */
  forget(before: number, limit: number): Promise<number>;
}

export interface SsoStore {
  readonly reader: SsoReader;
  /** Runs an operation (names and arguments: #sso/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface SsoOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: SsoTransaction, args: never): Promise<unknown>;
}
