/**
 * Group commit: takes everything that waits, runs it in one transaction (each request in a savepoint of its own),
 * makes blobs and rows durable once, and answers all. Runs on the one connection that writes; knows nothing of
 * threads.
 *
 * Where several keep asking, a group waits a moment for those it has just answered to ask again: else half of them
 * commit while the other half come, each half paying for its own syncs, page writes and wake-ups.
 *
 * The order that keeps promises: octets are appended and their sync is started; meanwhile the rows are written; the
 * commit waits for the sync; answers follow the commit. So no committed row ever names octets that a power cut loses.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { AccountId, BlobKey, ModSeq } from '#base/ids.ts';
import { MailError, errorText, isMailError } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { RanWith } from '#queue/ports/queue-store.ts';
import type { SegmentAppender } from '#store/files/segment-appender.ts';
import type { BlobLocation } from '#store/files/segments.ts';
import {
  CACHED_ACCOUNTS,
  GATHER_MS,
  GATHER_SHARE,
  GROUP_BYTES,
  GROUP_REQUESTS,
  QUEUE_BYTES,
  QUEUE_REQUESTS,
} from '#store/limits.ts';
import { type Operations, type SectionKey, type SectionName, findOperation } from '#store/operations.ts';
import { findMessages } from '#store/messages-in-args.ts';
import { failure } from '#store/outcomes.ts';
import { AccountState } from '#store/sql/account-state.ts';
import { SqlMailTransaction } from '#store/sql/mail-transaction.ts';
import { findBlob, insertMessageRows } from '#store/sql/message-rows.ts';
import { openSection } from '#store/sql/sections.ts';
import type { SqliteSession } from './database.ts';
import { unpackMessage } from './packed-message.ts';

/** One request, as it waits. */
export interface Work {
  readonly target: 'mail' | SectionName;
  /** 0 but for mail. */
  readonly accountId: AccountId;
  readonly name: string;
  readonly args: unknown;
  /** Changes of mail to be made if it succeeds, whose outcomes are answered together with its value. */
  readonly changes?: readonly OperationRequest[];
  readonly nowMs: number;
  /** Octets of the messages it brings that no earlier request of the same batch brought. */
  readonly sizeBytes: number;
}

/** By section, what its operations touched. */
export type Touched = ReadonlyMap<SectionName, ReadonlySet<SectionKey>>;

export interface GroupResult<W> {
  readonly work: readonly W[];
  /** One for each, in order. */
  readonly outcomes: readonly OperationOutcome[];
  /** The accounts whose mail changed, with their new modSeq. */
  readonly changed: ReadonlyMap<AccountId, ModSeq>;
  /** What changed in the other sections. */
  readonly touched: Touched;
}

export interface GroupCommitOptions<W extends Work> {
  readonly db: DatabaseSync;
  readonly session: SqliteSession;
  readonly appender: SegmentAppender;
  readonly operations: Operations;
  readonly log: Logger;
  readonly onResult: (result: GroupResult<W>) => void;
}

const NOTHING_CHANGED = { changed: new Map<AccountId, ModSeq>(), touched: new Map() as Touched };
const UPDATE_REFERENCES = `UPDATE blob SET refs = refs + ?, unreferenced_at = CASE WHEN refs + ? > 0 THEN NULL ELSE ? END
  WHERE blob_key = ?`;

/** What a blob's row is inserted with, so that the usual message of one recipient needs no second statement. */
const FIRST_REFERENCES = 1;

/** What a group gathers until its commit. */
class Group {
  readonly states = new Map<AccountId, AccountState>();
  readonly references = new Map<BlobKey, number>();
  readonly blobKeys = new Map<string, BlobKey>();
  /** Those of them that are new. */
  readonly inserted = new Set<BlobKey>();
  /** Where blobs lie that the store lacked when the group began. */
  readonly locations: Map<string, BlobLocation>;
  /** Whether each request gets a savepoint. */
  readonly isGuarded: boolean;
  readonly changed = new Map<AccountId, ModSeq>();
  readonly touched = new Map<SectionName, Set<SectionKey>>();
  nowMs = 0;

  constructor(locations: Map<string, BlobLocation>, isGuarded: boolean) {
    this.locations = locations;
    this.isGuarded = isGuarded;
  }
}

/** A request failed after it had written: what it wrote can only be taken back together with its neighbours' work. */
class NeedsSavepoints extends Error {}

