import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeQr } from './qr-code.ts';

type Modules = readonly (readonly boolean[])[];

/** ISO/IEC 18004 table C.1: the format of level M with mask 0 to 7. */
const FORMATS = [0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0];

/** ISO/IEC 18004 §7.9.1: the first copy, around the upper left finder; its most significant bit first. */
function readFormat(modules: Modules): number {
  const places = [
    ...[0, 1, 2, 3, 4, 5, 7, 8].map((column) => [8, column]),
    ...[7, 5, 4, 3, 2, 1, 0].map((row) => [row, 8]),
  ];
  return places.reduce((format, [row = 0, column = 0]) => format * 2 + Number(modules[row]?.[column]), 0);
}

function maskOf(mask: number, row: number, column: number): boolean {
  const product = row * column;
  const values = [
    (row + column) % 2,
    row % 2,
    column % 3,
    (row + column) % 3,
    (Math.floor(row / 2) + Math.floor(column / 3)) % 2,
    (product % 2) + (product % 3),
    ((product % 2) + (product % 3)) % 2,
    (((row + column) % 2) + (product % 3)) % 2,
  ];
  return values[mask] === 0;
}

/** The bits of a symbol of version 1 or 2, as a reader takes them: in columns of two from the lower right, up and down. */
function readBits(modules: Modules, mask: number): boolean[] {
  const size = modules.length;
  const isAlignment = (row: number, column: number) =>
    size === 25 && Math.abs(row - 18) <= 2 && Math.abs(column - 18) <= 2;
  const isFunction = (row: number, column: number) =>
    (row < 9 && column < 9) ||
    (row < 9 && column >= size - 8) ||
    (row >= size - 8 && column < 9) ||
    row === 6 ||
    column === 6 ||
    isAlignment(row, column);
  const bits: boolean[] = [];
  let isUpwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right--;
    for (let step = 0; step < size; step++) {
      const row = isUpwards ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (isFunction(row, column)) continue;
        bits.push(modules[row]?.[column] !== maskOf(mask, row, column));
      }
    }
    isUpwards = !isUpwards;
  }
  return bits;
}

/** In GF(256) of the standard, 0x11d. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let [x, y] = [a, b]; y > 0; y >>= 1) {
    if (y & 1) product ^= x;
    x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1;
  }
  return product;
}

function octetsOf(bits: readonly boolean[]): number[] {
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((octet, bit) => octet * 2 + Number(bit), 0),
  );
}

/** What a reader makes of it: the text, after the correction has been found to fit. Versions 1 and 2 have one block. */
function decode(modules: Modules): string {
  const mask = FORMATS.indexOf(readFormat(modules));
  assert.notEqual(mask, -1, 'a format of level M');
  const correction = modules.length === 21 ? 10 : 16;
  const octets = octetsOf(readBits(modules, mask));
  // The correction of Reed and Solomon: the block is a multiple of the generator when it vanishes at its roots.
  for (let root = 1, at = 0; at < correction; at++, root = multiply(root, 2))
    assert.equal(
      octets.reduce((sum, octet) => multiply(sum, root) ^ octet, 0),
      0,
      `syndrome ${at}`,
    );
  const [first = 0, second = 0] = octets;
  assert.equal(first >> 4, 0b0100, 'octet mode');
  const length = ((first & 15) << 4) | (second >> 4);
  const text = Array.from({ length }, (_, at) => (((octets[at + 1] ?? 0) & 15) << 4) | ((octets[at + 2] ?? 0) >> 4));
  return new TextDecoder().decode(Uint8Array.from(text));
}

test('a reader finds in it what was put in', () => {
  for (const text of ['', 'https://a.cn/', 'https://mail.kust.edu.cn/', '昆明理工']) {
    const modules = encodeQr(text);
    assert.ok(modules);
    assert.equal(decode(modules), text);
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 26, unit: 'binary-ascii' }), (text) => {
      assert.equal(decode(encodeQr(text) ?? []), text);
    }),
    { numRuns: 50 },
  );
});

test('what is too long is refused', () => {
  assert.equal(encodeQr('x'.repeat(213))?.length, 57);
  assert.equal(encodeQr('x'.repeat(214)), undefined);
});
