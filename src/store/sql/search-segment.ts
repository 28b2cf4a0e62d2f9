/**
 * Which of some texts have which tokens, as octets in blocks. Storage format.
 *
 * A block is found by its first token. In it tokens ascend octet by octet; each is: how many octets it shares with the
 * one before, how many others follow, those, how many octets its list has, and the list of texts: the first one's
 * distance from the segment's base, then each one's from the one before. Numbers are LEB128. So a common token costs an
 * octet a text, a rare one some seven.
 */

/** Texts by token, ascending. Tokens are octets, a character each (`latin1`): so they are compared as they are stored. */
export type Postings = Map<string, number[]>;

export interface Block {
  readonly firstToken: string;
  readonly data: Buffer;
}

/** Octets from which on a block is closed: PostgreSQL keeps such a row in its page, SQLite several of them. */
const BLOCK_BYTES = 1_800;

/** `base`: not above the first id. */
export function encodePostings(postings: Postings, base: number): Block[] {
  const blocks: Block[] = [];
  let firstToken = '';
  let lastToken = '';
  let octets: number[] = [];
  for (const [token, ids] of Array.from(postings).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const list: number[] = [];
    let last = base;
    for (const id of ids) {
      pushNumber(list, id - last);
      last = id;
    }
    if (octets.length > 0 && octets.length + token.length + list.length > BLOCK_BYTES) {
      blocks.push({ firstToken, data: Buffer.from(octets) });
      octets = [];
    }
    if (octets.length === 0) {
      firstToken = token;
      lastToken = '';
    }
    let shared = 0;
    while (shared < lastToken.length && lastToken.charCodeAt(shared) === token.charCodeAt(shared)) shared++;
    pushNumber(octets, shared);
    pushNumber(octets, token.length - shared);
    for (let at = shared; at < token.length; at++) octets.push(token.charCodeAt(at));
    pushNumber(octets, list.length);
    for (const octet of list) octets.push(octet);
    lastToken = token;
  }
  if (octets.length > 0) blocks.push({ firstToken, data: Buffer.from(octets) });
  return blocks;
}

/** Adds all of a block to `postings`; blocks come in the order of their segments, whose ids ascend. */
export function decodeBlock(data: Uint8Array, base: number, postings: Postings): void {
  const reader = new OctetReader(data);
  let token = '';
  while (!reader.isAtEnd) {
    const shared = reader.number();
    token = token.slice(0, shared) + reader.text(reader.number());
    const ids = postings.get(token) ?? [];
    if (ids.length === 0) postings.set(token, ids);
    reader.ids(base, ids);
  }
}

/** The ids of one token in the block where it would be. */
export function findInBlock(data: Uint8Array, base: number, token: string): number[] {
  const reader = new OctetReader(data);
  const ids: number[] = [];
  // How much of `token` is what the entry before began with.
  let matched = 0;
  while (!reader.isAtEnd) {
    const shared = reader.number();
    const length = shared + reader.number();
    // Beyond that, what an entry shares is not the token's.
    if (shared <= matched) matched = reader.matchFrom(token, shared, length);
    else reader.skip(length - shared);
    if (matched === length && length === token.length) {
      reader.ids(base, ids);
      return ids;
    }
    reader.skip(reader.number());
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

  text(length: number): string {
    let text = '';
    for (const end = this.#at + length; this.#at < end; this.#at++)
      text += String.fromCharCode(this.#data[this.#at] ?? 0);
    return text;
  }

  skip(length: number): void {
    this.#at += length;
  }

  /** Passes the octets of an entry from `shared` to `length`; how many of `token`'s first ones the entry begins with. */
  matchFrom(token: string, shared: number, length: number): number {
    const start = this.#at - shared;
    this.#at = start + length;
    let matched = shared;
    while (matched < length && token.charCodeAt(matched) === this.#data[start + matched]) matched++;
    return matched;
  }

  ids(base: number, ids: number[]): void {
    const length = this.number();
    let id = base;
    for (const end = this.#at + length; this.#at < end;) {
      id += this.number();
      ids.push(id);
    }
  }
}

function pushNumber(octets: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80);
  octets.push(rest);
}
