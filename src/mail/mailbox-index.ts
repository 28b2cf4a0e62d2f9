/**
 * A mailbox's rows held in columns, one for all sessions of a thread that have it open, brought up to date from the
 * account's change log. Loaded only when somebody needs a row: a SELECT is answered from the counters alone. And
 * loaded from the end, in growing steps, because what people look at is new: a page of the last fifty messages costs
 * the same however many lie before them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MailError } from '#base/errors.ts';
import type { AccountId, MailboxId, ModSeq } from '#base/ids.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { MailReader } from './ports/mail-store.ts';
import type { ChangeRecord, EntryChanges, EntryColumns } from './types.ts';
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

/** How much of the mailbox's end is to be at hand: all rows from a uid on, and so many of the last. */
export interface Reach {
  readonly fromUid: number;
  readonly count: number;
}

export const WHOLE: Reach = { fromUid: 0, count: 0 };
/** No more than is loaded anyway. */
export const AT_HAND: Reach = { fromUid: Infinity, count: 0 };

export class MailboxIndex {
  readonly accountId: AccountId;
  readonly mailboxId: MailboxId;
  readonly #reader: MailReader;
  readonly #firstEntries: number;
  #uids: Uint32Array = new Uint32Array(0);
  #emailIds: Uint32Array = new Uint32Array(0);
  #flags: Uint32Array = new Uint32Array(0);
  #modSeqs: Float64Array = new Float64Array(0);
  #keywords = new Map<number, readonly string[]>();
  #list = UidList.empty;
  #modSeq = 0 as ModSeq;
  /** False when a row that was there at `#modSeq` is missing, because it was gone when it came to be read. */
  #isExact = true;
  #isLoaded = false;
  #recent: RecentChange[] = [];
  /** Changes up to and including this modSeq are no longer in `#recent`. */
  #forgottenUpTo = 0 as ModSeq;
  #refreshing: Promise<void> | undefined;

  /** `firstEntries`: rows loaded at least. */
  constructor(reader: MailReader, accountId: AccountId, mailboxId: MailboxId, firstEntries: number) {
    this.#reader = reader;
    this.#firstEntries = firstEntries;
    this.accountId = accountId;
    this.mailboxId = mailboxId;
  }

  /** The account's modSeq that the columns reflect. */
  get modSeq(): ModSeq {
    return this.#modSeq;
  }

  /** Whether any rows are at hand; which, `list.known` tells. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** The uids now; an unchanging list. Rows are asked for by their positions in it, from `known` on. */
  get list(): UidList {
    return this.#list;
  }

  emailIdAt(position: number): number {
    return this.#emailIds[position - this.#list.known] as number;
  }

  /** Bits of FLAG. */
  flagsAt(position: number): number {
    return this.#flags[position - this.#list.known] as number;
  }

  modSeqAt(position: number): number {
    return this.#modSeqs[position - this.#list.known] as number;
  }

  keywordsAt(position: number): readonly string[] {
    return this.#keywords.get(this.#list.at(position)) ?? [];
  }

  /**
   * Brings the columns up to the account's present modSeq, and has at least `reach` of the rows in them. Throws
   * `notFound` once the mailbox is gone.
   */
  async refresh(reach = WHOLE): Promise<void> {
    // Sessions that ask together share one look; the one after it is a look of its own, for what came meanwhile.
    const running = this.#refreshing;
    if (running !== undefined) {
      await running.catch(() => undefined);
      if (this.#refreshing !== undefined && this.#refreshing !== running) {
        await this.#refreshing;
        return this.#covers(reach) ? undefined : this.refresh(reach);
      }
    }
    const mine = this.#catchUp(reach);
    this.#refreshing = mine;
    try {
      await mine;
    } finally {
      if (this.#refreshing === mine) this.#refreshing = undefined;
    }
  }

  #covers({ fromUid, count }: Reach): boolean {
    const { known, length } = this.#list;
    return this.#isLoaded && (known === 0 || (this.#list.fromUid <= fromUid && length - known >= count));
  }

