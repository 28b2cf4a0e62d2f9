/**
 * Splits a header section into fields (RFC 5322 §2.2) and finds where it ends. Values are looked up and unfolded on
 * demand, as binary strings; what a field means is not known here.
 */
import { LIMITS } from './limits.ts';
import { asBuffer, nextLine } from './octets.ts';

/** One field; offsets into the message's octets. */
export interface HeaderField {
  /** As it stands. */
  readonly name: string;
  readonly lowerName: string;
  /** First octet of the name. */
  readonly start: number;
  /** First octet after the colon. */
  readonly valueStart: number;
  /** One past the field's last octet, its line end included. */
  readonly end: number;
}

export class HeaderFields {
  /** In order of appearance. */
  readonly fields: readonly HeaderField[];
  /** First octet of the section. */
  readonly start: number;
  /** First octet of the body: after the empty line, which belongs to the header. */
  readonly bodyStart: number;
  /** The section as a binary string: one conversion, then slices. */
  readonly #text: string;

  /** `text` is the section, or as much of it as is read, as a binary string. */
  constructor(text: string, fields: readonly HeaderField[], start: number, bodyStart: number) {
    this.#text = text;
    this.fields = fields;
    this.start = start;
    this.bodyStart = bodyStart;
  }

  /** The first field of that name (lower case), if any. */
  firstField(lowerName: string): HeaderField | undefined {
    for (const field of this.fields) if (field.lowerName === lowerName) return field;
    return undefined;
  }

  /** Unfolded, trimmed value of the first field of that name (lower case), as a binary string. */
  first(lowerName: string): string | undefined {
    const field = this.firstField(lowerName);
    return field === undefined ? undefined : this.value(field);
  }

  /** Values of all fields of that name (lower case), in order. */
  all(lowerName: string): string[] {
    const values: string[] = [];
    for (const field of this.fields) if (field.lowerName === lowerName) values.push(this.value(field));
    return values;
  }

  /** Unfolded, trimmed value of a field, as a binary string (one character per octet), bounded. */
  value(field: HeaderField): string {
    const end = Math.min(field.end, field.valueStart + LIMITS.fieldBytes);
    const raw = this.#text.slice(field.valueStart - this.start, end - this.start).trim();
    // RFC 5322 §2.2.3: unfolding removes the line end before white space. An LF elsewhere cannot be.
    return raw.includes('\n') ? raw.replace(/\r?\n/g, '') : raw;
  }
}

const LF = 10;
const CR = 13;
const COLON = 58;

/** The header section of a message or part that begins at `start`. */
export function parseHeader(octets: Uint8Array, start = 0): HeaderFields {
  return scanHeader(asBuffer(octets), start);
}

/**
 * As parseHeader; `isDelimiterAt` says whether a line beginning with `--` at an offset is a boundary of an enclosing
 * multipart: the section then ends before it, without an empty line.
 */
export function scanHeader(octets: Buffer, start: number, isDelimiterAt?: (position: number) => boolean): HeaderFields {
  const limit = start + LIMITS.headerBytes;
  /** Of each field: start, end of the name, start of the value, end. */
  const marks: number[] = [];
  let isInField = false;
  let position = start;
  let bodyStart = octets.length;

  while (position < octets.length) {
    const octet = octets[position]!;
    if (octet === LF || (octet === CR && octets[position + 1] === LF)) {
      bodyStart = position + (octet === LF ? 1 : 2);
      break;
    }
    if (octet !== 0x20 && octet !== 0x09) {
      if (isInField) marks.push(position);
      isInField = false;
      if (octet === 0x2d && octets[position + 1] === 0x2d && isDelimiterAt?.(position) === true) {
        bodyStart = position;
        break;
      }
      if (position < limit && marks.length < LIMITS.headerFields * 4) {
        const colon = findColon(octets, position);
        if (colon !== -1) {
          marks.push(position, trimEnd(octets, position, colon), colon + 1);
          isInField = true;
        }
      }
    }
    position = nextLine(octets, position);
  }
  if (isInField) marks.push(position);

  const text = octets.toString('latin1', start, Math.min(position, limit + LIMITS.fieldBytes));
  const fields: HeaderField[] = [];
  for (let i = 0; i < marks.length; i += 4) {
    const fieldStart = marks[i]!;
    const name = text.slice(fieldStart - start, marks[i + 1]! - start);
    fields.push({
      name,
      lowerName: name.toLowerCase(),
      start: fieldStart,
      valueStart: marks[i + 2]!,
      end: marks[i + 3]!,
    });
  }
  return new HeaderFields(text, fields, start, bodyStart);
}

/** The colon that ends a field name: printable ASCII without spaces (RFC 5322 §2.2), blanks before the colon forgiven (§4.5). */
function findColon(octets: Buffer, start: number): number {
  const last = Math.min(octets.length, start + LIMITS.fieldNameBytes);
  let blank = false;
  for (let i = start; i < last; i++) {
    const octet = octets[i]!;
    if (octet === COLON) return i > start ? i : -1;
    if (octet === 0x20 || octet === 0x09) blank = true;
    else if (blank || octet < 0x21 || octet > 0x7e) return -1;
  }
  return -1;
}

function trimEnd(octets: Buffer, start: number, end: number): number {
  let last = end;
  while (last > start && (octets[last - 1] === 0x20 || octets[last - 1] === 0x09)) last--;
  return last;
}
