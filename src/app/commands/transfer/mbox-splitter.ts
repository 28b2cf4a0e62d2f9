/**
 * Cuts an mbox (RFC 4155; mboxo, mboxrd) into messages, as octets come in. Holds one message at a time. What a
 * message means, and what its headers say of flags, is not known here.
 */
import { TRANSFER_LIMITS } from './limits.ts';

export interface MboxMessage {
  /** Of its From_ line in the file. */
  readonly start: number;
  /** One past its last octet. */
  readonly end: number;
  /** Without its line end, one character per octet. */
  readonly fromLine: string;
  /** As it stands in the file, without the empty line that ends it; undefined when larger than the limit. */
  readonly raw: Buffer | undefined;
  readonly sizeBytes: number;
}

const LF = 10;
const CR = 13;
const FROM = Buffer.from('\nFrom ');
/** Octets at the end of a chunk that are not given to a message yet: a From_ line may begin there. */
const KEPT_BYTES = 8;
/** Octets before those that tell whether the line before was empty. */
const CONTEXT_BYTES = 2;

/** A From_ line tells when: `From sender Mon Sep 16 10:00:00 2019`. Without, it is a sentence that begins so. */
function isFromLine(line: string): boolean {
  return /\d:\d\d/.test(line) && /\b(?:19|20)\d\d\b/.test(line);
}

export class MboxSplitter {
  readonly #limitBytes: number;
  /** What is not given to a message yet, after CONTEXT_BYTES that are: at first an empty line before the file. */
  #rest: Buffer = Buffer.from('\n\n');
  /** Octets of `#rest` that are given. */
  #given = CONTEXT_BYTES;
  /** Offset in the file of `#rest`. */
  #position: number;
  #start = -1;
  #fromLine = '';
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** What comes first is no From_ line: whatever this is, it is no mbox. */
  isNoMbox = false;

  /** `position`: where in the file the octets begin, which must be at a From_ line or at the file's start. */
  constructor(limitBytes: number, position = 0) {
    this.#limitBytes = limitBytes;
    this.#position = position - this.#rest.length;
  }

  /** The messages that end within `chunk`, which must not change afterwards. */
  push(chunk: Buffer): MboxMessage[] {
    return this.#scan(Buffer.concat([this.#rest, chunk]), false);
  }

  /** The last message. */
  end(): MboxMessage[] {
    const done = this.#scan(this.#rest, true);
    const before = done.length;
    this.#close(this.#position + this.#given, done);
    return done.map((message, i) =>
      i < before || message.raw === undefined ? message : { ...message, raw: trimLastBlankLine(message.raw) },
    );
  }

  #scan(octets: Buffer, isLast: boolean): MboxMessage[] {
    const done: MboxMessage[] = [];
    let taken = this.#given;
    let keepFrom = isLast ? octets.length : octets.length - KEPT_BYTES;
    for (let at = octets.indexOf(FROM); at !== -1; at = octets.indexOf(FROM, at + 1)) {
      const lineStart = at + 1;
      const lineFeed = octets.indexOf(LF, lineStart);
      const length = (lineFeed === -1 ? octets.length : lineFeed) - lineStart;
      if (length > TRANSFER_LIMITS.fromLineBytes) continue;
      const blankBytes = octets[at - 1] === LF ? 1 : octets[at - 1] === CR && octets[at - 2] === LF ? 2 : 0;
      if (blankBytes === 0) continue;
      if (lineFeed === -1 && !isLast) {
        keepFrom = Math.min(keepFrom, at - 2);
        break;
      }
      const line = octets.toString('latin1', lineStart, lineStart + length).trimEnd();
      if (!isFromLine(line)) continue;
      this.#take(octets.subarray(taken, lineStart - blankBytes));
      this.#close(this.#position + lineStart, done);
      this.#start = this.#position + lineStart;
      this.#fromLine = line;
      taken = Math.min(octets.length, lineStart + length + 1);
    }
    keepFrom = Math.max(taken, keepFrom);
    this.#take(octets.subarray(taken, keepFrom));
    const contextFrom = Math.max(0, keepFrom - CONTEXT_BYTES);
    this.#rest = octets.subarray(contextFrom);
    this.#given = keepFrom - contextFrom;
    this.#position += contextFrom;
    return done;
  }

  #take(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#start === -1) {
      // Empty lines before the first message happen.
      this.isNoMbox ||= piece.some((octet) => octet !== LF && octet !== CR);
      return;
    }
    this.#bytes += piece.length;
    if (this.#bytes <= this.#limitBytes + 2) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  #close(end: number, done: MboxMessage[]): void {
    if (this.#start === -1) return;
    const isTooLarge = this.#bytes > this.#limitBytes;
    const raw = isTooLarge ? undefined : Buffer.concat(this.#pieces, this.#bytes);
    done.push({ start: this.#start, end, fromLine: this.#fromLine, raw, sizeBytes: this.#bytes });
    this.#start = -1;
    this.#pieces = [];
    this.#bytes = 0;
  }
}

/** Without the empty line that ends the last message of a file. */
function trimLastBlankLine(raw: Buffer): Buffer {
  const length = raw.length;
  if (raw[length - 1] !== LF) return raw;
  if (length === 1 || raw[length - 2] === LF) return raw.subarray(0, length - 1);
  const isCrLf = raw[length - 2] === CR && (length === 2 || raw[length - 3] === LF);
  return isCrLf ? raw.subarray(0, length - 2) : raw;
}
