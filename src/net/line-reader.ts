/**
 * Cuts lines out of octets as they come, fed in pieces of any size, and throws overlong ones away. What a line end is
 * and which octets a line may hold, its judge decides.
 */

/** Nothing can be made of what follows. */
export interface EndlessLine {
  readonly kind: 'endless';
}

/**
 * Judges one line, its LF and all that stands before it. Of an overlong one only the last octets are left: enough to
 * tell CRLF from LF.
 */
export type LineJudge<Line> = (octets: Buffer, isTooLong: boolean) => Line;

const LF = 10;
const NOTHING = Buffer.alloc(0);

export class LineReader<Line> {
  readonly #maxLineBytes: number;
  readonly #maxDiscardedBytes: number;
  readonly #judge: LineJudge<Line>;
  /** The beginning of a line whose end has not come; of an overlong line its last octet. */
  #held: Buffer = NOTHING;
  /** Octets of an overlong line thrown away; 0 while it may still be a good one. */
  #discardedBytes = 0;
  /** The line that the last `push` completed. */
  line: Line | EndlessLine | undefined;

  /** Limits in octets: of a line with its line end, and of a longer line read on to its end. */
  constructor(maxLineBytes: number, maxDiscardedBytes: number, judge: LineJudge<Line>) {
    this.#maxLineBytes = maxLineBytes;
    this.#maxDiscardedBytes = maxDiscardedBytes;
    this.#judge = judge;
  }

  /**
   * Takes octets from `start`; returns where it stopped. Either `line` is then set and the rest belongs to what
   * follows, or all was taken.
   */
  push(chunk: Buffer, start: number): number {
    this.line = undefined;
    const lf = chunk.indexOf(LF, start);
    const end = lf === -1 ? chunk.length : lf + 1;
    const lengthBytes = this.#discardedBytes + this.#held.length + end - start;
    const isTooLong = lengthBytes > this.#maxLineBytes;
    const begin = isTooLong ? Math.max(start, end - 2) : start;
    if (lengthBytes > this.#maxDiscardedBytes && isTooLong) {
      this.clear();
      this.line = { kind: 'endless' };
    } else if (lf !== -1) {
      const octets = chunk.subarray(begin, end);
      this.line = this.#judge(this.#held.length === 0 ? octets : Buffer.concat([this.#held, octets]), isTooLong);
      this.#held = NOTHING;
      this.#discardedBytes = 0;
    } else if (isTooLong) {
      this.#held = Buffer.from(chunk.subarray(end - 1));
      this.#discardedBytes = lengthBytes - 1;
    } else {
      this.#held = Buffer.concat([this.#held, chunk.subarray(start)]);
    }
    return end;
  }

  /** Forgets a line begun. */
  clear(): void {
    this.#held = NOTHING;
    this.#discardedBytes = 0;
    this.line = undefined;
  }
}
