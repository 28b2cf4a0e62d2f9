/** Counts who is there by some key, up to a limit each: connections of an address, sessions of an account. */
export class PlaceCounter<Key> {
  readonly #most: number;
  readonly #counts = new Map<Key, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts one in; false when there are as many as may be. */
  enter(key: Key): boolean {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(key, count + 1);
    return true;
  }

  leave(key: Key): void {
    const count = this.#counts.get(key) ?? 0;
    if (count <= 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
  }
}
