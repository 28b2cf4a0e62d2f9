/** Counts the octets of messages held in memory by all sessions of a server, against one limit. */
export class OctetBudget {
  readonly #maxBytes: number;
  #usedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get freeBytes(): number {
    return this.#maxBytes - this.#usedBytes;
  }

  /** Takes `bytes` of the budget, or nothing and returns false. */
  reserve(bytes: number): boolean {
    if (bytes > this.freeBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
