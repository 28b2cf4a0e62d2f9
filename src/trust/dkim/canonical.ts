/**
 * Canonicalisation (RFC 6376 §3.4) of header fields and bodies, for signing and verifying, DKIM and ARC alike. One pass
 * over a body, in little memory. Octets are taken as they stand: only CRLF ends a line.
 */
import { createHash, type Hash } from 'node:crypto';
import type { HeaderField, HeaderFields } from '#mime/header.ts';

export type Canonicalisation = 'relaxed' | 'simple';

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const CRLF = Buffer.from('\r\n');
/** Octets of the lines that are looked at together. */
const CHUNK_OCTETS = 64 * 1024;

export interface BodyHash {
  /** SHA-256 of the canonical body, or of its first octets, in base64. */
  readonly hash: string;
  /** Octets of the canonical body. */
  readonly octets: number;
}

/** Hashes the body that begins at `start`: at most `limit` of its canonical octets (l=). */
export function hashBody(message: Buffer, start: number, how: Canonicalisation, limit = Infinity): BodyHash {
  const sink = new LimitedHash(limit);
  if (how === 'simple') feedSimple(message, start, sink);
  else feedRelaxed(message, start, sink);
  return { hash: sink.hash.digest('base64'), octets: sink.octets };
}

class LimitedHash {
  readonly hash: Hash = createHash('sha256');
  readonly #limit: number;
  octets = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  update(chunk: Buffer): void {
    const room = this.#limit - this.octets;
    this.octets += chunk.length;
    if (room > 0) this.hash.update(chunk.length <= room ? chunk : chunk.subarray(0, room));
  }
}

/** RFC 6376 §3.4.3: the body as it is, with exactly one CRLF at its end. */
function feedSimple(message: Buffer, start: number, sink: LimitedHash): void {
  let end = message.length;
  while (end - start >= 2 && message[end - 2] === CR && message[end - 1] === LF) end -= 2;
  sink.update(message.subarray(start, end));
  sink.update(CRLF);
}

/**
 * RFC 6376 §3.4.4: runs of blanks become one, none at the end of a line, no empty lines at the end; an empty body stays
 * empty. Whole lines at a time: most of a large message is base64, which is hashed as it stands.
 */
function feedRelaxed(message: Buffer, start: number, sink: LimitedHash): void {
  const end = endOfText(message, start);
  if (end === start) return;
  for (let at = start; at < end;) {
    const lineFeed = at + CHUNK_OCTETS < end ? message.indexOf(LF, at + CHUNK_OCTETS) : -1;
    const next = lineFeed === -1 || lineFeed >= end ? end : lineFeed + 1;
    const lines = message.subarray(at, next);
    const isRelaxed = !lines.includes(TAB) && !lines.includes('  ') && !lines.includes(' \r\n');
    sink.update(isRelaxed ? lines : relax(lines));
    at = next;
  }
  sink.update(CRLF);
}

/** One past the last octet that is neither a blank nor part of a line end. */
function endOfText(message: Buffer, start: number): number {
  let end = message.length;
  for (;;) {
    while (end > start && isBlank(message[end - 1]!)) end--;
    if (end - start < 2 || message[end - 2] !== CR || message[end - 1] !== LF) return end;
    end -= 2;
  }
}

function relax(lines: Buffer): Buffer {
  const out = Buffer.allocUnsafe(lines.length);
  let used = 0;
  let hasBlank = false;
  for (let i = 0; i < lines.length; i++) {
    const octet = lines[i]!;
    if (isBlank(octet)) {
      hasBlank = true;
      continue;
    }
    if (hasBlank && !(octet === CR && lines[i + 1] === LF)) out[used++] = SPACE;
    hasBlank = false;
    out[used++] = octet;
  }
  return out.subarray(0, used);
}

/** A field as it is hashed, with its CRLF. `raw` is a binary string, its line end included or not. */
export function canonicaliseField(raw: string, how: Canonicalisation): string {
  const field = raw.endsWith('\r\n') ? raw.slice(0, -2) : raw;
  if (how === 'simple') return `${field}\r\n`;
  const colon = field.indexOf(':');
  const name = trimBlanks(field.slice(0, colon)).toLowerCase();
  // RFC 6376 §3.4.2: unfolded, runs of blanks made one, none around the value.
  const value = trimBlanks(field.slice(colon + 1).replace(/\r\n|[ \t]+/g, (run) => (run === '\r\n' ? '' : ' ')));
  return `${name}:${value.replace(/ {2,}/g, ' ')}\r\n`;
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The signature's own field as it is hashed: its b= empty, no CRLF at the end (RFC 6376 §3.7). */
export function canonicaliseOwnField(raw: string, how: Canonicalisation): string {
  const valueStart = raw.indexOf(':') + 1;
  const tags = (raw.endsWith('\r\n') ? raw.slice(valueStart, -2) : raw.slice(valueStart)).split(';');
  const emptied = tags.map((tag) => /^[ \t\r\n]*b[ \t\r\n]*=/.exec(tag)?.[0] ?? tag);
  return canonicaliseField(raw.slice(0, valueStart) + emptied.join(';'), how).slice(0, -2);
}

/** The fields of a message by name, for the choice that h= makes. */
export class SignedFields {
  readonly #octets: Buffer;
  readonly #byName: ReadonlyMap<string, readonly HeaderField[]>;

  constructor(octets: Buffer, headers: HeaderFields) {
    this.#octets = octets;
    this.#byName = Map.groupBy(headers.fields, ({ lowerName }) => lowerName);
  }

  named(lowerName: string): readonly HeaderField[] {
    return this.#byName.get(lowerName) ?? [];
  }

  /** A field's octets as a binary string, its line end included. */
  raw(field: HeaderField): string {
    return this.#octets.toString('latin1', field.start, field.end);
  }

  /** What h= names, canonical, in its order: from the bottom up where a name comes again (RFC 6376 §5.4.2), nothing where none is left. */
  *select(names: readonly string[], how: Canonicalisation): Generator<string> {
    const taken = new Map<string, number>();
    for (const name of names) {
      const fields = this.named(name);
      const count = taken.get(name) ?? 0;
      const field = fields[fields.length - 1 - count];
      if (field === undefined) continue;
      taken.set(name, count + 1);
      yield canonicaliseField(this.raw(field), how);
    }
  }
}
