/**
 * Reads a command's arguments by the terminals of RFC 9051 §9. Every method throws `invalid` with a text for the
 * BAD that follows; nothing here looks beyond the command.
 */
import { isUtf8 } from 'node:buffer';
import { MailError } from '#base/errors.ts';
import type { CommandInput } from './command-assembler.ts';

const SP = 0x20;
const NOTHING = Buffer.alloc(0);

/** What an octet may be part of. */
const ATOM = 1;
const ASTRING = 2;
const LIST = 4;

const CLASS = new Uint8Array(256);
for (let code = 0x21; code < 0x7f; code++) {
  const char = String.fromCharCode(code);
  // RFC 9051 §9: atom-specials = ( ) { SP CTL % * " \ ]
  if (!'(){%*"\\]'.includes(char)) CLASS[code] = ATOM | ASTRING | LIST;
  if (char === ']') CLASS[code] = ASTRING | LIST;
  if (char === '%' || char === '*') CLASS[code] = LIST;
}
// Names sent as bare UTF-8 are not allowed, but what they mean is plain.
for (let code = 0x80; code < 0x100; code++) CLASS[code] = ASTRING | LIST;

export class ArgumentReader {
  readonly #input: CommandInput;
  #line: Buffer;
  #at: number;
  #literals = 0;

  /** `start`: where the arguments begin in the first line. */
  constructor(input: CommandInput, start = 0) {
    this.#input = input;
    this.#line = input.lines[0] ?? NOTHING;
    this.#at = start;
  }

  /** The octet that comes next; -1 at the end of a line. */
  peek(): number {
    return this.#at < this.#line.length ? (this.#line[this.#at] as number) : -1;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#line.length && this.#literals === this.#input.literals.length;
  }

  /** Where the reader stands, for `textSince`. */
  get position(): number {
    return this.#literals * 0x1_0000_0000 + this.#at;
  }

  /** What was read since, in upper case; a text of its own when literals lay between. */
  textSince(position: number): string {
    const start = position - this.#literals * 0x1_0000_0000;
    if (start >= 0) return this.#line.toString('latin1', start, this.#at).toUpperCase();
    return `${this.position}`;
  }

  /** Takes `char` if it comes next. */
  take(char: string): boolean {
    if (this.peek() !== char.charCodeAt(0)) return false;
    this.#at++;
    return true;
  }

  expect(char: string): void {
    if (!this.take(char)) throw this.error(char === ' ' ? 'a space is missing' : `"${char}" is missing`);
  }

  space(): void {
    this.expect(' ');
  }

  /** Nothing may follow but blanks, which some clients send. */
  end(): void {
    while (this.peek() === SP) this.#at++;
    if (!this.isAtEnd) throw this.error('there is more than the command takes');
  }

  /** Leaves the rest unread. */
  skip(): void {
    this.#literals = this.#input.literals.length;
    this.#line = NOTHING;
    this.#at = 0;
  }

  error(what: string): MailError {
    return new MailError('invalid', what);
  }

