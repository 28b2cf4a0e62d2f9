/** An unchanging list of ascending uids: what a session has been told of a mailbox. Position i is sequence number i + 1. */
export class UidList {
  static readonly empty: UidList = new UidList(new Uint32Array(0), 0);

  readonly #uids: Uint32Array;
  readonly length: number;

  /** Shares `uids`; whoever owns it may write behind `length`, never before. */
  constructor(uids: Uint32Array, length: number) {
    this.#uids = uids;
    this.length = length;
  }

  static from(uids: readonly number[] | Uint32Array): UidList {
    return new UidList(Uint32Array.from(uids), uids.length);
  }

  /** The uid at `position`, 0 outside the list. */
  at(position: number): number {
    return position >= 0 && position < this.length ? (this.#uids[position] as number) : 0;
  }

  /** 0 for an empty list. */
  get last(): number {
    return this.at(this.length - 1);
  }

  /** Position of `uid`, or -1. */
  indexOf(uid: number): number {
    const position = this.lowerBound(uid);
    return this.at(position) === uid && uid !== 0 ? position : -1;
  }

  /** Position of the first uid >= `uid`; `length` when there is none. */
  lowerBound(uid: number): number {
    let low = 0;
    let high = this.length;
    // Sequence numbers and uids agree in mailboxes that never lost a message: look there first.
    if (uid > 0 && uid <= high && this.#uids[uid - 1] === uid) return uid - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#uids[middle] as number) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Copies positions [start, end). */
  slice(start: number, end: number): number[] {
    return Array.from(this.#uids.subarray(Math.max(0, start), Math.min(end, this.length)));
  }

  /** This list without `uids` (ascending). */
  without(uids: readonly number[]): UidList {
    const kept = new Uint32Array(this.length);
    let length = 0;
    let next = 0;
    for (let i = 0; i < this.length; i++) {
      const uid = this.#uids[i] as number;
      while (next < uids.length && (uids[next] as number) < uid) next++;
      if (next < uids.length && uids[next] === uid) continue;
      kept[length++] = uid;
    }
    return new UidList(kept, length);
  }

  /** This list with `uids` (ascending, in any places) merged in. */
  with(uids: readonly number[]): UidList {
    if (uids.length === 0) return this;
    const merged = new Uint32Array(this.length + uids.length);
    let length = 0;
    let i = 0;
    let j = 0;
    while (i < this.length || j < uids.length) {
      const a = i < this.length ? (this.#uids[i] as number) : Infinity;
      const b = j < uids.length ? (uids[j] as number) : Infinity;
      merged[length++] = Math.min(a, b);
      if (a <= b) i++;
      if (b <= a) j++;
    }
    return new UidList(merged, length);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.length; i++) yield this.#uids[i] as number;
  }
}
