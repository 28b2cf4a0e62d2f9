/**
 * QR codes (ISO/IEC 18004) as far as links need them: octets, correction level M (15 % may be lost), versions 1 to 10, so up to 213
 * octets. Pure.
 */

interface Version {
  /** Octets of data in each block; blocks of a version differ by at most one. */
  readonly blocks: readonly number[];
  /** Octets of correction for each block. */
  readonly correction: number;
  /** Where alignment patterns have their middles. */
  readonly alignment: readonly number[];
}

/** Level M of versions 1 to 10 (ISO/IEC 18004 tables 9 and E.1). */
const VERSIONS: readonly Version[] = [
  { blocks: [16], correction: 10, alignment: [] },
  { blocks: [28], correction: 16, alignment: [6, 18] },
  { blocks: [44], correction: 26, alignment: [6, 22] },
  { blocks: [32, 32], correction: 18, alignment: [6, 26] },
  { blocks: [43, 43], correction: 24, alignment: [6, 30] },
  { blocks: [27, 27, 27, 27], correction: 16, alignment: [6, 34] },
  { blocks: [31, 31, 31, 31], correction: 18, alignment: [6, 22, 38] },
  { blocks: [38, 38, 39, 39], correction: 22, alignment: [6, 24, 42] },
  { blocks: [36, 36, 36, 37, 37], correction: 22, alignment: [6, 26, 46] },
  { blocks: [43, 43, 43, 43, 44], correction: 26, alignment: [6, 28, 50] },
];

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_row, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/** The code's modules, row by row, true: dark; without the margin. undefined: the text is too long. */
export function encodeQr(text: string): readonly (readonly boolean[])[] | undefined {
  const octets = new TextEncoder().encode(text);
  const number = VERSIONS.findIndex(({ blocks }, at) => sum(blocks) >= octets.length + (at < 9 ? 2 : 3)) + 1;
  const version = VERSIONS[number - 1];
  if (version === undefined) return undefined;
  const stream = interleave(version, padded(octets, number, sum(version.blocks)));
  const candidates = MASKS.map((_, mask) => draw(number, version, stream, mask));
  return candidates.reduce((best, one) => (penaltyOf(one) < penaltyOf(best) ? one : best));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Mode, length, data, end, and the two octets that fill the rest by turns (§7.4). */
function padded(octets: Uint8Array, version: number, capacity: number): Uint8Array {
  const bits: number[] = [];
  const push = (value: number, length: number) => {
    for (let at = length - 1; at >= 0; at--) bits.push((value >> at) & 1);
  };
  push(0b0100, 4);
  push(octets.length, version < 10 ? 8 : 16);
  for (const octet of octets) push(octet, 8);
  push(0, Math.min(4, capacity * 8 - bits.length));
  while (bits.length % 8 !== 0) bits.push(0);
  const filled = new Uint8Array(capacity);
  for (let at = 0; at < capacity; at++) {
    const own = bits.slice(at * 8, at * 8 + 8);
    filled[at] =
      own.length === 8
        ? own.reduce((octet, bit) => (octet << 1) | bit, 0)
        : (at - bits.length / 8) % 2 === 0
          ? 0xec
          : 0x11;
  }
  return filled;
}

/** Powers and logarithms in the field of 256 elements with the polynomial 0x11d (§7.5). */
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let at = 0, value = 1; at < 255; at++) {
  EXP[at] = EXP[at + 255] = value;
  LOG[value] = at;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : (EXP[(LOG[a] ?? 0) + (LOG[b] ?? 0)] ?? 0);
}

/** The remainder of the block by the generator of that many roots (Reed and Solomon). */
function correctionOf(block: Uint8Array, count: number): Uint8Array {
  let generator = [1];
  for (let root = 0; root < count; root++) {
    const next = [...generator, 0];
    generator.forEach((factor, at) => (next[at + 1] = (next[at + 1] ?? 0) ^ times(factor, EXP[root] ?? 0)));
    generator = next;
  }
  const rest = new Uint8Array(block.length + count);
  rest.set(block);
  for (let at = 0; at < block.length; at++) {
    const lead = rest[at] ?? 0;
    generator.forEach((factor, step) => (rest[at + step] = (rest[at + step] ?? 0) ^ times(factor, lead)));
  }
  return rest.slice(block.length);
}

/** The first octet of each block, the second of each, … and the same of what corrects them (§7.6). */
function interleave({ blocks, correction }: Version, data: Uint8Array): readonly number[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const length of blocks) parts.push(data.slice(at, (at += length)));
  const stream: number[] = [];
  for (const group of [parts, parts.map((part) => correctionOf(part, correction))]) {
    for (let index = 0; index < Math.max(...group.map(({ length }) => length)); index++) {
      for (const part of group) if (index < part.length) stream.push(part[index] ?? 0);
    }
  }
  return stream;
}

