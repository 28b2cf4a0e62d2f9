/** A map that holds at most so many entries, and so much in all, and forgets the one longest unused. */
export class LruMap<Key, Value> {
  // A Map iterates in order of insertion: the first key is the one longest unused.
  readonly #entries = new Map<Key, Value>();
  readonly #maxEntries: number;
  readonly #maxWeight: number;
  readonly #weigh: (value: Value) => number;
  #weight = 0;

  /** `weigh` must answer the same for the same value always, and `maxWeight` bounds the sum; without them only entries count. */
  constructor(
    maxEntries: number,
    weights: { readonly maxWeight: number; readonly weigh: (value: Value) => number } = {
      maxWeight: Infinity,
      weigh: () => 0,
    },
  ) {
    this.#maxEntries = maxEntries;
    this.#maxWeight = weights.maxWeight;
    this.#weigh = weights.weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Counts as use. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** Those longest unused first; to look at them is no use. */
  values(): Iterable<Value> {
    return this.#entries.values();
  }

  /** A value heavier than all may weigh is forgotten at once. */
  set(key: Key, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    while (this.#entries.size > this.#maxEntries || this.#weight > this.#maxWeight) {
      const [oldest] = this.#entries.keys();
      this.delete(oldest as Key);
    }
  }

  delete(key: Key): void {
    if (!this.#entries.has(key)) return;
    this.#weight -= this.#weigh(this.#entries.get(key) as Value);
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }
}