  async #catchUp(reach: Reach): Promise<void> {
    if (!this.#covers(reach)) return this.#load(reach);
    const modSeq = await this.#reader.modSeq(this.accountId);
    if (modSeq === this.#modSeq) return;
    const records = await this.#reader.changes(this.accountId, this.#modSeq, MAIL_LIMITS.catchUpChanges);
    if (records === undefined || records.length >= MAIL_LIMITS.catchUpChanges) return this.#load(AT_HAND);
    await this.#apply(records);
  }

  /** Reads what is loaded and `reach` anew: all of one moment. */
  async #load(reach: Reach): Promise<void> {
    const loaded = this.#list.length - this.#list.known;
    // The steps grow, so that going back message by message does not read the end again each time.
    const count = Math.max(this.#firstEntries, reach.count, this.#covers(reach) ? 0 : loaded * LOAD_GROWTH);
    const isWhole =
      reach.fromUid === 0 || (this.#isLoaded && (this.#list.known === 0 || count * 2 > this.#list.length));
    const fromUid = isWhole ? 0 : Math.min(reach.fromUid, this.#isLoaded ? this.#list.fromUid : Infinity);
    const latest = await this.#reader.latestEntries(this.accountId, this.mailboxId, fromUid, isWhole ? 0 : count);
    if (latest === undefined) throw new MailError('notFound', 'no such mailbox');
    const { columns, modSeq, totalEmails } = latest;
    const missed = this.#isLoaded ? await this.#recordsUpTo(modSeq) : undefined;
    this.#uids = columns.uids;
    this.#emailIds = columns.emailIds;
    this.#flags = columns.flags;
    this.#modSeqs = columns.modSeqs;
    this.#keywords = new Map(columns.keywords);
    const known = totalEmails - columns.uids.length;
    this.#list = new UidList(columns.uids, totalEmails, known, Math.min(fromUid, columns.uids[0] ?? Infinity));
    this.#modSeq = modSeq;
    this.#isExact = true;
    this.#isLoaded = true;
    if (missed === undefined) {
      this.#recent = [];
      this.#forgottenUpTo = modSeq;
    } else {
      this.#remember(missed);
    }
  }

  /** The changes after `#modSeq` up to `modSeq`; `undefined` when they are too many or too long ago. */
  async #recordsUpTo(modSeq: ModSeq): Promise<readonly ChangeRecord[] | undefined> {
    if (modSeq === this.#modSeq) return [];
    const records = await this.#reader.changes(this.accountId, this.#modSeq, MAIL_LIMITS.catchUpChanges);
    if (records === undefined || records.length >= MAIL_LIMITS.catchUpChanges) return undefined;
    return records.filter((record) => record.modSeq <= modSeq);
  }

  async #apply(records: readonly ChangeRecord[]): Promise<void> {
    const { fromUid } = this.#list;
    const touched = new Set<number>();
    const expunged = new Set<number>();
    for (const record of records) {
      if (record.mailboxes.destroyed.includes(this.mailboxId))
        throw new MailError('notFound', 'the mailbox was deleted');
      const entry = this.#entryOf(record);
      if (entry === undefined) continue;
      for (const uid of entry.added) touched.add(uid);
      for (const uid of entry.changed) if (uid >= fromUid) touched.add(uid);
      for (const uid of entry.expunged) expunged.add(uid);
    }
    for (const uid of expunged) touched.delete(uid);
    const uids = [...touched].toSorted((a, b) => a - b);
    const rows: EntryColumns[] = [];
    for (let at = 0; at < uids.length; at += MAIL_LIMITS.entriesAtOnce) {
      if (at > 0) await nextTurn();
      const some = uids.slice(at, at + MAIL_LIMITS.entriesAtOnce);
      rows.push(await this.#reader.entriesOf(this.accountId, this.mailboxId, some));
    }
    // From here on nothing waits: sessions see all of it or none.
    if (expunged.size > 0) this.#remove(expunged);
    for (const some of rows) this.#merge(some);
    const last = records.at(-1);
    if (last !== undefined) this.#modSeq = last.modSeq;
    this.#isExact = rows.reduce((count, some) => count + some.uids.length, 0) === uids.length;
    this.#remember(records);
  }

  #entryOf(record: ChangeRecord): EntryChanges | undefined {
    return record.entries.find(({ mailboxId }) => mailboxId === this.mailboxId);
  }

  #remember(records: readonly ChangeRecord[]): void {
    for (const record of records) {
      const entry = this.#entryOf(record);
      if (entry === undefined) continue;
      this.#recent.push({ modSeq: record.modSeq, changed: entry.changed, expunged: entry.expunged });
    }
    while (this.#recent.length > MAIL_LIMITS.recentChanges) {
      this.#forgottenUpTo = (this.#recent.shift() as RecentChange).modSeq;
    }
  }

  #remove(expunged: ReadonlySet<number>): void {
    const { fromUid, known: unknown } = this.#list;
    const length = this.#list.length - unknown;
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
    // All of them were in the mailbox, so those before the rows at hand were among the rows that are not.
    let known = unknown;
    for (const uid of expunged) if (uid < fromUid) known--;
    this.#list = new UidList(uids, known + kept, known, fromUid);
  }

