/**
 * Cuts responses (RFC 9051 §2.2.2) out of a server's octets, fed in pieces of any size: lines, and the literals between
 * them, each held once. What a response means it does not know.
 */
import { LineReader } from '#net/line-reader.ts';
import type { CommandInput } from '#imap/wire/command-assembler.ts';
import type { ImapClientLimits } from './limits.ts';

/** Nothing can be made of what follows. */
export interface Garbage {
  readonly kind: 'garbage';
  readonly message: string;
}

export type WireResponse = ({ readonly kind: 'response' } & CommandInput) | Garbage;

/** Stands for a literal that was larger than a message may be, and was thrown away. */
export const TOO_LARGE: Buffer = Buffer.from('too large');

const NOTHING = Buffer.alloc(0);
const CR = 0x0d;

export class ResponseReader {
  readonly #limits: ImapClientLimits;
  readonly #reader: LineReader<Buffer | undefined>;
  #lines: Buffer[] = [];
  #literals: CommandInput['literals'][number][] = [];
  #lineBytes = 0;
  /** The literal coming in, of which so much is there. */
  #literal: Buffer = NOTHING;
  #literalLength = 0;
  /** Octets still to come of it. */
  #missing = 0;
  /** The response that the last `push` completed. */
  response: WireResponse | undefined;

  constructor(limits: ImapClientLimits) {
    this.#limits = limits;
    this.#reader = new LineReader(limits.lineBytes, limits.lineBytes, (octets, isTooLong) =>
      isTooLong ? undefined : octets.subarray(0, octets.at(-2) === CR ? -2 : -1),
    );
  }

  /** Takes octets from `start`; returns where it stopped. Either `response` is then set, or all was taken. */
  push(chunk: Buffer, start: number): number {
    this.response = undefined;
    let at = start;
    while (at < chunk.length && this.response === undefined) {
      at = this.#missing > 0 ? this.#takeLiteral(chunk, at) : this.#takeLine(chunk, at);
    }
    return at;
  }

  #takeLine(chunk: Buffer, start: number): number {
    const end = this.#reader.push(chunk, start);
    const { line } = this.#reader;
    if (Buffer.isBuffer(line)) this.#lineSeen(line);
    // A line that is not over leaves nothing; one that was too long leaves no octets.
    else if (line !== undefined || (end > start && chunk[end - 1] === 0x0a)) this.#fail('a line is too long');
    return end;
  }

  #lineSeen(octets: Buffer): void {
    // The chunk it is a part of belongs to the socket no longer, but is larger than the line by far.
    const line = Buffer.from(octets);
    this.#lines.push(line);
    this.#lineBytes += line.length;
    if (this.#lineBytes > this.#limits.lineBytes) return this.#fail('a response is too long');
    const sizeBytes = announcedBytes(line);
    if (sizeBytes === undefined) {
      this.response = { kind: 'response', lines: this.#lines, literals: this.#literals };
      return this.#reset();
    }
    if (this.#literals.length >= this.#limits.literals) return this.#fail('a response has too many literals');
    if (sizeBytes > this.#limits.discardedBytes) return this.#fail(`a literal of ${sizeBytes} octets`);
    this.#missing = sizeBytes;
    this.#literalLength = 0;
    // The system gives the pages as octets come: what is announced and never sent costs nothing.
    this.#literal = sizeBytes > this.#limits.messageBytes ? TOO_LARGE : Buffer.allocUnsafeSlow(sizeBytes);
    if (sizeBytes === 0) this.#endLiteral();
  }

  #takeLiteral(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#missing);
    if (this.#literal !== TOO_LARGE) chunk.copy(this.#literal, this.#literalLength, start, end);
    this.#literalLength += end - start;
    this.#missing -= end - start;
    if (this.#missing === 0) this.#endLiteral();
    return end;
  }

  #endLiteral(): void {
    this.#literals.push({ octets: this.#literal, isBinary: false });
    this.#literal = NOTHING;
  }

  #fail(message: string): void {
    this.#reset();
    this.response = { kind: 'garbage', message };
  }

  #reset(): void {
    this.#lines = [];
    this.#literals = [];
    this.#lineBytes = 0;
    this.#literal = NOTHING;
    this.#missing = 0;
  }
}

/** Of `{n}` or `~{n}` at the line's end. */
function announcedBytes(line: Buffer): number | undefined {
  if (line.at(-1) !== 0x7d) return undefined;
  const digits = /~?\{([0-9]{1,15})\}$/.exec(line.toString('latin1', Math.max(0, line.length - 20)))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
