/** What counting who sends how much needs from a storage backend: rows, not rules. The rules are in operations/. */
import type { AccountId } from '#base/ids.ts';

/** What an account wrote to outside in one slice of time. */
export interface SendingSlice {
  /** The instant divided by `SENDING_LIMITS.sliceMs`. */
  readonly slice: number;
  readonly recipients: number;
  /** Those of them that were strangers. */
  readonly newRecipients: number;
}

/** What was refused to an account. */
export interface SendingAccount {
  readonly accountId: AccountId;
  /** The last time; null: never, or it was forgiven. */
  readonly refusedAt: number | null;
  /** Messages, since the incident began. */
  readonly refusals: number;
}

/** Committed state (or, inside a transaction, its own view). */
export interface SendingReader {
  /** Those from `fromSlice` on that are not empty, ascending. */
  slices(accountId: AccountId, fromSlice: number): Promise<readonly SendingSlice[]>;
  /** Those of `addresses` that the account has written to. */
  correspondents(accountId: AccountId, addresses: readonly string[]): Promise<readonly string[]>;
}

export interface SendingTransaction extends SendingReader {
  readonly nowMs: number;
  /** Everything of the account is nobody else's until the transaction ends. A new one has no refusals. */
  lockAccount(accountId: AccountId): Promise<SendingAccount>;
  updateAccount(row: SendingAccount): Promise<void>;
  putSlice(accountId: AccountId, row: SendingSlice): Promise<void>;
  /** Forgets the slices before `beforeSlice`. */
  deleteSlices(accountId: AccountId, beforeSlice: number): Promise<void>;
  /** The account writes to them now. No address twice. */
  putCorrespondents(accountId: AccountId, addresses: readonly string[]): Promise<void>;
  /** Forgets those last written to before then. */
  deleteCorrespondents(accountId: AccountId, writtenBefore: number): Promise<void>;
  /** Forgets all of an account. */
  deleteAccount(accountId: AccountId): Promise<void>;
}

export interface SendingStore {
  readonly reader: SendingReader;
  /** Runs a sending operation (names and arguments: #submission/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface SendingOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: SendingTransaction, args: never): Promise<unknown>;
}
