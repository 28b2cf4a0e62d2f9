/**
 * What takes the time and the memory in yescrypt: its S-boxes, filled as scrypt fills memory, and a walk through memory by
 * `pwxform`, which multiplies. Words only, in the order that Salsa20's SIMD has; knows no passwords.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

const BLOCK_WORDS = 16;
const ROUNDS = 6;
const LANES = 4;
/** Words of one S-box, of three: 4 KiB. */
const BOX_WORDS = 1024;
/** Of a word, which entry of an S-box it means, in octets. */
const BOX_MASK = 0xff0;
/** Words mixed in one slice: some 5 ms. */
const WORDS_PER_SLICE = 65_536;

export interface Boxes {
  readonly words: Uint32Array;
  /** Where each of the three begins; they change places with every block. */
  first: number;
  second: number;
  written: number;
  /** Words of `written` that are. */
  next: number;
}

/** From the first 128 octets of `block`, which change. */
export function fillBoxes(block: Uint32Array): Boxes {
  const words = new Uint32Array(3 * BOX_WORDS);
  const start = block.subarray(0, 2 * BLOCK_WORDS);
  const x = toLanes(start);
  for (let at = 0; at < words.length; at += x.length) {
    words.set(x, at);
    mixPair(x);
  }
  fromLanes(x, start);
  return { words, first: 2 * BOX_WORDS, second: BOX_WORDS, written: 0, next: 0 };
}

/** scrypt's ROMix with yescrypt's changes: while memory is filled it is read, too, and while it is read it is written. `n`: a power of two. */
export async function mixThroughMemory(block: Uint32Array, n: number, boxes: Boxes): Promise<void> {
  const size = block.length;
  const memory = new Uint32Array(n * size);
  const x = toLanes(block);
  const perSlice = Math.max(1, Math.floor(WORDS_PER_SLICE / size));
  const blockAt = (index: number): Uint32Array => memory.subarray(index * size, (index + 1) * size);
  const chosen = (): number => x[size - BLOCK_WORDS] as number;
  for (let filled = 0, window = 1; filled < n; filled++) {
    blockAt(filled).set(x);
    if (filled >= 2 * window) window *= 2;
    // One of the last so many blocks.
    if (filled > 1) xorInto(x, blockAt((chosen() & (window - 1)) + filled - window));
    mixBlocks(x, boxes);
    if (filled % perSlice === 0) await nextTurn();
  }
  const visits = Math.ceil(Math.ceil(n / 3) / 2) * 2;
  for (let visited = 0; visited < visits; visited++) {
    const there = blockAt((chosen() & (n - 1)) >>> 0);
    xorInto(x, there);
    there.set(x);
    mixBlocks(x, boxes);
    if (visited % perSlice === 0) await nextTurn();
  }
  fromLanes(x, block);
}

/** Each block with the one before, by the S-boxes; the last by Salsa20/2 besides. */
function mixBlocks(x: Uint32Array, boxes: Boxes): void {
  let before = x.subarray(-BLOCK_WORDS);
  for (let at = 0; at < x.length; at += BLOCK_WORDS) {
    const here = x.subarray(at, at + BLOCK_WORDS);
    xorInto(here, before);
    multiply(here, boxes);
    before = here;
  }
  salsa(before, 2);
}

/** `pwxform`. */
function multiply(x: Uint32Array, boxes: Boxes): void {
  const { words, first, second, written } = boxes;
  let next = written + boxes.next;
  for (let round = 0; round < ROUNDS; round++) {
    for (let lane = 0; lane < LANES; lane++) {
      const at = lane * 4;
      const plus = first + (((x[at] as number) & BOX_MASK) >>> 2);
      const xor = second + (((x[at + 1] as number) & BOX_MASK) >>> 2);
      for (let word = 0; word < 4; word += 2) {
        const a = x[at + word] as number;
        const b = x[at + word + 1] as number;
        // The product's halves by those of its factors, in 32 bits throughout: doubles take three times as long.
        const al = a & 0xffff;
        const ah = a >>> 16;
        const bl = b & 0xffff;
        const bh = b >>> 16;
        const one = (Math.imul(ah, bl) + (Math.imul(al, bl) >>> 16)) | 0;
        const other = (Math.imul(al, bh) + (one & 0xffff)) | 0;
        const high = (Math.imul(ah, bh) + (one >>> 16) + (other >>> 16)) | 0;
        const low = Math.imul(a, b);
        const sum = (low + (words[plus + word] as number)) | 0;
        const carry = sum >>> 0 < low >>> 0 ? 1 : 0;
        const lower = sum ^ (words[xor + word] as number);
        const upper = (high + (words[plus + word + 1] as number) + carry) ^ (words[xor + word + 1] as number);
        x[at + word] = lower;
        x[at + word + 1] = upper;
        if (round === 0 || round === ROUNDS - 1) continue;
        words[next] = lower;
        words[next + 1] = upper;
        next += 2;
      }
    }
  }
  boxes.first = written;
  boxes.second = first;
  boxes.written = second;
  boxes.next = (next - written) % BOX_WORDS;
}

/** scrypt's BlockMix of two blocks, with Salsa20/8. */
function mixPair(x: Uint32Array): void {
  const [one, other] = [x.subarray(0, BLOCK_WORDS), x.subarray(BLOCK_WORDS)];
  xorInto(one, other);
  salsa(one, 8);
  xorInto(other, one);
  salsa(other, 8);
}

/** RFC 7914 §3, over words that lie as SIMD wants them. */
function salsa(block: Uint32Array, rounds: number): void {
  const x = new Uint32Array(BLOCK_WORDS);
  for (let at = 0; at < BLOCK_WORDS; at++) x[(at * 5) % BLOCK_WORDS] = block[at] as number;
  for (let round = 0; round < rounds; round += 2) {
    for (let i = 0; i < 4; i++) quarter(x, i * 5, ((i + 1) % 4) * 4 + i, ((i + 2) % 4) * 4 + i, ((i + 3) % 4) * 4 + i);
    for (let i = 0; i < 4; i++) quarter(x, i * 5, i * 4 + ((i + 1) % 4), i * 4 + ((i + 2) % 4), i * 4 + ((i + 3) % 4));
  }
  for (let at = 0; at < BLOCK_WORDS; at++) block[at] = (block[at] as number) + (x[(at * 5) % BLOCK_WORDS] as number);
}

function quarter(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  x[b] = (x[b] as number) ^ turned((x[a] as number) + (x[d] as number), 7);
  x[c] = (x[c] as number) ^ turned(x[b] + (x[a] as number), 9);
  x[d] = (x[d] as number) ^ turned(x[c] + x[b], 13);
  x[a] = (x[a] as number) ^ turned(x[d] + x[c], 18);
}

function turned(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function xorInto(x: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < x.length; at++) x[at] = (x[at] as number) ^ (other[at] as number);
}

function toLanes(block: Uint32Array): Uint32Array {
  return block.map((_, at) => block[at - (at % BLOCK_WORDS) + ((at * 5) % BLOCK_WORDS)] as number);
}

function fromLanes(x: Uint32Array, block: Uint32Array): void {
  for (let at = 0; at < x.length; at++) block[at - (at % BLOCK_WORDS) + ((at * 5) % BLOCK_WORDS)] = x[at] as number;
}
