/**
 * What one session has been told of the mailbox it selected (RFC 9051 §2.3.1.2): which uid has which sequence number,
 * how many there are, and up to which modSeq it heard of changes. What it may be told next is the difference to the
 * shared index. Knows no wire format.
 */
import { MailError } from '#base/errors.ts';
import type { MailAccount, MailboxListing } from '#mail/account.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { AT_HAND, WHOLE, type MailboxIndex } from '#mail/mailbox-index.ts';
import { FLAG, type MailboxId, type ModSeq } from '#mail/types.ts';
import { RECENT } from './flags.ts';
import { ALL_RIGHTS } from './places.ts';
import type { UidList } from '#mail/uid-list.ts';
import {
  lowestOf,
  positionsOf,
  resolveSequence,
  resolveUids,
  type Positions,
  type SequenceSet,
} from './sequence-set.ts';

/** Differences in the order they are told. */
export interface Updates {
  /** Sequence numbers, each as it is when its turn comes: from the highest down. */
  readonly expunged: readonly number[];
  /** How many messages there are now, if there are new ones. */
  readonly exists: number | undefined;
  /** How many are \Recent, if that has changed or comes with EXISTS; never when the session does not want to know. */
  readonly recent: number | undefined;
  /** Positions, ascending, of messages whose flags changed or are to be told anyway. */
  readonly changed: readonly number[];
}

export interface AdvanceOptions {
  readonly mayExpunge: boolean;
  /** Changes of this session's own that need no telling. */
  readonly exceptModSeqs?: readonly ModSeq[];
  /** Uids, ascending, whose flags are to be told whether or not they changed. */
  readonly also?: readonly number[];
}

type ClaimedUids = Awaited<ReturnType<MailAccount['claimRecent']>>;

const NONE: readonly number[] = [];
const NOTHING: Updates = { expunged: NONE, exists: undefined, recent: undefined, changed: NONE };

export interface OpenOptions {
  /** All, when absent. */
  readonly rights?: string;
  readonly isReadOnly: boolean;
  /** Whether the session is told which messages are \Recent (RFC 3501 §2.3.2; gone from IMAP4rev2). */
  readonly tellsRecent: boolean;
}

export class SelectedMailbox {
  readonly mailboxId: MailboxId;
  readonly isReadOnly: boolean;
  readonly index: MailboxIndex;
  /** Whose it is. */
  readonly account: MailAccount;
  /** What may be done with it, letters of RFC 4314 §2.1: `isReadOnly` aside. */
  rights: string;
  readonly #release: () => void;
  /** Absent while nobody needed to know which uids there are: the count is enough for SELECT and for new mail. */
  #told: UidList | undefined;
  #count: number;
  #modSeq: ModSeq;
  /** Uids in `#told` that are gone, untold: their sequence numbers stay in use until it may be said. */
  #gone: readonly number[] = NONE;
  #tellsRecent: boolean;
  /** What is \Recent here: uids [from, to), pair after pair, ascending. */
  readonly #recent: number[] = [];
  /** How many of the messages told are. */
  #recentCount = 0;
  /** Keywords announced in FLAGS; made when the first is. */
  announcedKeywords: Set<string> | undefined;
  /** RFC 9051 §6.4.4.1: the uids that `$` stands for. */
  savedSearch: readonly number[] = NONE;

  private constructor(account: MailAccount, row: MailboxListing, modSeq: ModSeq, options: OpenOptions) {
    const held = account.openIndex(row.mailboxId);
    this.account = account;
    this.rights = options.rights ?? ALL_RIGHTS;
    this.mailboxId = row.mailboxId;
    this.index = held.index;
    this.#release = () => held.release();
    this.isReadOnly = options.isReadOnly;
    this.#tellsRecent = options.tellsRecent;
    this.#count = row.totalEmails;
    this.#modSeq = modSeq;
  }

