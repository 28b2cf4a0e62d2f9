/** What the audit needs from a storage backend. */
import type { AccountId } from '#base/ids.ts';
import type { AuditLink, AuditRow } from '#audit/types.ts';

/** What to look for; all that is given must hold. */
export interface AuditQuery {
  readonly accountId?: AccountId;
  readonly action?: string;
  /** From this instant on, up to and without that one. */
  readonly from?: number;
  readonly to?: number;
}

export interface AuditReader {
  /** By ascending number, those above `after`. */
  rows(after: number, limit: number): Promise<readonly AuditRow[]>;
  /** The newest first, by their instant. */
  find(query: AuditQuery, limit: number): Promise<readonly AuditRow[]>;
  /** The row before the first that is kept, and the last that was written. */
  ends(): Promise<{ readonly anchor: AuditLink; readonly last: AuditLink }>;
}

/** Nothing changes a row, and only the oldest go. */
export interface AuditTransaction {
  readonly nowMs: number;
  /** The last link; whoever else wants to add waits until this transaction has ended. */
  lockLast(): Promise<AuditLink>;
  /** The last of them becomes the last link. */
  insertRows(rows: readonly AuditRow[]): Promise<void>;
  /** Forgets the oldest while they are from before `before`, at most `limit`; answers how many. The anchor moves along. */
  forget(before: number, limit: number): Promise<number>;
}

export interface AuditStore {
  readonly reader: AuditReader;
  /** Runs an audit operation (names and arguments: #audit/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface AuditOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: AuditTransaction, args: never): Promise<unknown>;
}
