/** What SMS need of a storage backend: rows, not rules. The rules are in operations.ts. */

/** A code that was sent and not yet used. */
export interface CodeRow {
  /** What it is for: one code for each. */
  readonly codeId: string;
  /** Blind index of the number it went to. */
  readonly phoneIndex: string;
  /** Keyed digest. */
  readonly codeHash: string;
  readonly triesLeft: number;
  readonly expiresAt: number;
}

/** What a demonstration shows in place of somebody's telephone. */
export interface OutboxRow {
  readonly smsId: string;
  readonly sentAt: number;
  readonly phone: string;
  readonly text: string;
}

export interface SmsReader {
  /** The newest first. */
  outbox(limit: number): Promise<readonly OutboxRow[]>;
}

export interface SmsTransaction extends SmsReader {
  readonly nowMs: number;
  /** When something was sent to or for `key`, after `since`; the newest first, at most `limit`. */
  marks(key: string, since: number, limit: number): Promise<readonly number[]>;
  insertMark(key: string, at: number, smsId: string): Promise<void>;
  /** SMS of the days (`2026-11-28`) that begin with `prefix`. */
  spent(prefix: string): Promise<number>;
  addSpent(day: string): Promise<void>;
  code(codeId: string): Promise<CodeRow | undefined>;
  /** A new one, or in place of the one of that name. */
  putCode(row: CodeRow): Promise<void>;
  deleteCode(codeId: string): Promise<void>;
  insertOutbox(row: OutboxRow): Promise<void>;
  deleteOutbox(smsId: string): Promise<void>;
  /** Up to `limit` marks from before then and codes expired by then; answers how many. */
  forget(limits: { readonly before: number; readonly expiredBefore: number; readonly limit: number }): Promise<number>;
}

export interface SmsStore {
  readonly reader: SmsReader;
  /** Runs an SMS operation (names and arguments: #sms/operations.ts) atomically; durable when it resolves. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface SmsOperation {
  run(tx: SmsTransaction, args: never): Promise<unknown>;
}
