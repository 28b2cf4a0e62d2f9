/** What JMAP needs kept beside mail: rows, not rules. The rules are in operations/. */
import type { AccountId } from '#base/ids.ts';
import type { JmapChange, JmapRows, JmapType, Upload } from '#jmap/types.ts';
import type { PreparedMessage } from '#mail/types.ts';

/** What is summed up of all an account has of one type. */
export interface JmapTally {
  /** Grows by one with each change of a row; uploads have none. */
  readonly state: number;
  readonly count: number;
  /** Of uploads and cards the octets; 0 of others. */
  readonly sizeBytes: number;
}
export type TallyType = JmapType | 'Upload';

export interface RowSelection {
  /** Only these. */
  readonly ids?: readonly number[];
  /** No more than so many, the oldest. */
  readonly limit?: number;
}

/** Committed state (or, inside a transaction, its own view). What is not there is absent from results, never an error. */
export interface JmapReader {
  /** All zero when there never was anything. */
  tally(accountId: AccountId, type: TallyType): Promise<JmapTally>;
  /** By id, ascending. */
  rows<Type extends JmapType>(
    accountId: AccountId,
    type: Type,
    selection?: RowSelection,
  ): Promise<readonly JmapRows[Type][]>;
  /** Those kept with state > since, ascending, at most `limit`. */
  changes(accountId: AccountId, type: JmapType, since: number, limit: number): Promise<readonly JmapChange[]>;
  /** Accounts with a push subscription, ascending. */
  pushAccounts(): Promise<readonly AccountId[]>;
  upload(accountId: AccountId, hash: string): Promise<Upload | undefined>;
  /** Those last used before then, the longest unused first. */
  unusedUploads(accountId: AccountId, usedBefore: number): Promise<readonly Upload[]>;
  /**
   * Octets [start, end) of an upload, clamped; all by default. `notFound` when the account has none of that name;
   * `unavailable` when the blob cannot be read or fails its checksum.
   */
  readUpload(accountId: AccountId, hash: string, start?: number, end?: number): Promise<Buffer>;
}

/** Reads see the change's own writes. */
export interface JmapTransaction extends Omit<JmapReader, 'pushAccounts' | 'readUpload'> {
  readonly nowMs: number;
  /** As `tally`; everything the account has of the type is nobody else's until the transaction ends. */
  lockTally(accountId: AccountId, type: TallyType): Promise<JmapTally>;
  /** The tally must be locked. */
  putTally(accountId: AccountId, type: TallyType, tally: JmapTally): Promise<void>;
  /** In place of one with that id. `dueAt`: when `dueRows` has it; null: never. */
  putRow<Type extends JmapType>(
    accountId: AccountId,
    type: Type,
    row: JmapRows[Type],
    dueAt: number | null,
  ): Promise<void>;
  deleteRow(accountId: AccountId, type: JmapType, id: number): Promise<void>;
  /** Rows of any account whose time has come by then, at most `limit`, the longest due first. */
  dueRows(nowMs: number, limit: number): Promise<readonly RowName[]>;
  insertChange(accountId: AccountId, type: JmapType, change: JmapChange): Promise<void>;
  /** Forgets those with state <= upToState. */
  deleteChanges(accountId: AccountId, type: JmapType, upToState: number): Promise<void>;
  /** By account and type, up to which state changes are from before then; of at most `limit` changes, the oldest. */
  oldChanges(before: number, limit: number): Promise<readonly OldChanges[]>;
  /** Stores its octets unless they are there, and refers to them. The account must not have it. */
  insertUpload(accountId: AccountId, message: PreparedMessage, mediaType: string): Promise<void>;
  /** Writes its media type and when it was used. */
  updateUpload(accountId: AccountId, upload: Upload): Promise<void>;
  /** Gives the reference to its octets back. */
  deleteUpload(accountId: AccountId, hash: string): Promise<void>;
  /** Whose upload it is that has not been used for longest, if that was before then. */
  longestUnusedBy(usedBefore: number): Promise<AccountId | undefined>;
  /** Forgets all of an account. */
  deleteAccount(accountId: AccountId): Promise<void>;
  /** Watchers hear of the account after the commit. */
  touch(accountId: AccountId): void;
}

export interface RowName {
  readonly accountId: AccountId;
  readonly type: JmapType;
  readonly id: number;
}

export interface OldChanges {
  readonly accountId: AccountId;
  readonly type: JmapType;
  readonly upToState: number;
}

export interface JmapStore {
  readonly reader: JmapReader;
  /** Runs a JMAP operation (names and arguments: #jmap/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
  /** Calls back after each commit that changed rows of an account, in whichever thread or process; null: any may have. */
  watch(listener: (accountId: AccountId | null) => void): () => void;
}

export interface JmapOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: JmapTransaction, args: never): Promise<unknown>;
}
