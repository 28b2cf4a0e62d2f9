/** What web sessions need of a storage backend: rows, not rules. The rules are in operations.ts. */
import type { AccountId } from '#base/ids.ts';

/** One browser that is signed in. */
export interface SessionRow {
  readonly accountId: AccountId;
  /** No secret: names the session among its account's. */
  readonly sessionId: string;
  /** The address signed in with. */
  readonly login: string;
  /** SHA-256 of the secret in the cookie, base64url. */
  readonly tokenHash: string;
  /** Of the one before, '' at first: requests under way still bring it. */
  readonly previousHash: string;
  readonly rotatedAt: number;
  /** Before the password was checked: what changed since then ends the session. */
  readonly createdAt: number;
  readonly usedAt: number;
  /** Where it was last used from, numeric. */
  readonly address: string;
  /** What the browser says it is, cut short. */
  readonly agent: string;
}

/** A browser on its way through several steps, of which each has to be proven (walks.ts). */
export interface WalkRow {
  /** No secret. */
  readonly walkId: string;
  /** SHA-256 of the secret in the cookie, base64url. */
  readonly secretHash: string;
  readonly kind: string;
  /** How many steps are behind it. */
  readonly step: number;
  /** JSON: what they proved. */
  readonly facts: string;
  readonly beganAt: number;
  readonly expiresAt: number;
}

/** That somebody signed in, or tried to. */
export interface SignInRecordRow {
  readonly accountId: AccountId;
  readonly at: number;
  /** Tells apart what happened in the same millisecond. */
  readonly recordId: string;
  /** http, imap, … */
  readonly protocol: string;
  /** Numeric. */
  readonly address: string;
  /** Where that is, as `PlaceFinder` says; empty: nobody knows. */
  readonly place: string;
  /** What the browser says it is, cut short; empty for mail programs. */
  readonly agent: string;
  /** `ok`, or why not. */
  readonly outcome: string;
}

/** Committed state (or, inside a transaction, its own view). */
export interface SessionReader {
  session(accountId: AccountId, sessionId: string): Promise<SessionRow | undefined>;
  /** The one used last first. */
  sessions(accountId: AccountId): Promise<readonly SessionRow[]>;
  walk(walkId: string): Promise<WalkRow | undefined>;
  /** The last ones, at most `limit`, the latest first. */
  records(accountId: AccountId, limit: number): Promise<readonly SignInRecordRow[]>;
  /** When somebody got in last, up to `factEveryMs` too early; without those of whom that is not known. */
  lastSignIns(accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>>;
}

export interface SessionTransaction extends SessionReader {
  readonly nowMs: number;
  /** As `session`; nobody else changes it until the transaction ends. */
  lockSession(accountId: AccountId, sessionId: string): Promise<SessionRow | undefined>;
  /** A new one, or in place of the one of that name. */
  putSession(row: SessionRow): Promise<void>;
  deleteSession(accountId: AccountId, sessionId: string): Promise<void>;
  deleteSessions(accountId: AccountId): Promise<void>;
  /** Up to `limit` that were last used or created before then; answers how many. */
  forget(limits: {
    readonly usedBefore: number;
    readonly createdBefore: number;
    readonly limit: number;
  }): Promise<number>;
  /** As `walk`; nobody else changes it until the transaction ends. */
  lockWalk(walkId: string): Promise<WalkRow | undefined>;
  /** A new one, or in place of the one of that name. */
  putWalk(row: WalkRow): Promise<void>;
  deleteWalk(walkId: string): Promise<void>;
  /** Up to `limit` that ended by then; answers how many. */
  forgetWalks(expiredBefore: number, limit: number): Promise<number>;
  insertRecord(row: SignInRecordRow): Promise<void>;
  /** That somebody got in then, unless what is kept is less than `everyMs` older, or later. */
  putLastSignIn(accountId: AccountId, at: number, everyMs: number): Promise<void>;
  deleteLastSignIn(accountId: AccountId): Promise<void>;
  /** Up to `limit` of those from before then; answers how many. */
  forgetRecords(before: number, limit: number): Promise<number>;
  /** Watchers are told. */
  touch(accountId: AccountId): void;
}

export interface SessionStore {
  readonly reader: SessionReader;
  /** Runs a session operation (names and arguments: #signin/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
  /** Calls back after each commit that ended or renewed a session of the account, in whichever thread or process. */
  watch(listener: (accountId: AccountId) => void): () => void;
}

export interface SessionOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: SessionTransaction, args: never): Promise<unknown>;
}
