/** What a server's responses say (RFC 9051 §7), as far as a reader of mailboxes has to know. Throws `invalid` for what is none. */
import { MailError } from '#base/errors.ts';
import { parseDateTime } from '#imap/date-time.ts';
import { ArgumentReader } from '#imap/wire/argument-reader.ts';
import type { CommandInput } from '#imap/wire/command-assembler.ts';
import { NESTING, SERVER_TEXT_CHARS } from './limits.ts';
import { TOO_LARGE } from './response-reader.ts';

export type Status = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';

export type Response =
  /** `tag` undefined: untagged. `code` as `UIDVALIDITY 3`, upper case, without its brackets. */
  | {
      readonly kind: 'status';
      readonly tag: string | undefined;
      readonly status: Status;
      readonly code: string;
      readonly text: string;
    }
  | { readonly kind: 'continuation'; readonly text: string }
  /** `arguments` begin behind the name and its space. */
  | {
      readonly kind: 'data';
      readonly name: string;
      readonly number: number | undefined;
      readonly arguments: ArgumentReader;
    };

export function readResponse(input: CommandInput): Response {
  const [first = Buffer.alloc(0)] = input.lines;
  const line = first.toString('latin1');
  if (line.startsWith('+')) return { kind: 'continuation', text: line.slice(2) };
  const status = /^(\S{1,20}) (OK|NO|BAD|BYE|PREAUTH)(?: \[([^\]]*)\])?(?: (.*))?$/i.exec(line);
  if (status !== null) {
    const [, tag, word = '', code = '', text = ''] = status;
    return {
      kind: 'status',
      tag: tag === '*' ? undefined : tag,
      status: word.toUpperCase() as Status,
      code: code.toUpperCase(),
      // Latin-1 above, so that no octet is refused; what it says is UTF-8 where it is not ASCII.
      text: Buffer.from(text, 'latin1').toString('utf8').slice(0, SERVER_TEXT_CHARS),
    };
  }
  const data = /^\* (?:(\d{1,10}) )?([A-Za-z-]+) ?/.exec(line);
  if (data === null) throw new MailError('invalid', `no response: ${line.slice(0, 80)}`);
  const [start, number, name = ''] = data;
  return {
    kind: 'data',
    name: name.toUpperCase(),
    number: number === undefined ? undefined : Number(number),
    arguments: new ArgumentReader(input, start.length),
  };
}

/** One message as FETCH tells of it; absent what it did not say. */
export interface FetchedItems {
  readonly uid?: number;
  readonly flags?: readonly string[];
  /** INTERNALDATE, milliseconds since the epoch. */
  readonly receivedAt?: number;
  /** RFC822.SIZE. */
  readonly sizeBytes?: number;
  /** Undefined also for a message that the server says is NIL. */
  readonly octets?: Buffer | 'tooLarge';
}

export function readFetch(reader: ArgumentReader): FetchedItems {
  const items: { -readonly [K in keyof FetchedItems]: FetchedItems[K] } = {};
  reader.expect('(');
  while (!reader.take(')')) {
    const name = reader.itemName();
    if (name === 'BODY') skipTo(reader, ']');
    reader.space();
    if (name === 'UID') items.uid = reader.number();
    else if (name === 'RFC822.SIZE') items.sizeBytes = reader.number64();
    else if (name === 'FLAGS') items.flags = readFlagList(reader);
    else if (name === 'INTERNALDATE') {
      const receivedAt = parseDateTime(reader.string().toString('latin1'));
      if (receivedAt !== undefined) items.receivedAt = receivedAt;
    } else if (name === 'BODY') {
      const octets = readOctets(reader);
      if (octets !== undefined) items.octets = octets === TOO_LARGE ? 'tooLarge' : octets;
    } else skipValue(reader);
    reader.take(' ');
  }
  return items;
}

/** Whatever stands between the parentheses: servers have flags that no grammar allows. */
export function readFlagList(reader: ArgumentReader): readonly string[] {
  reader.expect('(');
  const text = readTo(reader, ')');
  return text === '' ? [] : text.split(' ').filter((flag) => flag !== '');
}

/** A mailbox of LIST, LSUB and XLIST. */
export interface ListedName {
  /** As in `\HasChildren`, lower case. */
  readonly attributes: readonly string[];
  /** Undefined: there is no hierarchy. */
  readonly delimiter: string | undefined;
  /** As the server writes it. */
  readonly name: Buffer;
}

export function readListed(reader: ArgumentReader): ListedName {
  const attributes = readFlagList(reader).map((attribute) => attribute.toLowerCase());
  reader.space();
  const delimiter = reader.nstring()?.toString('latin1');
  reader.space();
  return { attributes, delimiter, name: reader.astring() };
}

/** Prefixes of each kind of RFC 2342 §5. */
export interface Namespaces {
  readonly personal: readonly Buffer[];
  readonly others: readonly Buffer[];
}

export function readNamespaces(reader: ArgumentReader): Namespaces {
  const kinds: Buffer[][] = [];
  for (let i = 0; i < 3; i++) {
    if (i > 0) reader.space();
    const prefixes: Buffer[] = [];
    kinds.push(prefixes);
    if (reader.takeKeyword('NIL')) continue;
    reader.expect('(');
    while (!reader.take(')')) {
      reader.expect('(');
      prefixes.push(reader.string());
      reader.space();
      reader.nstring();
      while (!reader.take(')')) {
        reader.space();
        skipValue(reader);
      }
      reader.take(' ');
    }
  }
  return { personal: kinds[0] ?? [], others: [...(kinds[1] ?? []), ...(kinds[2] ?? [])] };
}

function readOctets(reader: ArgumentReader): Buffer | undefined {
  if (reader.takeKeyword('NIL')) return undefined;
  return reader.peek() === 0x22 ? reader.string() : reader.message();
}

function skipValue(reader: ArgumentReader, depth = 0): void {
  if (depth > NESTING) throw reader.error('parentheses without end');
  const next = reader.peek();
  if (next === 0x22) reader.string();
  else if (next === 0x7b || next === 0x7e) reader.message();
  else if (reader.take('(')) {
    while (!reader.take(')')) {
      skipValue(reader, depth + 1);
      reader.take(' ');
    }
  } else reader.listMailbox();
}

function skipTo(reader: ArgumentReader, end: string): void {
  readTo(reader, end);
}

/** What stands before `end` in this line, which is passed as well. */
function readTo(reader: ArgumentReader, end: string): string {
  let text = '';
  while (!reader.take(end)) {
    const octet = reader.peek();
    if (octet === -1) throw reader.error(`"${end}" is missing`);
    const char = String.fromCharCode(octet);
    reader.take(char);
    text += char;
  }
  return text;
}