  #merge(rows: EntryColumns): void {
    const { known, fromUid } = this.#list;
    let length = this.#list.length - known;
    for (let i = 0; i < rows.uids.length; i++) {
      const uid = rows.uids[i] as number;
      let at = this.#list.indexOf(uid) - known;
      if (at < 0) {
        // A row before the end was expunged and its record lies ahead: uids are given in order, never behind.
        if (length > 0 && uid <= (this.#uids[length - 1] as number)) continue;
        if (length === this.#uids.length) this.#grow();
        at = length++;
        this.#uids[at] = uid;
      }
      this.#emailIds[at] = rows.emailIds[i] as number;
      this.#flags[at] = rows.flags[i] as number;
      this.#modSeqs[at] = rows.modSeqs[i] as number;
      const keywords = rows.keywords.get(uid);
      if (keywords === undefined) this.#keywords.delete(uid);
      else this.#keywords.set(uid, keywords);
    }
    if (known + length !== this.#list.length) this.#list = new UidList(this.#uids, known + length, known, fromUid);
  }

  #grow(): void {
    const capacity = Math.max(64, this.#uids.length * 2);
    this.#uids = extend(this.#uids, new Uint32Array(capacity));
    this.#emailIds = extend(this.#emailIds, new Uint32Array(capacity));
    this.#flags = extend(this.#flags, new Uint32Array(capacity));
    this.#modSeqs = extend(this.#modSeqs, new Float64Array(capacity));
  }

  /**
   * What happened after `since`, leaving out the changes `except` (which the asker made); `undefined` when that is
   * longer ago than the index remembers (compare lists then).
   */
  changesSince(since: ModSeq, except: readonly ModSeq[] = []): MissedChanges | undefined {
    if (since === this.#modSeq) return NOTHING_MISSED;
    if (since < this.#forgottenUpTo) return undefined;
    let first = this.#recent.length;
    while (first > 0 && (this.#recent[first - 1] as RecentChange).modSeq > since) first--;
    const missed = this.#recent.slice(first).filter((recent) => !except.includes(recent.modSeq));
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
   * The uids as they were at `modSeq`, as far as they are at hand, for a session that was told of the mailbox before
   * anybody needed its rows. `undefined` when the log no longer reaches back.
   */
  async listAt(modSeq: ModSeq): Promise<UidList | undefined> {
    const list = this.#list;
    const listModSeq = this.#modSeq;
    if (modSeq === listModSeq && this.#isExact) return list;
    // Rows that `list` lacks already are told by the log read after it: taking back all of that leads to `modSeq`.
    // Of the rows not at hand `list` has only the number, which is exactly that of its own modSeq.
    const added = new Set<number>();
    const expunged = new Set<number>();
    for (let since = modSeq, isEnd = false; !isEnd;) {
      const records = await this.#reader.changes(this.accountId, since, MAIL_LIMITS.catchUpChanges);
      if (records === undefined) return undefined;
      for (const record of records) {
        const entry = this.#entryOf(record);
        const counts = (uid: number): boolean => uid >= list.fromUid || record.modSeq <= listModSeq;
        for (const uid of entry?.added ?? []) if (counts(uid)) added.add(uid);
        for (const uid of entry?.expunged ?? []) {
          if (!counts(uid)) continue;
          if (!added.has(uid)) expunged.add(uid);
          else if (uid < list.fromUid) added.delete(uid);
        }
      }
      isEnd = records.length < MAIL_LIMITS.catchUpChanges;
      since = records.at(-1)?.modSeq ?? since;
    }
    const ascending = (a: number, b: number): number => a - b;
    return list.without([...added].toSorted(ascending)).with([...expunged].toSorted(ascending));
  }
}

/** Each step of loading has so many times the rows of the one before. */
const LOAD_GROWTH = 8;

const NOTHING_MISSED: MissedChanges = { changed: [], expunged: [] };

function extend<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
