/**
 * Gathers a message's octets. Large pieces are kept as they are until the end; small ones are copied together, so that
 * a peer who sends octet by octet, or a dot on every line, cannot make us hold a Buffer for each.
 */
import type { OctetSink } from './octet-sink.ts';

/** Pieces below this are copied; a Buffer costs some hundred octets beside its content. */
const SMALL_PIECE_BYTES = 4096;
/** Of the blocks they are copied into: each four times as large as the one before, for most messages need a few hundred. */
const FIRST_BLOCK_BYTES = 1024;
const LAST_BLOCK_BYTES = 64 * 1024;

export class OctetCollector implements OctetSink {
  #pieces: Buffer[] = [];
  #block: Buffer | undefined;
  #nextBlockBytes = FIRST_BLOCK_BYTES;
  /** The part of `#block` not yet in `#pieces`: from, to. */
  #blockFrom = 0;
  #blockTo = 0;
  lengthBytes = 0;

  push(octets: Buffer, start: number, end: number): void {
    const lengthBytes = end - start;
    this.lengthBytes += lengthBytes;
    if (lengthBytes >= SMALL_PIECE_BYTES) {
      this.#sealBlock();
      this.#pieces.push(octets.subarray(start, end));
      return;
    }
    if (this.#block === undefined || this.#blockTo + lengthBytes > this.#block.length) {
      this.#sealBlock();
      this.#block = Buffer.allocUnsafe(Math.max(this.#nextBlockBytes, lengthBytes));
      this.#nextBlockBytes = Math.min(LAST_BLOCK_BYTES, 4 * this.#nextBlockBytes);
      this.#blockFrom = this.#blockTo = 0;
    }
    octets.copy(this.#block, this.#blockTo, start, end);
    this.#blockTo += lengthBytes;
  }

  /** The whole in one Buffer of its own memory, and forgets it. */
  take(): Buffer {
    this.#sealBlock();
    const whole = Buffer.concat(this.#pieces, this.lengthBytes);
    this.clear();
    return whole;
  }

  clear(): void {
    this.#pieces = [];
    this.#block = undefined;
    this.#nextBlockBytes = FIRST_BLOCK_BYTES;
    this.#blockFrom = this.#blockTo = 0;
    this.lengthBytes = 0;
  }

  #sealBlock(): void {
    if (this.#block === undefined || this.#blockTo === this.#blockFrom) return;
    this.#pieces.push(this.#block.subarray(this.#blockFrom, this.#blockTo));
    this.#blockFrom = this.#blockTo;
  }
}
