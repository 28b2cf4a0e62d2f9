/**
 * An unchanging list of ascending uids: what a session has been told of a mailbox. Position i is sequence number i + 1.
 *
 * Its beginning may be unknown but for its length: numbers count from the end as well, and a page of new mail should
 * not cost reading half a million rows. Whoever asks about the unknown part has forgotten to load it, which throws.
 */
export class UidList {
  static readonly empty: UidList = new UidList(new Uint32Array(0), 0);

  readonly #uids: Uint32Array;
  readonly length: number;
  /** The first position whose uid is known; 0 when all are, `length` when none is. */
  readonly known: number;
  /** Uids from here on are known; those at positions before `known` are all smaller. */
  readonly fromUid: number;

  /**
   * `uids` are those at positions `known` to `length`. Shares `uids`; whoever owns it may write behind what that
   * takes, never before.
   */
  constructor(uids: Uint32Array, length: number, known = 0, fromUid = 0) {
    this.#uids = uids;
    this.length = length;
    this.known = known;
    this.fromUid = known === 0 ? 0 : fromUid;
  }

  static from(uids: readonly number[] | Uint32Array): UidList {
    return new UidList(Uint32Array.from(uids), uids.length);
  }

  /** The uid at `position`, 0 outside the list. */
  at(position: number): number {
    if (position < this.known && position >= 0) throw new Error(`the uid at position ${position} is not known`);
    return position >= 0 && position < this.length ? (this.#uids[position - this.known] as number) : 0;
  }

  /** 0 for an empty list. */
  get last(): number {
    return this.at(this.length - 1);
  }

  /** Greater than every uid of the list, and than none that comes to the mailbox later. */
  get end(): number {
    return this.known === this.length ? this.fromUid : this.last + 1;
  }

  /** Position of `uid`, or -1. */
  indexOf(uid: number): number {
    const position = this.lowerBound(uid);
    return position < this.length && this.at(position) === uid ? position : -1;
  }

  /** Position of the first uid >= `uid`; `length` when there is none. */
  lowerBound(uid: number): number {
    const { known } = this;
    if (uid < this.fromUid) throw new Error(`the position of uid ${uid} is not known`);
    // Sequence numbers and uids agree in mailboxes that never lost a message: look there first.
    if (uid > known && uid <= this.length && this.#uids[uid - 1 - known] === uid) return uid - 1;
    let low = known;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#uids[middle - known] as number) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Copies positions [start, end). */
  slice(start: number, end: number): number[] {
    if (start < this.known && start < end) throw new Error(`the uid at position ${start} is not known`);
    return Array.from(this.#uids.subarray(start - this.known, Math.max(0, Math.min(end, this.length) - this.known)));
  }

  /** This list without `uids` (ascending). Those before `fromUid` must be of the list. */
  without(uids: readonly number[]): UidList {
    const kept = new Uint32Array(this.length - this.known);
    let length = 0;
    let next = this.#countUnknown(uids);
    const known = this.known - next;
    for (let i = this.known; i < this.length; i++) {
      const uid = this.#uids[i - this.known] as number;
      while (next < uids.length && (uids[next] as number) < uid) next++;
      if (next < uids.length && uids[next] === uid) continue;
      kept[length++] = uid;
    }
    return new UidList(kept, known + length, known, this.fromUid);
  }

  /** This list with `uids` (ascending, in any places) merged in. Those before `fromUid` must not be of the list. */
  with(uids: readonly number[]): UidList {
    if (uids.length === 0) return this;
    const merged = new Uint32Array(this.length - this.known + uids.length);
    let length = 0;
    let i = this.known;
    let j = this.#countUnknown(uids);
    const known = this.known + j;
    while (i < this.length || j < uids.length) {
      const a = i < this.length ? (this.#uids[i - this.known] as number) : Infinity;
      const b = j < uids.length ? (uids[j] as number) : Infinity;
      merged[length++] = Math.min(a, b);
      if (a <= b) i++;
      if (b <= a) j++;
    }
    return new UidList(merged, known + length, known, this.fromUid);
  }

  /** How many of `uids` (ascending) are before `fromUid`. */
  #countUnknown(uids: readonly number[]): number {
    let count = 0;
    while (count < uids.length && (uids[count] as number) < this.fromUid) count++;
    return count;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}
