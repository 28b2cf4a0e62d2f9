/**
 * Canonicalisation (RFC 6376 §3.4) of header fields and bodies, for signing and verifying, DKIM and ARC alike. One pass
 * over a body, in little memory, others getting their turn in between. Octets are taken as they stand: only CRLF ends a
 * line.
 */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HeaderField, HeaderFields } from '#mime/header.ts';

export type Canonicalisation = 'relaxed' | 'simple';

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const CRLF = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);
/** Octets of a body that are looked at together. */
const CHUNK_OCTETS = 64 * 1024;
/** Chunks after which others get their turn: a megabyte takes one to eight milliseconds. */
const CHUNKS_A_TURN = 16;

export interface BodyHash {
  /** SHA-256 of the canonical body, or of its first octets, in base64. */
  readonly hash: string;
  /** Octets of the canonical body. */
  readonly octets: number;
}

/**
 * Hashes the body that begins at `start`: at most `limit` of its canonical octets (l=). `message` must not change
 * meanwhile.
 */
export async function hashBody(
  message: Buffer,
  start: number,
  how: Canonicalisation,
  limit = Infinity,
): Promise<BodyHash> {
  const hash = createHash('sha256');
  let octets = 0;
  let chunks = 0;
  for (const chunk of canonicalBody(message, start, how)) {
    const room = limit - octets;
    octets += chunk.length;
    if (room > 0) hash.update(chunk.length <= room ? chunk : chunk.subarray(0, room));
    if (++chunks % CHUNKS_A_TURN === 0) await nextTurn();
  }
  return { hash: hash.digest('base64'), octets };
}

/**
 * RFC 6376 §3.4.3: the body as it is, with exactly one CRLF at its end. §3.4.4, relaxed: runs of blanks become one, none
 * at the end of a line, and an empty body stays empty. Most of a large message is base64, which is hashed as it stands.
 */
function* canonicalBody(message: Buffer, start: number, how: Canonicalisation): Generator<Buffer> {
  const end = yield* endOfText(message, start, how);
  if (end === start && how === 'relaxed') return;
  let followsBlank = false;
  for (let at = start; at < end; at += CHUNK_OCTETS) {
    const next = Math.min(at + CHUNK_OCTETS, end);
    const chunk = message.subarray(at, next);
    if (how === 'simple' || (!followsBlank && isRelaxed(chunk))) {
      yield chunk;
      continue;
    }
    yield relax(message, at, next, followsBlank);
    followsBlank = isBlank(message[next - 1]!);
  }
  yield CRLF;
}

/** One past the last octet that counts: no empty lines, and relaxed no blanks. Yields nothing, for the sake of others' turns. */
function* endOfText(message: Buffer, start: number, how: Canonicalisation): Generator<Buffer, number> {
  for (let end = message.length; ;) {
    if (how === 'relaxed' && end > start && isBlank(message[end - 1]!)) end -= 1;
    else if (end - start >= 2 && message[end - 2] === CR && message[end - 1] === LF) end -= 2;
    else return end;
    if (end % CHUNK_OCTETS < 2) yield NOTHING;
  }
}

/** Whether a chunk is canonical whatever comes after it. */
function isRelaxed(chunk: Buffer): boolean {
  const last = chunk[chunk.length - 1]!;
  return last !== SPACE && last !== CR && !chunk.includes(TAB) && !chunk.includes('  ') && !chunk.includes(' \r\n');
}

/** The octets from `from` to `to`; `followsBlank`: blanks before them have not been written yet. */
function relax(message: Buffer, from: number, to: number, followsBlank: boolean): Buffer {
  const out = Buffer.allocUnsafe(to - from + 1);
  let used = 0;
  let hasBlank = followsBlank;
  for (let i = from; i < to; i++) {
    const octet = message[i]!;
    if (isBlank(octet)) {
      hasBlank = true;
      continue;
    }
    if (hasBlank && !(octet === CR && message[i + 1] === LF)) out[used++] = SPACE;
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
  const value = field
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ');
  return `${name}:${trimBlanks(value)}\r\n`;
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
  /** Several signatures mostly choose the same. */
  readonly #canonical = { relaxed: new Map<HeaderField, string>(), simple: new Map<HeaderField, string>() };

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
      let text = this.#canonical[how].get(field);
      if (text === undefined) this.#canonical[how].set(field, (text = canonicaliseField(this.raw(field), how)));
      yield text;
    }
  }
}
