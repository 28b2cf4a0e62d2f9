/**
 * A mailbox's rows held in columns, one for all sessions of a thread that have it open, brought up to date from the
 * account's change log. Loaded only when somebody needs a row: a SELECT is answered from the counters alone.
 */
import { MailError } from '#base/errors.ts';
import type { AccountId, MailboxId, ModSeq } from '#base/ids.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { MailReader } from './ports/mail-store.ts';
import type { ChangeRecord, EntryColumns } from './types.ts';
import { UidList } from './uid-list.ts';

interface RecentChange {
  readonly modSeq: ModSeq;
  readonly changed: readonly number[];
  readonly expunged: readonly number[];
}

/** What a session that stopped looking at `since` has missed, beside new uids at the list's end. */
export interface MissedChanges {
  /** Ascending; some may have been expunged since. */
  readonly changed: readonly number[];
  readonly expunged: readonly number[];
}

export class MailboxIndex {
  readonly accountId: AccountId;
  readonly mailboxId: MailboxId;
  readonly #reader: MailReader;
  #uids: Uint32Array = new Uint32Array(0);
  #emailIds: Uint32Array = new Uint32Array(0);
  #flags: Uint32Array = new Uint32Array(0);
  #modSeqs: Float64Array = new Float64Array(0);
  #keywords = new Map<number, readonly string[]>();
  #list = UidList.empty;
  #modSeq = 0 as ModSeq;
  /** The rows were read at some moment up to this modSeq; they are those of `#modSeq` once it has come so far. */
  #readUpTo = 0 as ModSeq;
  #isLoaded = false;
  #recent: RecentChange[] = [];
  /** Changes up to and including this modSeq are no longer in `#recent`. */
  #forgottenUpTo = 0 as ModSeq;
  #refreshing: Promise<void> | undefined;

  constructor(reader: MailReader, accountId: AccountId, mailboxId: MailboxId) {
    this.#reader = reader;
    this.accountId = accountId;
    this.mailboxId = mailboxId;
  }

