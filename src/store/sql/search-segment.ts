/**
 * Which of some texts have which tokens, and where, as octets in blocks. Storage format.
 *
 * A block is found by its first token. In it tokens ascend octet by octet; each is: how many octets it shares with the
 * one before and how many others follow (in one octet if both are small), those, how many octets its list has, and the
 * list: for each text its distance from the one before (the first one's from the segment's base) and then each place's
 * distance from the one before, doubled, with 1 added if another follows. Numbers are LEB128. So a common token costs two
 * or three octets a text, a rare one some eight.
 */

/**
 * A text and a place in it, as one number: so a list of them is numbers that ascend, and what follows something at some
 * distance is that much more.
 */
export type Occurrence = number;

/**
 * Places of a text: more than the tokens of the longest one (a million characters; one becomes eighteen when it is folded)
 * and of a query together. With 2^28 texts, safe integers.
 */
const PLACES = 2 ** 25;

export function makeOccurrence(text: number, place: number): Occurrence {
  return text * PLACES + place;
}

/** Which text it is in. */
export function textOf(occurrence: Occurrence): number {
  return Math.floor(occurrence / PLACES);
}

/** A token and where it is, ascending. */
export interface Posting {
  /** Octets, a character each (`latin1`): so tokens are compared as they are stored. */
  readonly token: string;
  readonly occurrences: readonly Occurrence[];
}

/** Posting lists of a segment as they are stored. */
export interface StoredSegment {
  /** Not above the first text. */
  readonly base: number;
  /** In order. */
  readonly blocks: readonly Uint8Array[];
}

export interface Block {
  readonly firstToken: string;
  readonly data: Buffer;
}

/** Octets of a block, unless one list has more. Four of their rows fill a page of either database. */
const BLOCK_BYTES = 1_940;
/** Both lengths in one octet, each below this; the octet 0xff says that they follow as numbers. */
const SHORT = 15;

/** `postings`: by token, ascending; those that are nowhere are left out. `base`: not above the first text. */
export function encodePostings(postings: Iterable<Posting>, base: number): Block[] {
  const blocks: Block[] = [];
  let firstToken = '';
  let lastToken = '';
  let octets: number[] = [];
  const close = (): void => {
    if (octets.length > 0) blocks.push({ firstToken, data: Buffer.from(octets) });
    octets = [];
  };
  for (const { token, occurrences } of postings) {
    if (occurrences.length === 0) continue;
    const list = encodeList(occurrences, base);
    if (octets.length + token.length + list.length > BLOCK_BYTES) close();
    if (octets.length === 0) {
      firstToken = token;
      lastToken = '';
    }
    let shared = 0;
    while (shared < lastToken.length && lastToken.charCodeAt(shared) === token.charCodeAt(shared)) shared++;
    const more = token.length - shared;
    if (shared < SHORT && more < SHORT) octets.push(shared * 16 + more);
    else {
      octets.push(0xff);
      pushNumber(octets, shared);
      pushNumber(octets, more);
    }
    for (let at = shared; at < token.length; at++) octets.push(token.charCodeAt(at));
    pushNumber(octets, list.length);
    for (const octet of list) octets.push(octet);
    lastToken = token;
  }
  close();
  return blocks;
}

function encodeList(occurrences: readonly Occurrence[], base: number): number[] {
  const list: number[] = [];
  let lastText = base;
  for (let at = 0; at < occurrences.length;) {
    const text = textOf(occurrences[at]!);
    pushNumber(list, text - lastText);
    lastText = text;
    const end = makeOccurrence(text + 1, 0);
    let last = makeOccurrence(text, 0);
    for (let isMore = true; isMore; at++) {
      const occurrence = occurrences[at]!;
      isMore = at + 1 < occurrences.length && occurrences[at + 1]! < end;
      pushNumber(list, (occurrence - last) * 2 + (isMore ? 1 : 0));
      last = occurrence;
    }
  }
  return list;
}

