/** Sections of a message (RFC 9051 §6.4.5.1): which octets `1.2.HEADER` means. */
import { SECTION_DEPTH } from '#imap/limits.ts';
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';
import type { FetchedMessage } from '#imap/fetched-message.ts';
import { parseHeader } from '#mime/header.ts';
import type { MimePart } from '#mime/structure.ts';

export type SectionText = '' | 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';

export interface Section {
  /** Part numbers; none for the message itself. */
  readonly numbers: readonly number[];
  readonly text: SectionText;
  /** Of HEADER.FIELDS, lower case. */
  readonly fieldNames: ReadonlySet<string>;
  /** With its brackets, as it is said back to the client. */
  readonly label: string;
}

/** `<offset.count>`. */
export interface Partial {
  readonly offset: number;
  readonly count: number;
}

/** Octets [start, end) of the message, or octets made for the purpose. `undefined`: there is no such part (NIL). */
export type SectionOctets = { readonly start: number; readonly end: number } | Buffer | undefined;

const TEXTS: ReadonlySet<string> = new Set(['HEADER', 'HEADER.FIELDS', 'HEADER.FIELDS.NOT', 'TEXT', 'MIME']);

/** `[…]`. Throws `invalid`. */
export function parseSection(input: ArgumentReader): Section {
  input.expect('[');
  const numbers: number[] = [];
  let text = '';
  let fields: string[] = [];
  if (!input.take(']')) {
    const words = input.itemName().split('.');
    while (words.length > 0 && /^[1-9][0-9]{0,9}$/.test(words[0] as string)) numbers.push(Number(words.shift()));
    text = words.join('.');
    if (text !== '' && !TEXTS.has(text)) throw input.error('there is no such section');
    if (text === 'MIME' && numbers.length === 0) throw input.error('MIME needs a part number');
    if (numbers.length > SECTION_DEPTH) throw input.error('a section is too deep');
    if (text.startsWith('HEADER.FIELDS')) {
      input.space();
      fields = input.list(() => input.astring().toString('latin1'));
      if (fields.length === 0) throw input.error('a header field name is missing');
    }
    input.expect(']');
  }
  const path = [...numbers, ...(text === '' ? [] : [text])].join('.');
  const names = fields.length === 0 ? '' : ` (${fields.map(formatFieldName).join(' ')})`;
  return {
    numbers,
    text: text as SectionText,
    fieldNames: new Set(fields.map((name) => name.toLowerCase())),
    label: `[${path}${names}]`,
  };
}

/** An atom where it can be one; what no field is called is said back as a quoted string. */
function formatFieldName(name: string): string {
  if (/^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/.test(name)) return name;
  return `"${name.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, String.raw`\$&`)}"`;
}

/** `<offset.count>` or `<offset>` if it follows. */
export function parsePartial(input: ArgumentReader): Partial | undefined {
  if (!input.take('<')) return undefined;
  const offset = input.number64();
  // Some clients leave out the count and mean the rest.
  const count = input.take('.') ? input.number64() : Number.MAX_SAFE_INTEGER;
  if (count === 0) throw input.error('a partial fetch of nothing');
  input.expect('>');
  return { offset, count };
}

/** Where the section is. Throws as reading does. */
export async function locateSection(message: FetchedMessage, section: Section): Promise<SectionOctets> {
  const { numbers, text } = section;
  let header: { readonly start: number; readonly end: number };
  let end: number;
  if (numbers.length === 0) {
    // Of the message itself nothing but the end of its header has to be known.
    if (text === '') return { start: 0, end: message.row.sizeBytes };
    header = { start: 0, end: await message.headerEnd() };
    end = message.row.sizeBytes;
  } else {
    const part = findPart(await message.structure(), numbers);
    if (part === undefined) return undefined;
    if (text === '') return { start: part.bodyStart, end: part.bodyEnd };
    if (text === 'MIME') return { start: part.headerStart, end: part.bodyStart };
    // RFC 9051 §6.4.5.1: the others only of an enclosed message.
    const enclosed = enclosedMessage(part);
    if (enclosed === undefined) return undefined;
    header = { start: enclosed.headerStart, end: enclosed.bodyStart };
    end = enclosed.bodyEnd;
  }
  switch (text) {
    case 'HEADER':
      return header;
    case 'TEXT':
      return { start: header.end, end };
    default:
      return selectFields(await message.read(header.start, header.end), section);
  }
}

const CRLF = Buffer.from('\r\n');

function selectFields(header: Buffer, { text, fieldNames }: Section): Buffer {
  const headers = parseHeader(header);
  const isWanted = text === 'HEADER.FIELDS';
  const chosen = headers.fields.filter((field) => fieldNames.has(field.lowerName) === isWanted);
  const pieces = chosen.flatMap((field) => {
    const octets = header.subarray(field.start, field.end);
    return octets.at(-1) === 10 ? [octets] : [octets, CRLF];
  });
  return Buffer.concat([...pieces, CRLF]);
}

/** RFC 9051 §6.4.5.1: a message that is not multipart has one part, number 1: its body. */
export function findPart(root: MimePart, numbers: readonly number[]): MimePart | undefined {
  let part = childOfMessage(root, numbers[0] ?? 0);
  for (let i = 1; i < numbers.length && part !== undefined; i++) {
    const number = numbers[i] as number;
    const enclosed = enclosedMessage(part);
    if (enclosed !== undefined) part = childOfMessage(enclosed, number);
    else part = part.type === 'multipart' ? part.parts?.[number - 1] : undefined;
  }
  return part;
}

function childOfMessage(message: MimePart, number: number): MimePart | undefined {
  if (message.type === 'multipart') return message.parts?.[number - 1];
  return number === 1 ? message : undefined;
}

function enclosedMessage(part: MimePart): MimePart | undefined {
  return part.type === 'message' ? part.parts?.[0] : undefined;
}