  /** The account's modSeq that the columns reflect. */
  get modSeq(): ModSeq {
    return this.#modSeq;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** The uids now; an unchanging list. */
  get list(): UidList {
    return this.#list;
  }

  emailIdAt(position: number): number {
    return this.#emailIds[position] as number;
  }

  /** Bits of FLAG. */
  flagsAt(position: number): number {
    return this.#flags[position] as number;
  }

  modSeqAt(position: number): number {
    return this.#modSeqs[position] as number;
  }

  keywordsAt(position: number): readonly string[] {
    return this.#keywords.get(this.#uids[position] as number) ?? [];
  }

  /** Brings the columns up to the account's present modSeq. Throws `notFound` once the mailbox is gone. */
  async refresh(): Promise<void> {
    // Sessions that ask together share one look; the one after it is a look of its own, for what came meanwhile.
    const running = this.#refreshing;
    if (running !== undefined) {
      await running.catch(() => undefined);
      if (this.#refreshing !== undefined && this.#refreshing !== running) return this.#refreshing;
    }
    const mine = this.#catchUp();
    this.#refreshing = mine;
    try {
      await mine;
    } finally {
      if (this.#refreshing === mine) this.#refreshing = undefined;
    }
  }

  async #catchUp(): Promise<void> {
    const modSeq = await this.#reader.modSeq(this.accountId);
    if (this.#isLoaded && modSeq === this.#modSeq) return;
    if (!this.#isLoaded) return this.#loadAll(modSeq);
    const records = await this.#reader.changes(this.accountId, this.#modSeq, MAIL_LIMITS.catchUpChanges);
    if (records === undefined || records.length >= MAIL_LIMITS.catchUpChanges) return this.#loadAll(modSeq);
    await this.#apply(records);
  }

  async #loadAll(modSeq: ModSeq): Promise<void> {
    const mailboxes = await this.#reader.mailboxes(this.accountId);
    if (!mailboxes.some((row) => row.mailboxId === this.mailboxId)) throw new MailError('notFound', 'no such mailbox');
    // Rows may be newer than `modSeq` by the time they are read; the log from `modSeq` on is then applied twice over, which changes nothing.
    const columns = await this.#reader.entries(this.accountId, this.mailboxId);
    const readUpTo = await this.#reader.modSeq(this.accountId);
    this.#uids = columns.uids;
    this.#emailIds = columns.emailIds;
    this.#flags = columns.flags;
    this.#modSeqs = columns.modSeqs;
    this.#keywords = new Map(columns.keywords);
    this.#list = new UidList(columns.uids, columns.uids.length);
    this.#modSeq = modSeq;
    this.#readUpTo = readUpTo;
    this.#recent = [];
    this.#forgottenUpTo = modSeq;
    this.#isLoaded = true;
  }

  async #apply(records: readonly ChangeRecord[]): Promise<void> {
    const touched = new Set<number>();
    const expunged = new Set<number>();
    const recent: RecentChange[] = [];
    for (const record of records) {
      if (record.mailboxes.destroyed.includes(this.mailboxId))
        throw new MailError('notFound', 'the mailbox was deleted');
      const entry = record.entries.find(({ mailboxId }) => mailboxId === this.mailboxId);
      if (entry === undefined) continue;
      for (const uid of entry.added) touched.add(uid);
      for (const uid of entry.changed) touched.add(uid);
      for (const uid of entry.expunged) expunged.add(uid);
      recent.push({ modSeq: record.modSeq, changed: entry.changed, expunged: entry.expunged });
    }
    for (const uid of expunged) touched.delete(uid);
    const rows =
      touched.size === 0
        ? undefined
        : await this.#reader.entriesOf(
            this.accountId,
            this.mailboxId,
            [...touched].toSorted((a, b) => a - b),
          );
    // From here on nothing waits: sessions see all of it or none.
    if (expunged.size > 0) this.#remove(expunged);
    if (rows !== undefined) this.#merge(rows);
    const last = records.at(-1);
    if (last !== undefined) this.#modSeq = last.modSeq;
    this.#recent.push(...recent);
    while (this.#recent.length > MAIL_LIMITS.recentChanges) {
      this.#forgottenUpTo = (this.#recent.shift() as RecentChange).modSeq;
    }
  }

  #remove(expunged: ReadonlySet<number>): void {
    const length = this.#list.length;
    const uids = new Uint32Array(length);
    const emailIds = new Uint32Array(length);
    const flags = new Uint32Array(length);
    const modSeqs = new Float64Array(length);
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const uid = this.#uids[i] as number;
      if (expunged.has(uid)) {
        this.#keywords.delete(uid);
        continue;
      }
      uids[kept] = uid;
      emailIds[kept] = this.#emailIds[i] as number;
      flags[kept] = this.#flags[i] as number;
      modSeqs[kept] = this.#modSeqs[i] as number;
      kept++;
    }
    this.#uids = uids;
    this.#emailIds = emailIds;
    this.#flags = flags;
    this.#modSeqs = modSeqs;
    this.#list = new UidList(uids, kept);
  }

  #merge(rows: EntryColumns): void {
    let length = this.#list.length;
    for (let i = 0; i < rows.uids.length; i++) {
      const uid = rows.uids[i] as number;
      let position = this.#list.indexOf(uid);
      if (position < 0) {
        // A row before the end was expunged and its record lies ahead: uids are given in order, never behind.
        if (length > 0 && uid <= (this.#uids[length - 1] as number)) continue;
        if (length === this.#uids.length) this.#grow();
        position = length++;
        this.#uids[position] = uid;
      }
      this.#emailIds[position] = rows.emailIds[i] as number;
      this.#flags[position] = rows.flags[i] as number;
      this.#modSeqs[position] = rows.modSeqs[i] as number;
      const keywords = rows.keywords.get(uid);
      if (keywords === undefined) this.#keywords.delete(uid);
      else this.#keywords.set(uid, keywords);
    }
    if (length !== this.#list.length) this.#list = new UidList(this.#uids, length);
  }

  #grow(): void {
    const capacity = Math.max(64, this.#uids.length * 2);
    this.#uids = extend(this.#uids, new Uint32Array(capacity));
    this.#emailIds = extend(this.#emailIds, new Uint32Array(capacity));
    this.#flags = extend(this.#flags, new Uint32Array(capacity));
    this.#modSeqs = extend(this.#modSeqs, new Float64Array(capacity));
  }

  /**
   * What happened after `since`, leaving out the change `except` (one that the asker made); `undefined` when that is
   * longer ago than the index remembers (compare lists then).
   */
  changesSince(since: ModSeq, except?: ModSeq): MissedChanges | undefined {
    if (since === this.#modSeq) return NOTHING_MISSED;
    if (since < this.#forgottenUpTo) return undefined;
    let first = this.#recent.length;
    while (first > 0 && (this.#recent[first - 1] as RecentChange).modSeq > since) first--;
    const missed = this.#recent.slice(first).filter((recent) => recent.modSeq !== except);
    if (missed.length <= 1) return missed[0] ?? NOTHING_MISSED;
    const changed = new Set<number>();
    const expunged = new Set<number>();
    for (const recent of missed) {
      for (const uid of recent.changed) changed.add(uid);
      for (const uid of recent.expunged) expunged.add(uid);
    }
    const ascending = (a: number, b: number): number => a - b;
    return { changed: [...changed].toSorted(ascending), expunged: [...expunged].toSorted(ascending) };
  }

  /**
   * The uids as they were at `modSeq`, for a session that was told of the mailbox before anybody needed its rows.
   * `undefined` when the log no longer reaches back.
   */
  async listAt(modSeq: ModSeq): Promise<UidList | undefined> {
    if (!this.#isLoaded) await this.refresh();
    if (modSeq === this.#modSeq && this.#readUpTo <= modSeq) return this.#list;
    // Whatever moment `list` is of, the log read after it covers it: taking back all of that leads to `modSeq`.
    const list = this.#list;
    const records = await this.#reader.changes(this.accountId, modSeq, MAIL_LIMITS.catchUpChanges);
    if (records === undefined || records.length >= MAIL_LIMITS.catchUpChanges) return undefined;
    const added = new Set<number>();
    const expunged = new Set<number>();
    for (const record of records) {
      const entry = record.entries.find(({ mailboxId }) => mailboxId === this.mailboxId);
      for (const uid of entry?.added ?? []) added.add(uid);
      for (const uid of entry?.expunged ?? []) if (!added.has(uid)) expunged.add(uid);
    }
    const ascending = (a: number, b: number): number => a - b;
    return list.without([...added].toSorted(ascending)).with([...expunged].toSorted(ascending));
  }
}

const NOTHING_MISSED: MissedChanges = { changed: [], expunged: [] };

function extend<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