  #run(kind: number): Buffer {
    const start = this.#at;
    const line = this.#line;
    let at = start;
    while (at < line.length && ((CLASS[line[at] as number] as number) & kind) !== 0) at++;
    this.#at = at;
    return line.subarray(start, at);
  }

  atom(): string {
    const run = this.#run(ATOM);
    if (run.length === 0) throw this.error('a word is missing');
    return run.toString('latin1');
  }

  /** Letters, digits, dots and hyphens, in upper case: a FETCH item's name, which `[` may follow. */
  itemName(): string {
    const start = this.#at;
    while (isNameOctet(this.peek())) this.#at++;
    if (this.#at === start) throw this.error('a data item is missing');
    return this.#line.toString('latin1', start, this.#at).toUpperCase();
  }

  /** An atom in upper case. */
  keyword(): string {
    return this.atom().toUpperCase();
  }

  /** Takes the word `keyword` (upper case) if it comes next and ends there. */
  takeKeyword(keyword: string): boolean {
    const end = this.#at + keyword.length;
    if (this.#line.toString('latin1', this.#at, Math.min(end, this.#line.length)).toUpperCase() !== keyword)
      return false;
    if (end < this.#line.length && ((CLASS[this.#line[end] as number] as number) & ATOM) !== 0) return false;
    this.#at = end;
    return true;
  }

  /** atom, quoted or literal; the octets. */
  astring(): Buffer {
    const string = this.#maybeString();
    if (string !== undefined) return string;
    const run = this.#run(ASTRING);
    if (run.length === 0) throw this.error('an argument is missing');
    return run;
  }

  /** quoted or literal. */
  string(): Buffer {
    const string = this.#maybeString();
    if (string === undefined) throw this.error('a string is missing');
    return string;
  }

  nstring(): Buffer | undefined {
    return this.takeKeyword('NIL') ? undefined : this.string();
  }

  /** As astring, where `%` and `*` may stand bare. */
  listMailbox(): Buffer {
    const string = this.#maybeString();
    if (string !== undefined) return string;
    const run = this.#run(LIST);
    if (run.length === 0) throw this.error('a mailbox pattern is missing');
    return run;
  }

  /** UTF-8 text of an astring. */
  text(): string {
    return this.#decode(this.astring());
  }

  #decode(octets: Buffer): string {
    if (!isUtf8(octets)) throw this.error('text is not UTF-8');
    return octets.toString('utf8');
  }

  #maybeString(): Buffer | undefined {
    const next = this.peek();
    if (next === 0x22) return this.#quoted();
    if (next === 0x7b || (next === 0x7e && this.#line[this.#at + 1] === 0x7b)) {
      const { octets } = this.#literal();
      // RFC 9051 §9: CHAR8 is any octet except NUL.
      if (octets.includes(0)) throw this.error('a literal holds NUL');
      return octets;
    }
    return undefined;
  }

  #quoted(): Buffer {
    const line = this.#line;
    const start = ++this.#at;
    let escapes = 0;
    for (let at = start; at < line.length; at++) {
      const octet = line[at] as number;
      if (octet === 0x22) {
        this.#at = at + 1;
        const raw = line.subarray(start, at);
        return escapes === 0 ? raw : unescape(raw, escapes);
      }
      if (octet === 0x5c) {
        at++;
        escapes++;
        const escaped = line[at];
        // RFC 9051 §9 knows only \" and \\; others are taken for what they say.
        if (escaped === undefined) break;
      } else if (octet === 0 || octet === 0x0d) {
        throw this.error('a quoted string holds NUL or CR');
      }
    }
    throw this.error('a quoted string has no end');
  }

  /** A message: any octets, announced as `{n}` or `~{n}`. */
  message(): Buffer {
    const next = this.peek();
    if (next !== 0x7b && next !== 0x7e) throw this.error('a literal is missing');
    return this.#literal().octets;
  }

  #literal(): { octets: Buffer } {
    const literal = this.#input.literals[this.#literals];
    const match = /^~?\{[0-9]{1,10}\+?\}$/.test(this.#line.toString('latin1', this.#at, this.#at + 32));
    if (literal === undefined || !match) throw this.error('a literal is malformed');
    this.#literals++;
    this.#line = this.#input.lines[this.#literals] ?? NOTHING;
    this.#at = 0;
    return literal;
  }

  /** A number of 32 bits. */
  number(): number {
    const value = this.#digits(10);
    if (value > 0xffff_ffff) throw this.error('a number is too large');
    return value;
  }

  /** A number of 63 bits; those beyond 2^53 are as good as any that large. */
  number64(): number {
    return this.#digits(19);
  }

  #digits(most: number): number {
    const start = this.#at;
    while (this.#at < this.#line.length && isDigit(this.#line[this.#at] as number)) this.#at++;
    const length = this.#at - start;
    if (length === 0) throw this.error('a number is missing');
    if (length > most) throw this.error('a number is too large');
    return Number(this.#line.toString('latin1', start, this.#at));
  }

  /** The raw text of a sequence set: digits and `:,*`, or `$`. */
  sequenceSetText(): string {
    const start = this.#at;
    const line = this.#line;
    while (this.#at < line.length && isSetOctet(line[this.#at] as number)) this.#at++;
    if (this.#at === start) throw this.error('a message set is missing');
    return line.toString('latin1', start, this.#at);
  }

  /** `(item item …)`, possibly empty. */
  list<T>(readItem: () => T): T[] {
    this.expect('(');
    const items: T[] = [];
    if (this.take(')')) return items;
    for (;;) {
      items.push(readItem());
      if (this.take(')')) return items;
      this.space();
    }
  }

  /** The same with at least one item. */
  listOfSome<T>(readItem: () => T): T[] {
    const items = this.list(readItem);
    if (items.length === 0) throw this.error('a list is empty');
    return items;
  }

  /** One flag: `\Seen` or a keyword. */
  flag(): string {
    if (this.take('\\')) return `\\${this.take('*') ? '*' : this.atom()}`;
    return this.atom();
  }
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

function isNameOctet(octet: number): boolean {
  const lower = octet | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || isDigit(octet) || octet === 0x2e || octet === 0x2d;
}

function isSetOctet(octet: number): boolean {
  return isDigit(octet) || octet === 0x3a || octet === 0x2c || octet === 0x2a || octet === 0x24;
}

function unescape(raw: Buffer, escapes: number): Buffer {
  const plain = Buffer.allocUnsafe(raw.length - escapes);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === 0x5c) i++;
    plain[length++] = raw[i] as number;
  }
  return plain;
}
