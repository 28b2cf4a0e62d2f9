/** Finds where the answer to TOP ends: after the header section, its blank line and so many lines of the body. */

const CR = 13;
const LF = 10;

export class TopCutter {
  #isInHeader = true;
  #bodyLinesLeft: number;
  /** Octets of the line under way, and the first of them. */
  #lineBytes = 0;
  #firstOctet = LF;

  constructor(bodyLines: number) {
    this.#bodyLinesLeft = bodyLines;
  }

  /** Whether nothing more is wanted. */
  get isDone(): boolean {
    return !this.#isInHeader && this.#bodyLinesLeft <= 0;
  }

  /** The wanted beginning of `chunk`; pieces may be of any size. */
  push(chunk: Buffer): Buffer {
    let at = 0;
    while (at < chunk.length && !this.isDone) {
      const lf = chunk.indexOf(LF, at);
      const end = lf === -1 ? chunk.length : lf;
      if (this.#lineBytes === 0) this.#firstOctet = chunk[at] as number;
      this.#lineBytes += end - at;
      if (lf === -1) return chunk;
      at = lf + 1;
      const isBlank = this.#lineBytes === 0 || (this.#lineBytes === 1 && this.#firstOctet === CR);
      if (!this.#isInHeader) this.#bodyLinesLeft--;
      else if (isBlank) this.#isInHeader = false;
      this.#lineBytes = 0;
    }
    return chunk.subarray(0, at);
  }
}