  /**
   * Opens the mailbox that `find` looks up, at its present state; undefined when there is none. Costs the same
   * whatever its size, unless another session has loaded it already.
   */
  static async open(
    account: MailAccount,
    find: () => Promise<MailboxListing | undefined>,
    options: OpenOptions,
  ): Promise<{ readonly mailbox: SelectedMailbox; readonly row: MailboxListing } | undefined> {
    // The row is of this moment or later, and its entries have not changed since its own modSeq.
    const before = await account.modSeq();
    const row = await find();
    if (row === undefined) return undefined;
    const mailbox = new SelectedMailbox(account, row, Math.max(before, row.modSeq) as ModSeq, options);
    try {
      if (mailbox.index.isLoaded) {
        await mailbox.index.refresh(AT_HAND);
        mailbox.#told = mailbox.index.list;
        mailbox.#count = mailbox.#told.length;
        mailbox.#modSeq = mailbox.index.modSeq;
      }
      if (options.tellsRecent) await mailbox.#beginRecent(row);
    } catch (error) {
      mailbox.close();
      throw error;
    }
    return { mailbox, row };
  }

  close(): void {
    this.#release();
  }

  /** How many messages the session was told of. */
  get count(): number {
    return this.#count;
  }

  /** Sequence number of the first message without \Seen, when it is known without reading; else 0. */
  firstUnseen({ totalEmails, unreadEmails }: MailboxListing): number {
    if (this.#told === undefined || this.#told.known > 0)
      return unreadEmails > 0 && unreadEmails === totalEmails ? 1 : 0;
    for (let i = 0; unreadEmails > 0 && i < this.#told.length; i++) {
      if ((this.index.flagsAt(i) & FLAG.SEEN) === 0) return i + 1;
    }
    return 0;
  }

  /** How many of those are \Recent. */
  get recentCount(): number {
    return this.#recentCount;
  }

  /** RECENT for a message that is \Recent in this session, else 0: a bit to add to its flags. */
  recentBit(uid: number): number {
    const recent = this.#recent;
    let low = 0;
    let high = recent.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (uid < (recent[2 * middle + 1] as number)) high = middle;
      else low = middle + 1;
    }
    return uid >= (recent[2 * low] ?? Infinity) ? RECENT : 0;
  }

  /** From now on nothing is \Recent: the session has become one of IMAP4rev2. */
  forgetRecent(): void {
    this.#tellsRecent = false;
    this.#recent.length = 0;
    this.#recentCount = 0;
  }

