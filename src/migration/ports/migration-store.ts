/** What bringing mail from another system needs of a storage backend: rows, not rules. The rules are in operations.ts. */
import type { AccountId, MailboxId } from '#base/ids.ts';

export const MOVE_STATES = ['waiting', 'running', 'based', 'done', 'failed', 'closed'] as const;
/**
 * `based`: the base pass is through; `done`: the delta pass is, and whoever looks is told all is here. `closed`: the other
 * system does not let anybody into it any more, or not us.
 */
export type MoveState = (typeof MOVE_STATES)[number];

export const PASSES = ['base', 'delta'] as const;
/** `base`: up to an instant; `delta`: whatever is there. */
export type Pass = (typeof PASSES)[number];

/** An account here, and which of the other system it is. */
export interface AccountMoveRow {
  readonly accountId: AccountId;
  /** What it signs in with there. */
  readonly login: string;
  readonly state: MoveState;
  /** The pass that runs, or ran last. */
  readonly pass: Pass | null;
  /** When that began; for a `running` one its last sign of life as well. */
  readonly startedAt: number | null;
  readonly aliveAt: number | null;
  readonly finishedAt: number | null;
  /** Emails that came by a pass that was killed before it could write so have this id or a higher one. */
  readonly fromEmailId: number;
  /** Mailboxes there that were passed over, being views of others. */
  readonly skippedMailboxes: number;
  /** Why it failed, or is closed; '' otherwise. */
  readonly reason: string;
  /** When its owner had seen enough of the progress. */
  readonly dismissedAt: number | null;
}

/** A mailbox there: how far it was brought, and what of it. */
export interface MailboxMoveRow {
  readonly accountId: AccountId;
  /** There, levels joined by `/`. */
  readonly path: string;
  /** Where it goes here. */
  readonly mailboxId: MailboxId;
  /** As there; 0: it tells of none, and nothing is known by its uid. */
  readonly uidValidity: number;
  /** What has a uid up to and with it, and came up to and with `until`, is done. */
  readonly doneUid: number;
  readonly until: number;
  /** While a pass brings what came after `until` and has a lower uid than that: done up to and with these. */
  readonly laterUid: number;
  readonly laterUntil: number;
  /** There at the last look: messages up to `until`, and their octets as the other system counts them. */
  readonly sourceMessages: number;
  readonly sourceBytes: number;
  readonly copiedMessages: number;
  readonly copiedBytes: number;
  /** Were here already, by their octets. */
  readonly presentMessages: number;
  readonly presentBytes: number;
}

/** A message that could not be brought; tried again with each pass. */
export interface MoveFailureRow {
  readonly accountId: AccountId;
  readonly path: string;
  readonly uid: number;
  readonly sizeBytes: number;
  readonly reason: string;
}

/** Committed state (or, inside a transaction, its own view). */
export interface MigrationReader {
  account(accountId: AccountId): Promise<AccountMoveRow | undefined>;
  /** Those with a higher id, ascending. */
  accounts(after: number, limit: number): Promise<readonly AccountMoveRow[]>;
  countByState(): Promise<ReadonlyMap<MoveState, number>>;
  /** By path. */
  mailboxes(accountId: AccountId): Promise<readonly MailboxMoveRow[]>;
  /** By path and uid. */
  failures(accountId: AccountId, limit: number): Promise<readonly MoveFailureRow[]>;
}

export interface MigrationTransaction extends MigrationReader {
  readonly nowMs: number;
  /** A new one, or in place of the one of that id. */
  putAccount(row: AccountMoveRow): Promise<void>;
  putMailbox(row: MailboxMoveRow): Promise<void>;
  putFailure(row: MoveFailureRow): Promise<void>;
  deleteFailure(accountId: AccountId, path: string, uid: number): Promise<void>;
  /** And all that is kept of it; false: there was none. */
  deleteAccount(accountId: AccountId): Promise<boolean>;
}

export interface MigrationStore {
  readonly reader: MigrationReader;
  /** Runs an operation (names and arguments: #migration/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface MigrationOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: MigrationTransaction, args: never): Promise<unknown>;
}