/** The lists of segments that follow each other, as of one. */
export function* mergeSegments(segments: readonly StoredSegment[]): Generator<Posting> {
  const readers = segments.map((segment) => new SegmentReader(segment)).filter((reader) => reader.next());
  while (readers.length > 0) {
    let token = readers[0]!.token;
    for (const reader of readers) if (reader.token < token) token = reader.token;
    const occurrences: Occurrence[] = [];
    let ended = false;
    for (const reader of readers) {
      if (reader.token !== token) continue;
      reader.pushOccurrences(occurrences);
      if (!reader.next()) ended = true;
    }
    yield { token, occurrences };
    if (ended) readers.splice(0, readers.length, ...readers.filter(({ isAtEnd }) => !isAtEnd));
  }
}

/**
 * Where `token` is, by one block where it may be listed; with `asPrefix`, every token that begins with it, not in order
 * then.
 */
export function findInBlock(data: Uint8Array, base: number, token: string, asPrefix = false): Occurrence[] {
  const reader = new OctetReader(data);
  const occurrences: Occurrence[] = [];
  // How much of `token` the entry before began with.
  let matched = 0;
  while (!reader.isAtEnd) {
    const { shared, more } = reader.lengths();
    // Beyond that, what an entry shares is not the token's.
    if (shared <= matched) matched = reader.match(token, shared, more);
    else reader.skip(more);
    if (matched === token.length && (asPrefix || shared + more === matched)) {
      reader.pushOccurrences(base, occurrences);
      if (!asPrefix) break;
    } else reader.skip(reader.number());
  }
  return occurrences;
}

/** Where the tokens are that `fits` chooses, by blocks of a segment; not in order. */
export function findAll({ base, blocks }: StoredSegment, fits: (token: string) => boolean): Occurrence[] {
  const reader = new SegmentReader({ base, blocks });
  const occurrences: Occurrence[] = [];
  while (reader.next()) {
    if (fits(reader.token)) reader.pushOccurrences(occurrences);
    else reader.skipOccurrences();
  }
  return occurrences;
}

class OctetReader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#data.length;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const octet = this.#data[this.#at++] ?? 0;
      value += (octet & 0x7f) * scale;
      if (octet < 0x80) return value;
    }
  }

  lengths(): { readonly shared: number; readonly more: number } {
    const octet = this.#data[this.#at++] ?? 0;
    return octet === 0xff ? { shared: this.number(), more: this.number() } : { shared: octet >> 4, more: octet & 0xf };
  }

  text(length: number): string {
    let text = '';
    for (const end = this.#at + length; this.#at < end; this.#at++)
      text += String.fromCharCode(this.#data[this.#at] ?? 0);
    return text;
  }

  skip(length: number): void {
    this.#at += length;
  }

  /** Passes an entry's own octets; how many of `token`'s first ones the entry begins with, `shared` of them for certain. */
  match(token: string, shared: number, more: number): number {
    const start = this.#at - shared;
    this.#at += more;
    let matched = shared;
    while (matched < shared + more && token.charCodeAt(matched) === this.#data[start + matched]) matched++;
    return matched;
  }

  pushOccurrences(base: number, occurrences: Occurrence[]): void {
    const length = this.number();
    const end = this.#at + length;
    let text = base;
    while (this.#at < end) {
      text += this.number();
      let occurrence = makeOccurrence(text, 0);
      for (let isMore = true; isMore && this.#at < end;) {
        const doubled = this.number();
        isMore = doubled % 2 === 1;
        occurrence += Math.floor(doubled / 2);
        occurrences.push(occurrence);
      }
    }
  }
}

/** Goes through a segment's tokens in order; after each `next`, the list of its token is read or skipped. */
class SegmentReader {
  readonly #segment: StoredSegment;
  #nextBlock = 0;
  #block = new OctetReader(new Uint8Array());
  token = '';
  isAtEnd = false;

  constructor(segment: StoredSegment) {
    this.#segment = segment;
  }

  next(): boolean {
    if (this.#block.isAtEnd) {
      const data = this.#segment.blocks[this.#nextBlock++];
      if (data === undefined) {
        this.isAtEnd = true;
        return false;
      }
      this.#block = new OctetReader(data);
      this.token = '';
    }
    const { shared, more } = this.#block.lengths();
    this.token = this.token.slice(0, shared) + this.#block.text(more);
    return true;
  }

  pushOccurrences(occurrences: Occurrence[]): void {
    this.#block.pushOccurrences(this.#segment.base, occurrences);
  }

  skipOccurrences(): void {
    this.#block.skip(this.#block.number());
  }
}

function pushNumber(octets: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80);
  octets.push(rest);
}
