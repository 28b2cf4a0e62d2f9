/**
 * Puts commands together from octets as they come, in pieces of any size: lines and the literals announced at their
 * ends (RFC 9051 §4.3, RFC 7888, RFC 6855). Knows a command's tag and name, nothing else of its syntax.
 */

/** A whole command: `lines[0] literals[0] lines[1] …`; there is one line more than literals. Line ends are cut off. */
export interface CommandInput {
  readonly lines: readonly Buffer[];
  readonly literals: readonly Literal[];
}

export interface Literal {
  readonly octets: Buffer;
  /** Sent as `~{n}`: may hold NUL (RFC 3516 §4.1). */
  readonly isBinary: boolean;
}

export type AssemblerEvent =
  | { readonly kind: 'command'; readonly input: CommandInput }
  /** The client waits for `+` before it sends a literal. */
  | { readonly kind: 'continue' }
  /** A command that cannot be had whole; it is over and the next line begins a new one. */
  | { readonly kind: 'refused'; readonly tag: string; readonly refusal: LiteralRefusal | 'lineTooLong' }
  /** Too much to be thrown away: the connection has to be closed. */
  | { readonly kind: 'endless' };

export type LiteralRefusal = 'tooLarge' | 'messageTooLarge' | 'busy';

export interface AssemblerLimits {
  readonly lineBytes: number;
  readonly discardedLineBytes: number;
  readonly discardedLiteralBytes: number;
  /**
   * Whether a literal of `sizeBytes` may follow what came of the command `name` (upper case; `UID` stands alone), of
   * which `heldBytes` of literals are there already.
   */
  judgeLiteral(name: string, sizeBytes: number, heldBytes: number): LiteralRefusal | undefined;
  /** Octets of literals held from now on (negative: no longer). */
  hold(bytes: number): void;
}

const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);
/** The longest literal announcement: `~{4294967295+}` and CRLF. */
const ANNOUNCEMENT_BYTES = 20;
/** A literal's buffer begins no larger than this and grows as octets come: announcing costs the client nothing. */
const FIRST_LITERAL_BYTES = 64 * 1024;

interface Announcement {
  readonly sizeBytes: number;
  readonly isSynchronising: boolean;
  readonly isBinary: boolean;
}

export class CommandAssembler {
  readonly #limits: AssemblerLimits;
  /** What came and was not looked at yet. */
  #unread: Buffer = NOTHING;
  #at = 0;
  /** The beginning of a line whose end has not come; only the first `#heldLength` octets count. */
  #held: Buffer = NOTHING;
  #heldLength = 0;
  #lines: Buffer[] = [];
  #literals: Literal[] = [];
  #lineBytes = 0;
  #literalBytes = 0;
  /** The literal coming in. */
  #announced: Announcement | undefined;
  #literal: Buffer = NOTHING;
  #literalLength = 0;
  /** Why the command coming in is refused once it is over. */
  #refusal: LiteralRefusal | 'lineTooLong' | undefined;
  #refusedTag = '*';
  /** Octets of a refused literal still to come. */
  #skipBytes = 0;
  #discardedBytes = 0;
  #heldByCommand = 0;

  constructor(limits: AssemblerLimits) {
    this.#limits = limits;
  }

  /** Octets taken in and not yet used. */
  get unreadBytes(): number {
    return this.#unread.length - this.#at;
  }

  /** Whether a command has begun that is not complete. */
  get isInside(): boolean {
    return (
      this.#heldLength > 0 || this.#lines.length > 0 || this.#announced !== undefined || this.#refusal !== undefined
    );
  }

  push(chunk: Buffer): void {
    if (this.unreadBytes === 0) this.#unread = chunk;
    else this.#unread = Buffer.concat([this.#unread.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** Forgets everything, also what is held: after STARTTLS nothing said in plaintext counts (CVE-2011-0411). */
  clear(): void {
    this.#reset();
    this.#unread = NOTHING;
    this.#at = 0;
  }

  /** The next event; `undefined` when more octets are needed. */
  next(): AssemblerEvent | undefined {
    for (;;) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, this.unreadBytes);
        this.#at += skipped;
        this.#skipBytes -= skipped;
        if (this.#skipBytes > 0) return this.#starve();
      }
      if (this.#announced !== undefined && !this.#takeLiteral()) return this.#starve();
      const line = this.#takeLine();
      if (line === 'endless') return { kind: 'endless' };
      if (line === undefined) return this.#starve();
      const event = this.#lineSeen(line);
      if (event !== undefined) return event;
    }
  }