  /** What nobody was told of becomes \Recent here; as long as it is only looked at, for others as well. */
  async #beginRecent(row: MailboxListing): Promise<void> {
    const below = this.uidNextAtLeast(row.uidNext);
    if (row.recentEmails === 0 && below === row.uidNext) return;
    const { from, to } = this.isReadOnly ? await this.#unclaimed(below) : await this.#claim(below);
    if (to <= from) return;
    this.#recent.push(from, to);
    const isAsCounted = this.#told === undefined && from === row.recentFrom;
    if (isAsCounted) this.#recentCount = row.recentEmails;
    else for (const uid of await this.list()) if (this.recentBit(uid) !== 0) this.#recentCount++;
  }

  async #unclaimed(below: number): Promise<ClaimedUids> {
    return { from: (await this.account.mailboxNow(this.mailboxId))?.recentFrom ?? below, to: below };
  }

  async #claim(below: number): Promise<ClaimedUids> {
    try {
      return await this.account.claimRecent({ mailboxId: this.mailboxId, below });
    } catch (error) {
      // A store that cannot write, a mailbox just deleted: no reason to keep mail from anybody.
      if (error instanceof MailError) return { from: below, to: below };
      throw error;
    }
  }

  /** UIDNEXT for a mailbox row read before the list was. */
  uidNextAtLeast(uidNext: number): number {
    return this.#told === undefined ? uidNext : Math.max(uidNext, this.#told.end);
  }

  /** Changes up to here the session was told of. */
  get modSeq(): ModSeq {
    return this.#modSeq;
  }

  /** The uids the session was told of, by sequence number, as far as `list` or `resolve` has asked for them. */
  get told(): UidList {
    if (this.#told === undefined) throw new Error('nobody has asked for the list');
    return this.#told;
  }

  /**
   * The uids the session was told of, by sequence number, at least from `position` on. Throws `stateMismatch` when
   * that can no longer be found out: the session has to end then, for every number it would speak of could be another
   * message's.
   */
  async list(position = 0): Promise<UidList> {
    // How many messages came since and lie behind those that are needed is not known before: more and more, then.
    for (let count = this.#count - position; ; count *= 2) {
      if (this.#told !== undefined && this.#told.known <= position) return this.#told;
      // First the present, so that the way back to what was told begins there.
      await this.index.refresh(position === 0 ? WHOLE : { fromUid: Infinity, count });
      await this.#listAgain();
    }
  }

  /** The same from the message of `uid` on, or the one that would follow it; the last one at least. */
  async #listFrom(uid: number): Promise<UidList> {
    const told = await this.list(Math.max(0, this.#count - 1));
    if (uid >= told.fromUid) return told;
    await this.index.refresh({ fromUid: uid, count: 0 });
    return this.#listAgain();
  }

  /** What was told, as far as the index now reaches. */
  async #listAgain(): Promise<UidList> {
    const told = (await this.index.listAt(this.#modSeq))?.with(this.#gone);
    if (told === undefined || told.length !== this.#count) {
      throw new MailError('stateMismatch', 'too much has changed since the mailbox was selected');
    }
    this.#told = told;
    return told;
  }

  /** Positions in `told` for a set; `undefined` when a sequence number in it does not exist (BAD). */
  async resolve(set: SequenceSet, byUid: boolean): Promise<Positions | undefined> {
    if (set === 'saved') return positionsOf(this.savedSearch, await this.#listFrom(this.savedSearch[0] ?? Infinity));
    if (byUid) return resolveUids(set, await this.#listFrom(lowestOf(set)));
    const positions = resolveSequence(set, this.#count);
    if (positions !== undefined) await this.list(positions[0]);
    return positions;
  }

  /**
   * Brings what was told up to the present and returns what to say; the caller says all of it. Throws `notFound` once
   * the mailbox is gone, and as `list`; nothing is then taken as told.
   */
  async advance(options: AdvanceOptions): Promise<Updates> {
    if (this.#told === undefined && !this.index.isLoaded && options.also === undefined) {
      const updates = await this.#advanceByCount();
      if (updates !== undefined) return updates;
    }
    await this.list(Math.max(0, this.#count - 1));
    await this.index.refresh(AT_HAND);
    for (;;) {
      const before = this.told;
      const result = this.#compare(before, options);
      if (typeof result === 'number') {
        // Something is to be told of a message whose number is not known yet.
        await this.#listFrom(result);
        continue;
      }
      if (result.exists === undefined) return result;
      const { list } = this.index;
      return this.#withRecent(result, list.slice(list.lowerBound(before.end), list.length));
    }
  }

  /** Claims the new messages about to be told, `uids`. */
  async #withRecent(updates: Updates, uids: readonly number[]): Promise<Updates> {
    const first = uids[0];
    const last = uids.at(-1);
    if (!this.#tellsRecent || first === undefined || last === undefined) return updates;
    if (!this.isReadOnly) {
      const claimed = await this.#claim(last + 1);
      // What was told already as not \Recent does not become it.
      const from = Math.max(claimed.from, first);
      if (from < claimed.to) {
        this.#recent.push(from, claimed.to);
        for (const uid of uids) if (this.recentBit(uid) !== 0) this.#recentCount++;
      }
    }
    return { ...updates, recent: this.#recentCount };
  }

  /** New mail alone is known from the change log: no rows are needed. `undefined` when that is not enough. */
  async #advanceByCount(): Promise<Updates | undefined> {
    const since = this.#modSeq;
    if ((await this.account.modSeq()) === since) return NOTHING;
    const records = await this.account.changes(since, MAIL_LIMITS.catchUpChanges);
    if (records === undefined || records.length >= MAIL_LIMITS.catchUpChanges) return undefined;
    const added: number[] = [];
    for (const record of records) {
      if (record.mailboxes.destroyed.includes(this.mailboxId))
        throw new MailError('notFound', 'the mailbox was deleted');
      const entry = record.entries.find(({ mailboxId }) => mailboxId === this.mailboxId);
      if (entry === undefined) continue;
      if (entry.changed.length > 0 || entry.expunged.length > 0) return undefined;
      added.push(...entry.added);
    }
    const last = records.at(-1);
    // Another turn of this session may have loaded the list while the log was read.
    if (last === undefined || this.#told !== undefined || this.#modSeq !== since) return undefined;
    this.#modSeq = last.modSeq;
    this.#count += added.length;
    return added.length === 0 ? NOTHING : this.#withRecent({ ...NOTHING, exists: this.#count }, added);
  }

  /** What is to be told; or the uid from which on the lists have to be known for that. */
  #compare(told: UidList, { mayExpunge, exceptModSeqs, also = NONE }: AdvanceOptions): Updates | number {
    const { index } = this;
    const { list } = index;
    const missed = index.changesSince(this.#modSeq, exceptModSeqs);
    if (missed === undefined && told.known > 0) return 0;
    const firstNew = list.lowerBound(told.end);
    let gone = this.#gone;
    if (list !== told) {
      if (missed === undefined) gone = differenceOf(told, list);
      else if (missed.expunged.length > 0)
        gone = union(
          gone,
          missed.expunged.filter((uid) => uid < told.fromUid || told.indexOf(uid) >= 0),
        );
      // Whatever the log says, the lists decide: a sequence number must never be wrong.
      if (told.length - gone.length !== firstNew) {
        if (told.known > 0) return 0;
        gone = differenceOf(told, list);
      }
      if (told.length - gone.length !== firstNew)
        throw new MailError('stateMismatch', 'the mailbox has changed in a way that cannot be told');
    }
    const changed = this.#changedUids(told, firstNew, missed?.changed, also);
    const lowest = Math.min(changed[0] ?? Infinity, (mayExpunge ? gone[0] : undefined) ?? Infinity);
    if (lowest < told.fromUid) return lowest;

    let next = list;
    let expunged: readonly number[] = NONE;
    let hasRecentGone = false;
    if (gone.length === 0 || mayExpunge) {
      if (gone.length > 0) expunged = gone.map((uid) => told.indexOf(uid) + 1).toReversed();
      for (const uid of gone) {
        if (this.recentBit(uid) === 0) continue;
        this.#recentCount--;
        hasRecentGone = true;
      }
      this.#gone = NONE;
    } else {
      next = firstNew === list.length ? told : told.with(list.slice(firstNew, list.length));
      this.#gone = gone;
    }
    const positions: number[] = [];
    for (const uid of changed) {
      const at = next.indexOf(uid);
      if (at >= 0 && (next === list || list.indexOf(uid) >= 0)) positions.push(at);
    }
    this.#told = next;
    this.#count = next.length;
    this.#modSeq = index.modSeq;
    return {
      expunged,
      exists: firstNew < list.length ? next.length : undefined,
      recent: hasRecentGone ? this.#recentCount : undefined,
      changed: positions,
    };
  }

  /** Uids the session knows already whose flags are to be told, ascending. */
  #changedUids(
    told: UidList,
    firstNew: number,
    changed: readonly number[] | undefined,
    also: readonly number[],
  ): readonly number[] {
    const { end } = told;
    if (changed !== undefined) return union(also, changed).filter((uid) => uid < end);
    const uids: number[] = [];
    for (let i = 0; i < firstNew; i++) {
      if (this.index.modSeqAt(i) > this.#modSeq) uids.push(this.index.list.at(i));
    }
    return union(also, uids);
  }
}

/** Uids of `a` that are not in `b`, ascending. */
function differenceOf(a: UidList, b: UidList): number[] {
  const missing: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i++) {
    const uid = a.at(i);
    while (j < b.length && b.at(j) < uid) j++;
    if (b.at(j) !== uid) missing.push(uid);
  }
  return missing;
}

/** Both ascending lists as one, without doubles. */
function union(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const joined: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i] ?? Infinity;
    const y = b[j] ?? Infinity;
    joined.push(Math.min(x, y));
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return joined;
}