function draw(number: number, version: Version, stream: readonly number[], mask: number): boolean[][] {
  const size = number * 4 + 17;
  const modules: boolean[][] = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  const isFixed: boolean[][] = Array.from({ length: size }, () => Array<boolean>(size).fill(false));
  const set = (row: number, column: number, dark: boolean) => {
    if (row < 0 || column < 0 || row >= size || column >= size) return;
    (modules[row] ?? [])[column] = dark;
    (isFixed[row] ?? [])[column] = true;
  };

  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const) {
    for (let y = -4; y <= 4; y++)
      for (let x = -4; x <= 4; x++) {
        const ring = Math.max(Math.abs(x), Math.abs(y));
        set(row + y, column + x, ring !== 2 && ring !== 4);
      }
  }
  const { alignment } = version;
  const far = alignment.at(-1);
  for (const row of alignment)
    for (const column of alignment) {
      // Three of the corners belong to the finders.
      if ((row === 6 && column === 6) || (row === 6 && column === far) || (row === far && column === 6)) continue;
      for (let y = -2; y <= 2; y++)
        for (let x = -2; x <= 2; x++) set(row + y, column + x, Math.max(Math.abs(x), Math.abs(y)) !== 1);
    }
  drawFormat(set, size, mask);
  if (number >= 7) drawVersion(set, size, number);

  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--;
    const isUpward = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const row = isUpward ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (isFixed[row]?.[column] === true) continue;
        const octet = stream[bit >> 3] ?? 0;
        const dark = ((octet >> (7 - (bit & 7))) & 1) === 1;
        (modules[row] ?? [])[column] = dark !== (MASKS[mask]?.(row, column) ?? false);
        bit++;
      }
    }
  }
  return modules;
}

type SetModule = (row: number, column: number, dark: boolean) => void;

/** Level and mask, with 10 bits that correct them, twice (§7.9). */
function drawFormat(set: SetModule, size: number, mask: number): void {
  // Level M is 00.
  const bits = ((mask << 10) | remainder(mask, 10, 0x537)) ^ 0x5412;
  const at = (index: number) => ((bits >> index) & 1) === 1;
  for (let index = 0; index < 6; index++) set(index, 8, at(index));
  set(7, 8, at(6));
  set(8, 8, at(7));
  set(8, 7, at(8));
  for (let index = 9; index < 15; index++) set(8, 14 - index, at(index));
  for (let index = 0; index < 8; index++) set(8, size - 1 - index, at(index));
  for (let index = 8; index < 15; index++) set(size - 15 + index, 8, at(index));
  set(size - 8, 8, true);
}

/** The version, with 12 bits that correct it, twice (§7.10). */
function drawVersion(set: SetModule, size: number, number: number): void {
  const bits = (number << 12) | remainder(number, 12, 0x1f25);
  for (let index = 0; index < 18; index++) {
    const dark = ((bits >> index) & 1) === 1;
    const near = Math.floor(index / 3);
    const far = size - 11 + (index % 3);
    set(near, far, dark);
    set(far, near, dark);
  }
}

/** Of the value, `length` places up, by a polynomial over two elements. */
function remainder(value: number, length: number, polynomial: number): number {
  let rest = value;
  for (let at = 0; at < length; at++) rest = (rest << 1) ^ ((rest >> (length - 1)) & 1 ? polynomial : 0);
  return rest;
}

/** How hard a code is to read: runs, blocks, what looks like a finder, too dark or too light (§7.8.3). */
function penaltyOf(modules: readonly (readonly boolean[])[]): number {
  const size = modules.length;
  let penalty = 0;
  let darkCount = 0;
  const columns = modules.map((_, column) => modules.map((row) => row[column] ?? false));
  for (const line of [...modules, ...columns]) {
    const text = line.map((dark) => (dark ? '1' : '0')).join('');
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) penalty += run.length - 2;
    for (let at = 0; at + 11 <= size; at++) {
      const part = text.slice(at, at + 11);
      if (part === '10111010000' || part === '00001011101') penalty += 40;
    }
  }
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const dark = modules[row]?.[column];
      if (dark === true) darkCount++;
      if (row === 0 || column === 0) continue;
      const square = [modules[row - 1]?.[column - 1], modules[row - 1]?.[column], modules[row]?.[column - 1]];
      if (square.every((other) => other === dark)) penalty += 3;
    }
  return penalty + 10 * Math.floor(Math.abs((darkCount * 100) / size ** 2 - 50) / 5);
}