export class GroupCommit<W extends Work> {
  readonly #options: GroupCommitOptions<W>;
  readonly #session: SqliteSession;
  #queue: W[] = [];
  #queuedBytes = 0;
  #tasks: (() => Promise<void>)[] = [];
  #onIdle: (() => void)[] = [];
  #running = false;
  /** Set while a group waits for more to come. */
  #gathering: NodeJS.Timeout | undefined;
  /** Requests of the last group, and those that had come by its end. */
  #lately = 0;
  #synchronous: 'FULL' | 'NORMAL' = 'FULL';
  /** Accounts' rows as committed, least recently used first. */
  #states = new Map<AccountId, AccountState>();
  #groups = 0;
  #failure: Error | undefined;

  constructor(options: GroupCommitOptions<W>) {
    this.#options = options;
    this.#session = options.session;
  }

  /** How many groups were committed or failed so far. */
  get groups(): number {
    return this.#groups;
  }

  /** Why the last group could not be written, once; undefined when it was, or when this was asked since. */
  takeFailure(): Error | undefined {
    const failed = this.#failure;
    this.#failure = undefined;
    return failed;
  }

  /** Queues requests; each is answered through `onResult` in some later turn, also when it is refused. */
  submit(work: readonly W[]): void {
    const refused: W[] = [];
    for (const item of work) {
      if (this.#queue.length >= QUEUE_REQUESTS || this.#queuedBytes > QUEUE_BYTES) {
        refused.push(item);
        continue;
      }
      this.#queue.push(item);
      this.#queuedBytes += item.sizeBytes;
    }
    if (refused.length > 0) this.#answerAll(refused, 'Too many changes are waiting');
    this.#start();
  }

