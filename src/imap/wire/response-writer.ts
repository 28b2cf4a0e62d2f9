/**
 * Builds responses as octets, cheaply: digits and short words are written by hand into blocks, large octets are passed
 * on as they are. Knows IMAP's strings (RFC 9051 §4.3), nothing of what responses say, and no socket.
 */

const FIRST_BLOCK_BYTES = 512;
const BLOCK_BYTES = 64 * 1024;
/** Octets from which a Buffer is passed on instead of copied. */
const PASSED_ON_BYTES = 8 * 1024;
/** Characters of a string sent as `"…"`; longer ones go as literals, which no client's line buffer has to hold. */
const QUOTED_CHARS = 1000;

const NOTHING = Buffer.alloc(0);

/** Where a response began, to take it back. */
export interface WriterMark {
  readonly epoch: number;
  readonly chunks: number;
  readonly block: Buffer;
  readonly length: number;
  readonly bytes: number;
}

export class ResponseWriter {
  /** Finished Buffers, in order, before the block. */
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #block: Buffer = NOTHING;
  /** Octets of the block in use. */
  #length = 0;
  #nextBlockBytes = FIRST_BLOCK_BYTES;
  /** Counts the times that what was written has left. */
  #epoch = 0;

  /** Octets that wait to be taken. */
  get bytes(): number {
    return this.#chunkBytes + this.#length;
  }

  /** Everything written, to be sent in order; the writer is empty then. */
  take(): Buffer[] {
    if (this.#length > 0) this.#closeBlock();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#chunkBytes = 0;
    this.#epoch++;
    return chunks;
  }

  /** Lets go of memory that only a large answer needed. */
  settle(): void {
    this.#nextBlockBytes = FIRST_BLOCK_BYTES;
    if (this.#length === 0) this.#block = NOTHING;
  }

  mark(): WriterMark {
    return {
      epoch: this.#epoch,
      chunks: this.#chunks.length,
      block: this.#block,
      length: this.#length,
      bytes: this.bytes,
    };
  }

  /** Takes back what was written since; false when some of it has left already. */
  rollback(mark: WriterMark): boolean {
    if (mark.epoch !== this.#epoch) return false;
    // A block closed since lies among the chunks; what of it came before the mark is still there in `mark.block`.
    this.#chunks.length = mark.chunks;
    this.#block = mark.block;
    this.#length = mark.length;
    this.#chunkBytes = mark.bytes - mark.length;
    return true;
  }

  /** One octet. */
  octet(code: number): void {
    if (this.#length === this.#block.length) this.#room(1);
    this.#block[this.#length++] = code;
  }

  /** Text of ASCII characters only. */
  ascii(text: string): void {
    const { length } = text;
    if (this.#length + length > this.#block.length) this.#room(length);
    if (length > 48) {
      this.#block.write(text, this.#length, length, 'latin1');
      this.#length += length;
      return;
    }
    const block = this.#block;
    let at = this.#length;
    for (let i = 0; i < length; i++) block[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  /** A non-negative safe integer in decimal. */
  number(value: number): void {
    if (value >= 0x7fff_ffff) return this.ascii(String(value));
    if (this.#length + 10 > this.#block.length) this.#room(10);
    let digits = 1;
    for (let bound = 10; bound <= value; bound *= 10) digits++;
    let rest = value | 0;
    const block = this.#block;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const next = (rest / 10) | 0;
      block[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.#length += digits;
  }

  /** Octets as they are; large ones are not copied, so they must not change any more. */
  octets(octets: Buffer): void {
    const { length } = octets;
    if (length >= PASSED_ON_BYTES) {
      if (this.#length > 0) this.#closeBlock();
      this.#chunks.push(octets);
      this.#chunkBytes += length;
      return;
    }
    if (this.#length + length > this.#block.length) this.#room(length);
    octets.copy(this.#block, this.#length);
    this.#length += length;
  }

  /** Any text, as UTF-8. */
  text(text: string): void {
    if (isPlain(text)) this.ascii(text);
    else this.octets(Buffer.from(text));
  }

  /**
   * RFC 9051 §4.3: a string: quoted where that can say it, else a literal. With `utf8` (RFC 6855 §3) also other
   * characters than ASCII go quoted.
   */
  string(text: string, utf8 = false): void {
    if (text.length <= QUOTED_CHARS && (utf8 ? isQuotableUtf8(text) : isPlain(text))) {
      this.octet(0x22);
      this.text(text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, String.raw`\$&`) : text);
      this.octet(0x22);
      return;
    }
    const octets = Buffer.from(text);
    this.literalSize(octets.length);
    this.octets(octets);
  }

  /** `NIL`, or a string. */
  nstring(text: string | undefined, utf8 = false): void {
    if (text === undefined) this.ascii('NIL');
    else this.string(text, utf8);
  }

  /** A literal's beginning; its octets follow. */
  literalSize(sizeBytes: number): void {
    this.octet(0x7b);
    this.number(sizeBytes);
    this.ascii('}\r\n');
  }

  crlf(): void {
    this.octet(0x0d);
    this.octet(0x0a);
  }

  #room(bytes: number): void {
    if (this.#length > 0) this.#closeBlock();
    this.#block = Buffer.allocUnsafe(Math.max(bytes, this.#nextBlockBytes));
    this.#nextBlockBytes = Math.min(BLOCK_BYTES, this.#nextBlockBytes * 4);
    this.#length = 0;
  }

  /** What is written of the block becomes a chunk; the rest of it stays in use. */
  #closeBlock(): void {
    this.#chunks.push(this.#block.subarray(0, this.#length));
    this.#chunkBytes += this.#length;
    this.#block = this.#block.subarray(this.#length);
    this.#length = 0;
  }
}

/** Printable ASCII only: what a quoted string may hold anywhere (quotes and backslashes escaped). */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

function isQuotableUtf8(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return text.isWellFormed();
}
