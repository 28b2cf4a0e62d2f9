/** What counting guesses for several servers needs of a storage backend: rows, not rules. The rules are in operations.ts. */

/** Failures at one subject. */
export interface CountRow {
  readonly subject: string;
  /** The known range that has this count of its own; empty: everybody else's. */
  readonly range: string;
  readonly failures: number;
  /** Admitted and not settled. */
  readonly claims: number;
  /** Then they are given up: whoever held them died. */
  readonly claimedUntil: number;
  readonly windowEndsAt: number;
  readonly lockedUntil: number;
  /** Fingerprints of what was guessed. */
  readonly guesses: readonly string[];
}

/** How often something happened, until the count ends. */
export interface TallyRow {
  readonly key: string;
  readonly tally: number;
  readonly endsAt: number;
  /** The different ones among them, as far as they are told apart. */
  readonly members: readonly string[];
}

/** A range that a subject signed in from. */
export interface KnownRow {
  readonly range: string;
  readonly seenAt: number;
}

export interface GuessReader {
  /** One look for a sign-in in which nothing is wrong: undefined when the subject is a stranger there. */
  known(subject: string, range: string): Promise<{ readonly seenAt: number; readonly isCounted: boolean } | undefined>;
  /** Also one whose time is over. */
  tally(key: string): Promise<TallyRow | undefined>;
}

/** Counts and tallies that ended by `now`, and ranges last seen before `seenBefore`. */
export interface Forgotten {
  readonly now: number;
  readonly seenBefore: number;
  readonly limit: number;
}

export interface GuessTransaction extends GuessReader {
  readonly nowMs: number;
  count(subject: string, range: string): Promise<CountRow | undefined>;
  /** The same, nobody else's until this transaction ends; made when there is none. */
  lockCount(subject: string, range: string): Promise<CountRow>;
  putCount(row: CountRow): Promise<void>;
  deleteCount(subject: string, range: string): Promise<void>;
  /** Of all ranges. */
  deleteCounts(subject: string): Promise<void>;
  /** As lockCount. */
  lockTally(key: string): Promise<TallyRow>;
  putTally(row: TallyRow): Promise<void>;
  deleteTally(key: string): Promise<void>;
  /** The latest first. */
  knownRanges(subject: string): Promise<readonly KnownRow[]>;
  putKnown(subject: string, row: KnownRow): Promise<void>;
  deleteKnown(subject: string, range: string): Promise<void>;
  /** Up to `limit` of each kind; answers the most of one. */
  forget(over: Forgotten): Promise<number>;
}

export interface GuessStore {
  readonly reader: GuessReader;
  /** Runs an operation (names and arguments: #guesses/operations.ts) atomically. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface GuessOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: GuessTransaction, args: never): Promise<unknown>;
}