  /** Runs `task` between two groups, when no transaction is open. */
  between<T>(task: () => Promise<T> | T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#tasks.push(async () => {
        try {
          resolve(await task());
        } catch (error) {
          reject(toError(error));
        }
      });
      this.#start();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  drain(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #start(): void {
    if (this.#running) {
      if (this.#gathering === undefined || !this.#isGathered()) return;
      clearTimeout(this.#gathering);
      this.#gathering = undefined;
    } else {
      this.#running = true;
      if (!this.#isGathered() && this.#queue.some((item) => this.#isDurable(item))) {
        // Not by a clock: answers are owed, so this has to keep the process alive.
        this.#gathering = setTimeout(() => {
          this.#gathering = undefined;
          void this.#turn();
        }, GATHER_MS);
        return;
      }
    }
    // One turn later, so that what other threads have sent by now is in the same group.
    setImmediate(() => void this.#turn());
  }

  /** Whether about as much waits as lately came in the time of a group. */
  #isGathered(): boolean {
    return this.#tasks.length > 0 || this.#queue.length >= this.#lately * GATHER_SHARE;
  }

  async #turn(): Promise<void> {
    const task = this.#tasks.shift();
    if (task !== undefined) await task();
    if (this.#queue.length > 0) {
      const work = this.#takeGroup();
      await this.#runGroup(work);
      this.#lately = work.length + this.#queue.length;
    }
    this.#running = false;
    if (this.#queue.length > 0 || this.#tasks.length > 0) return this.#start();
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #takeGroup(): W[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#queue.length && count < GROUP_REQUESTS) {
      const size = this.#queue[count]?.sizeBytes ?? 0;
      if (count > 0 && bytes + size > GROUP_BYTES) break;
      bytes += size;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #runGroup(work: readonly W[]): Promise<void> {
    const { db, appender, log, onResult } = this.#options;
    const mark = appender.mark();
    let syncing: Promise<unknown> = Promise.resolve();
    this.#session.failure = undefined;
    try {
      this.#setSynchronous(work.some((item) => this.#isDurable(item)) ? 'FULL' : 'NORMAL');
      this.#session.run('BEGIN IMMEDIATE', []);
      const locations = await this.#appendMessages(work);
      // Errors are met where it is awaited; until then this keeps them from counting as unhandled.
      syncing = appender.sync();
      syncing.catch(() => {});
      const { group, outcomes } = await this.#runAll(work, locations);
      await syncing;
      // What operations stored that was not found in their arguments; as a rule nothing.
      await appender.sync();
      this.#session.run('COMMIT', []);
      this.#keepStates(group);
      this.#groups++;
      this.#failure = undefined;
      onResult({ work, outcomes, changed: group.changed, touched: group.touched });
    } catch (error) {
      await syncing.catch(() => {});
      this.#states.clear();
      try {
        if (db.isTransaction) db.exec('ROLLBACK');
      } catch (rollbackError) {
        log.error({ err: rollbackError }, 'a failed transaction could not be rolled back');
      }
      appender.rewind(mark);
      this.#groups++;
      this.#failure = toError(error);
      log.error({ err: error, requests: work.length }, 'the store cannot write');
      this.#answerAll(work, `The mail store cannot write: ${errorText(error)}`);
    }
  }

  /** Runs the requests and writes what they come to; leaves the transaction open. */
  async #runAll(
    work: readonly W[],
    locations: Map<string, BlobLocation>,
    isGuarded = false,
  ): Promise<{ readonly group: Group; readonly outcomes: readonly OperationOutcome[] }> {
    const group = new Group(locations, isGuarded);
    const outcomes: OperationOutcome[] = [];
    try {
      for (const item of work) outcomes.push(await this.#runWithChanges(item, group));
    } catch (error) {
      if (!(error instanceof NeedsSavepoints)) throw error;
      this.#session.run('ROLLBACK', []);
      this.#session.run('BEGIN IMMEDIATE', []);
      return this.#runAll(work, locations, true);
    }
    for (const state of group.states.values()) await state.flush(this.#session);
    this.#writeReferences(group);
    return { group, outcomes };
  }

  /** Appends the octets of all messages the group brings and the store lacks, in one write. */
  async #appendMessages(work: readonly W[]): Promise<Map<string, BlobLocation>> {
    const fresh = new Map<string, Uint8Array>();
    for (const args of new Set(work.flatMap((item) => [item.args, ...(item.changes ?? []).map((one) => one.args)]))) {
      for (const message of findMessages(args)) {
        unpackMessage(message);
        const { hash, encoded } = message.blob;
        if (fresh.has(hash) || (await findBlob(this.#session, hash)) !== undefined) continue;
        fresh.set(hash, encoded);
      }
    }
    const locations = new Map<string, BlobLocation>();
    if (fresh.size === 0) return locations;
    const appended = await this.#options.appender.append([...fresh.values()]);
    for (const [index, hash] of [...fresh.keys()].entries()) {
      const location = appended[index];
      if (location !== undefined) locations.set(hash, location);
    }
    return locations;
  }

  async #runWithChanges(item: W, group: Group): Promise<OperationOutcome> {
    const outcome = await this.#runOne(item, group);
    const { changes = [] } = item;
    if (changes.length === 0 || !outcome.ok) return outcome;
    const outcomes: OperationOutcome[] = [];
    for (const change of changes) outcomes.push(await this.#runOne({ ...item, ...change, target: 'mail' }, group));
    return { ok: true, value: { value: outcome.value, outcomes } satisfies RanWith };
  }

  /**
   * Runs one request so that it leaves nothing behind when it fails. A savepoint costs a copy of every page the request
   * touches, and hardly any request needs it: one that fails has as a rule written nothing. Where one has, the group is
   * run again with savepoints. Throws for that, and when the whole group is lost.
   */
  async #runOne(item: W, group: Group): Promise<OperationOutcome> {
    const session = this.#session;
    group.nowMs = Math.max(group.nowMs, item.nowMs);
    if (group.isGuarded) session.run('SAVEPOINT operation', []);
    const writesBefore = session.writes;
    try {
      const value =
        item.target === 'mail' ? await this.#runMail(item, group) : await this.#runSection(item, item.target, group);
      if (session.failure !== undefined) throw toError(session.failure);
      if (group.isGuarded) session.run('RELEASE operation', []);
      return { ok: true, value };
    } catch (error) {
      if (session.failure !== undefined) throw toError(session.failure);
      if (group.isGuarded) {
        session.run('ROLLBACK TO operation', []);
        session.run('RELEASE operation', []);
      } else if (session.writes > writesBefore) {
        throw new NeedsSavepoints();
      }
      if (isMailError(error)) return failure(error);
      // A failed append is the disk's fault and hits every neighbour too.
      if (isSystemError(error)) throw error;
      this.#options.log.error(
        { err: error, section: item.target, operation: item.name, accountId: item.accountId },
        'an operation failed',
      );
      return failure(error);
    }
  }

  async #runMail(item: W, group: Group): Promise<unknown> {
    const operation = this.#options.operations.mail[item.name];
    if (operation === undefined) throw new Error(`there is no mail operation ${item.name}`);
    const before = group.states.get(item.accountId) ?? this.#states.get(item.accountId);
    const state = before?.fork() ?? new AccountState(item.accountId);
    const blobKeys = new Map<string, BlobKey>();
    const inserted: BlobKey[] = [];
    const tx = new SqlMailTransaction({
      session: this.#session,
      state,
      nowMs: item.nowMs,
      storeMessage: (message) => this.#storeMessage(message, group, blobKeys, inserted),
    });
    const value = await operation.run(tx, item.args as never);
    if (this.#session.failure !== undefined) return undefined;
    group.states.set(item.accountId, state);
    this.#keepBlobs(group, blobKeys, inserted, tx.references);
    if (tx.loggedModSeq !== undefined) group.changed.set(item.accountId, tx.loggedModSeq);
    return value;
  }

  async #runSection(item: W, section: SectionName, group: Group): Promise<unknown> {
    const operation = findOperation(this.#options.operations, section, item.name);
    const blobKeys = new Map<string, BlobKey>();
    const inserted: BlobKey[] = [];
    const tx = openSection[section]({
      session: this.#session,
      nowMs: item.nowMs,
      storeMessage: (message) => this.#storeMessage(message, group, blobKeys, inserted),
    });
    const value = await operation.run(tx as never, item.args as never);
    if (this.#session.failure !== undefined) return undefined;
    this.#keepBlobs(group, blobKeys, inserted, tx.references);
    for (const key of tx.touched ?? []) {
      const touched = group.touched.get(section);
      if (touched === undefined) group.touched.set(section, new Set([key]));
      else touched.add(key);
    }
    return value;
  }

  #keepBlobs(
    group: Group,
    blobKeys: ReadonlyMap<string, BlobKey>,
    inserted: readonly BlobKey[],
    references: ReadonlyMap<BlobKey, number> = new Map(),
  ): void {
    for (const [hash, blobKey] of blobKeys) group.blobKeys.set(hash, blobKey);
    for (const blobKey of inserted) group.inserted.add(blobKey);
    for (const [blobKey, count] of references)
      group.references.set(blobKey, (group.references.get(blobKey) ?? 0) + count);
  }

  async #storeMessage(
    message: PreparedMessage,
    group: Group,
    own: Map<string, BlobKey>,
    inserted: BlobKey[],
  ): Promise<BlobKey> {
    const { hash, encoded } = message.blob;
    let blobKey = own.get(hash) ?? group.blobKeys.get(hash);
    // What was appended for this group had been looked up.
    if (blobKey === undefined && !group.locations.has(hash)) blobKey = await findBlob(this.#session, hash);
    if (blobKey === undefined) {
      let location = group.locations.get(hash);
      if (location === undefined) {
        [location] = await this.#options.appender.append([encoded]);
        if (location === undefined) throw new Error('nothing was appended');
        group.locations.set(hash, location);
      }
      const json = unpackMessage(message);
      blobKey = await insertMessageRows(this.#session, message, location, FIRST_REFERENCES, json);
      if (blobKey === undefined) throw new Error('the blob exists and does not');
      inserted.push(blobKey);
    }
    own.set(hash, blobKey);
    return blobKey;
  }

  #writeReferences(group: Group): void {
    for (const [blobKey, count] of group.references) {
      const isInserted = group.inserted.has(blobKey);
      if (isInserted && count === FIRST_REFERENCES) continue;
      const change = isInserted ? count - FIRST_REFERENCES : count;
      this.#session.run(UPDATE_REFERENCES, [change, change, group.nowMs, blobKey]);
    }
  }

  #keepStates(group: Group): void {
    for (const [accountId, state] of group.states) {
      this.#states.delete(accountId);
      this.#states.set(accountId, state);
    }
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= CACHED_ACCOUNTS) break;
      this.#states.delete(oldest);
    }
  }

  #isDurable(item: W): boolean {
    return this.#options.operations[item.target][item.name]?.durable !== false;
  }

  #setSynchronous(mode: 'FULL' | 'NORMAL'): void {
    if (mode === this.#synchronous) return;
    this.#options.db.exec(`PRAGMA synchronous = ${mode}`);
    this.#synchronous = mode;
  }

  #answerAll(work: readonly W[], message: string): void {
    const outcome = failure(new MailError('unavailable', message));
    this.#options.onResult({ work, outcomes: work.map(() => outcome), ...NOTHING_CHANGED });
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(errorText(thrown));
}

/** An error of a file operation (ENOSPC, EIO …). */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string';
}