  /**
   * The next line by itself, for what follows a command's continuation (AUTHENTICATE, IDLE); `undefined` when more
   * octets are needed, `'tooLong'` past `maxBytes`.
   */
  nextLine(maxBytes: number): Buffer | 'tooLong' | undefined {
    const line = this.#takeLine();
    if (line === undefined) {
      if (this.#heldLength > maxBytes) return 'tooLong';
      this.#starve();
      return undefined;
    }
    this.#lineBytes = 0;
    if (line === 'endless' || line.length > maxBytes || this.#refusal !== undefined) return 'tooLong';
    return line;
  }

  /** Keeps no memory while there is nothing to do. */
  #starve(): undefined {
    if (this.unreadBytes === 0) {
      this.#unread = NOTHING;
      this.#at = 0;
    }
    return undefined;
  }

  /** The next whole line without its end; of an overlong line only what an announcement at its end needs. */
  #takeLine(): Buffer | 'endless' | undefined {
    const lf = this.#unread.indexOf(LF, this.#at);
    const end = lf === -1 ? this.#unread.length : lf;
    const piece = this.#unread.subarray(this.#at, end);
    this.#at = lf === -1 ? end : lf + 1;
    if (this.#refusal === undefined && this.#lineBytes + piece.length > this.#limits.lineBytes) {
      const first = this.#lines[0] ?? Buffer.concat([this.#held.subarray(0, this.#heldLength), piece.subarray(0, 300)]);
      this.#beginRefusal('lineTooLong', first);
    }
    this.#lineBytes += piece.length;
    if (this.#refusal !== undefined) {
      this.#discardedBytes += piece.length;
      if (this.#discardedBytes > this.#limits.discardedLineBytes) return 'endless';
    }
    if (lf === -1) {
      this.#hold(piece);
      return undefined;
    }
    let line = piece;
    if (this.#heldLength > 0) {
      this.#hold(piece);
      line = this.#held.subarray(0, this.#heldLength);
      this.#held = NOTHING;
      this.#heldLength = 0;
    }
    // A bare LF is taken for a line end: there is nothing to smuggle past in IMAP.
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  }

  #hold(piece: Buffer): void {
    if (piece.length === 0) return;
    let kept = piece;
    if (this.#refusal !== undefined) {
      // Only the end of the line matters: it may announce a literal.
      kept = Buffer.concat([this.#held.subarray(0, this.#heldLength), piece]).subarray(-ANNOUNCEMENT_BYTES);
      this.#heldLength = 0;
    }
    const length = this.#heldLength + kept.length;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#held.length * 2));
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    kept.copy(this.#held, this.#heldLength);
    this.#heldLength = length;
  }

  #lineSeen(line: Buffer): AssemblerEvent | undefined {
    const announced = readAnnouncement(line);
    if (this.#refusal !== undefined) {
      // A synchronising literal is not sent to one who is answered BAD instead of `+`.
      if (announced === undefined || announced.isSynchronising) return this.#refuse();
      return this.#skip(announced.sizeBytes);
    }
    this.#lines.push(line);
    if (announced === undefined) return this.#complete();
    const refusal = this.#limits.judgeLiteral(
      commandName(this.#lines[0] as Buffer),
      announced.sizeBytes,
      this.#literalBytes,
    );
    if (refusal !== undefined) {
      this.#beginRefusal(refusal, this.#lines[0] as Buffer);
      if (announced.isSynchronising) return this.#refuse();
      return this.#skip(announced.sizeBytes);
    }
    this.#announced = announced;
    this.#literal = Buffer.allocUnsafe(Math.min(announced.sizeBytes, FIRST_LITERAL_BYTES));
    this.#literalLength = 0;
    this.#literalBytes += announced.sizeBytes;
    this.#limits.hold(announced.sizeBytes);
    return announced.isSynchronising ? { kind: 'continue' } : undefined;
  }

  #skip(bytes: number): AssemblerEvent | undefined {
    this.#skipBytes = bytes;
    this.#discardedBytes = 0;
    return bytes > this.#limits.discardedLiteralBytes ? { kind: 'endless' } : undefined;
  }

  /** Whether the literal coming in is complete. */
  #takeLiteral(): boolean {
    const { sizeBytes, isBinary } = this.#announced as Announcement;
    const taken = Math.min(sizeBytes - this.#literalLength, this.unreadBytes);
    const length = this.#literalLength + taken;
    if (length > this.#literal.length) {
      const grown = Buffer.allocUnsafe(Math.min(sizeBytes, Math.max(length, this.#literal.length * 2)));
      this.#literal.copy(grown, 0, 0, this.#literalLength);
      this.#literal = grown;
    }
    this.#unread.copy(this.#literal, this.#literalLength, this.#at, this.#at + taken);
    this.#at += taken;
    this.#literalLength = length;
    if (length < sizeBytes) return false;
    this.#literals.push({ octets: this.#literal, isBinary });
    this.#literal = NOTHING;
    this.#announced = undefined;
    return true;
  }

  #complete(): AssemblerEvent {
    const input: CommandInput = { lines: this.#lines, literals: this.#literals };
    const held = this.#literalBytes;
    this.#literalBytes = 0;
    this.#reset();
    // The command holds its literals now; whoever runs it says when they are done with (`release`).
    this.#heldByCommand = held;
    return { kind: 'command', input };
  }

  /** The literals of the last command are no longer needed. */
  release(): void {
    if (this.#heldByCommand > 0) this.#limits.hold(-this.#heldByCommand);
    this.#heldByCommand = 0;
  }

  #beginRefusal(refusal: LiteralRefusal | 'lineTooLong', firstLine: Buffer): void {
    this.#refusal = refusal;
    this.#refusedTag = commandTag(firstLine);
  }

  #refuse(): AssemblerEvent {
    const refusal = this.#refusal as LiteralRefusal | 'lineTooLong';
    const tag = this.#refusedTag;
    this.#reset();
    return { kind: 'refused', tag, refusal };
  }

  #reset(): void {
    if (this.#literalBytes > 0) this.#limits.hold(-this.#literalBytes);
    this.#lines = [];
    this.#literals = [];
    this.#held = NOTHING;
    this.#heldLength = 0;
    this.#lineBytes = 0;
    this.#literalBytes = 0;
    this.#announced = undefined;
    this.#literal = NOTHING;
    this.#literalLength = 0;
    this.#refusal = undefined;
    this.#skipBytes = 0;
    this.#discardedBytes = 0;
  }
}

/** `{n}`, `{n+}` or `~{n}` at the line's end. */
function readAnnouncement(line: Buffer): Announcement | undefined {
  if (line.at(-1) !== 0x7d) return undefined;
  const match = /(~?)\{([0-9]{1,10})(\+?)\}$/.exec(
    line.toString('latin1', Math.max(0, line.length - ANNOUNCEMENT_BYTES)),
  );
  if (match === null) return undefined;
  return { sizeBytes: Number(match[2]), isSynchronising: match[3] === '', isBinary: match[1] === '~' };
}

/** The word after the tag, upper case; '' when there is none. */
export function commandName(line: Buffer): string {
  const start = line.indexOf(0x20) + 1;
  if (start === 0) return '';
  const end = line.indexOf(0x20, start);
  return line.toString('latin1', start, Math.min(end === -1 ? line.length : end, start + 32)).toUpperCase();
}

/** The tag, or `*` when what stands there cannot be one (RFC 9051 §2.2.1, §9: no `+`). */
export function commandTag(line: Buffer): string {
  const end = line.indexOf(0x20);
  const tag = line.toString('latin1', 0, Math.min(end === -1 ? line.length : end, 256));
  return tag.length < 256 && /^[!#$&',\-./0-9:;<=>?@A-Z[\]^_`a-z|}~]+$/.test(tag) ? tag : '*';
}
