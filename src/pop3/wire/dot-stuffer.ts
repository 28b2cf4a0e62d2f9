/**
 * Makes stored octets the body of a multi-line response (RFC 1939 §3), fed in pieces of any size: CRLF line ends, a
 * dot more before a leading dot, CRLF before the last line's dot. It knows nothing of messages.
 */

const CR = 13;
const LF = 10;
const DOT = 46;

export class DotStuffer {
  #isLineStart = true;
  #isAfterCr = false;

  /** What to send for `chunk`: the same memory when nothing has to be added, as in nearly every message. */
  push(chunk: Buffer): Buffer {
    if (chunk.length === 0) return chunk;
    const added = this.#countAdded(chunk);
    const stuffed = added === 0 ? chunk : this.#copy(chunk, added);
    this.#isLineStart = chunk.at(-1) === LF;
    this.#isAfterCr = chunk.at(-1) === CR;
    return stuffed;
  }

  /** What ends the response. */
  end(): string {
    if (this.#isLineStart) return '.\r\n';
    return this.#isAfterCr ? '\n.\r\n' : '\r\n.\r\n';
  }

  #countAdded(chunk: Buffer): number {
    let added = this.#isLineStart && chunk[0] === DOT ? 1 : 0;
    for (let lf = chunk.indexOf(LF); lf !== -1; lf = chunk.indexOf(LF, lf + 1)) {
      if (!this.#isCrBefore(chunk, lf)) added++;
      if (chunk[lf + 1] === DOT) added++;
    }
    return added;
  }

  #copy(chunk: Buffer, added: number): Buffer {
    const target = Buffer.allocUnsafe(chunk.length + added);
    let to = 0;
    let from = 0;
    if (this.#isLineStart && chunk[0] === DOT) target[to++] = DOT;
    for (let lf = chunk.indexOf(LF); lf !== -1; lf = chunk.indexOf(LF, lf + 1)) {
      to += chunk.copy(target, to, from, lf);
      if (!this.#isCrBefore(chunk, lf)) target[to++] = CR;
      target[to++] = LF;
      if (chunk[lf + 1] === DOT) target[to++] = DOT;
      from = lf + 1;
    }
    chunk.copy(target, to, from);
    return target;
  }

  #isCrBefore(chunk: Buffer, lf: number): boolean {
    return lf === 0 ? this.#isAfterCr : chunk[lf - 1] === CR;
  }
}
