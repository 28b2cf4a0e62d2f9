/**
 * Which of some texts have which tokens, as octets in blocks. Storage format.
 *
 * A block is found by its first token. In it tokens ascend octet by octet; each is: how many octets it shares with the
 * one before and how many others follow (in one octet if both are small), those, how many octets its list has, and the
 * list of texts: the first one's distance from the segment's base, then each one's from the one before. Numbers are
 * LEB128. So a common token costs an octet a text, a rare one some seven.
 */

/** A token and the ids of the texts that have it, ascending. */
export interface Posting {
  /** Octets, a character each (`latin1`): so tokens are compared as they are stored. */
  readonly token: string;
  readonly ids: readonly number[];
}

/** Posting lists of a segment as they are stored. */
export interface StoredSegment {
  /** Not above the first id. */
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

/** `postings`: by token, ascending; those without texts are left out. `base`: not above the first id. */
export function encodePostings(postings: Iterable<Posting>, base: number): Block[] {
  const blocks: Block[] = [];
  let firstToken = '';
  let lastToken = '';
  let octets: number[] = [];
  const close = (): void => {
    if (octets.length > 0) blocks.push({ firstToken, data: Buffer.from(octets) });
    octets = [];
  };
  for (const { token, ids } of postings) {
    if (ids.length === 0) continue;
    const list: number[] = [];
    let last = base;
    for (const id of ids) {
      pushNumber(list, id - last);
      last = id;
    }
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

/** The lists of segments that follow each other, as of one. */
export function* mergeSegments(segments: readonly StoredSegment[]): Generator<Posting> {
  const readers = segments.map((segment) => new SegmentReader(segment)).filter((reader) => reader.next());
  while (readers.length > 0) {
    let token = readers[0]!.token;
    for (const reader of readers) if (reader.token < token) token = reader.token;
    const ids: number[] = [];
    let ended = false;
    for (const reader of readers) {
      if (reader.token !== token) continue;
      reader.pushIds(ids);
      if (!reader.next()) ended = true;
    }
    yield { token, ids };
    if (ended) readers.splice(0, readers.length, ...readers.filter(({ isAtEnd }) => !isAtEnd));
  }
}

/**
 * The texts that have `token`, of those in one block where it may be; with `asPrefix`, of every token that begins with it,
 * not in order then.
 */
export function findInBlock(data: Uint8Array, base: number, token: string, asPrefix = false): number[] {
  const reader = new OctetReader(data);
  const ids: number[] = [];
  // How much of `token` the entry before began with.
  let matched = 0;
  while (!reader.isAtEnd) {
    const { shared, more } = reader.lengths();
    // Beyond that, what an entry shares is not the token's.
    if (shared <= matched) matched = reader.match(token, shared, more);
    else reader.skip(more);
    if (matched === token.length && (asPrefix || shared + more === matched)) {
      reader.pushIds(base, ids);
      if (!asPrefix) break;
    } else reader.skip(reader.number());
  }
  return ids;
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

  pushIds(base: number, ids: number[]): void {
    const length = this.number();
    let id = base;
    for (const end = this.#at + length; this.#at < end;) {
      id += this.number();
      ids.push(id);
    }
  }
}

/** Goes through a segment's tokens in order; after each `next`, the list of its token is read once. */
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

  pushIds(ids: number[]): void {
    this.#block.pushIds(this.#segment.base, ids);
  }
}

function pushNumber(octets: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80);
  octets.push(rest);
}
