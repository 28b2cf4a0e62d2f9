/**
 * `{CRYPT}` of thirteen characters, as Unix had it from 1979: DES 25 times over zeros, keyed by eight characters of seven bits
 * and changed by a salt of twelve. What follows the eighth character does not count, which its owner never noticed. Some 2 ms.
 */
import { equalSecrets } from '#base/random.ts';
import { encodeCrypt64, valueOfCrypt64 } from './crypt64.ts';
import type { ReadVerifier } from './foreign.ts';

const FORM = /^([./\dA-Za-z])([./\dA-Za-z])[./\dA-Za-z]{11}$/;
const TIMES = 25;

export const readDesCrypt: ReadVerifier = (scheme, rest) => {
  if (scheme !== '' && scheme !== 'DES-CRYPT') return undefined;
  const [, low, high] = FORM.exec(rest) ?? [];
  if (low === undefined || high === undefined) return undefined;
  const salt = valueOfCrypt64(low) + valueOfCrypt64(high) * 64;
  return (password) =>
    equalSecrets(Buffer.from(`${low}${high}${desCrypt(Buffer.from(password), salt)}`), Buffer.from(rest));
};

type Bits = readonly number[];

// FIPS 46-3, all counted from 1 as it does.
// prettier-ignore
const INITIAL = [
  58,50,42,34,26,18,10,2,60,52,44,36,28,20,12,4,62,54,46,38,30,22,14,6,64,56,48,40,32,24,16,8,
  57,49,41,33,25,17,9,1,59,51,43,35,27,19,11,3,61,53,45,37,29,21,13,5,63,55,47,39,31,23,15,7,
];
// prettier-ignore
const FINAL = [
  40,8,48,16,56,24,64,32,39,7,47,15,55,23,63,31,38,6,46,14,54,22,62,30,37,5,45,13,53,21,61,29,
  36,4,44,12,52,20,60,28,35,3,43,11,51,19,59,27,34,2,42,10,50,18,58,26,33,1,41,9,49,17,57,25,
];
// prettier-ignore
const EXPANSION = [
  32,1,2,3,4,5,4,5,6,7,8,9,8,9,10,11,12,13,12,13,14,15,16,17,
  16,17,18,19,20,21,20,21,22,23,24,25,24,25,26,27,28,29,28,29,30,31,32,1,
];
// prettier-ignore
const PERMUTATION = [
  16,7,20,21,29,12,28,17,1,15,23,26,5,18,31,10,2,8,24,14,32,27,3,9,19,13,30,6,22,11,4,25,
];
// prettier-ignore
const KEY_CHOICE = [
  57,49,41,33,25,17,9,1,58,50,42,34,26,18,10,2,59,51,43,35,27,19,11,3,60,52,44,36,
  63,55,47,39,31,23,15,7,62,54,46,38,30,22,14,6,61,53,45,37,29,21,13,5,28,20,12,4,
];
// prettier-ignore
const ROUND_KEY_CHOICE = [
  14,17,11,24,1,5,3,28,15,6,21,10,23,19,12,4,26,8,16,7,27,20,13,2,
  41,52,31,37,47,55,30,40,51,45,33,48,44,49,39,56,34,53,46,42,50,36,29,32,
];
const SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
/** Of each, four rows of sixteen in hexadecimal. */
const BOXES = [
  'e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d',
  'f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9',
  'a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c',
  '7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e',
  '2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453',
  'c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d',
  '4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c',
  'd2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b',
].map((rows) => Array.from(rows.replaceAll(' ', ''), (digit) => Number.parseInt(digit, 16)));

function pick(bits: Bits, places: readonly number[]): number[] {
  return places.map((place) => bits[place - 1] ?? 0);
}

function desCrypt(password: Buffer, salt: number): string {
  // The eighth bit of each character is lost, and eight of parity are not looked at.
  const key = Array.from({ length: 64 }, (_, at) => (((password[at >> 3] ?? 0) << 1) >> (7 - (at & 7))) & 1);
  const roundKeys = scheduleKeys(key);
  const expansion = EXPANSION.map((place, at) => {
    const isSwapped = ((salt >> (at % 24)) & 1) === 1;
    return isSwapped ? (EXPANSION[(at + 24) % 48] as number) : place;
  });
  let block: Bits = Array<number>(64).fill(0);
  for (let time = 0; time < TIMES; time++) block = encipher(block, roundKeys, expansion);
  return Array.from({ length: 11 }, (_, at) => {
    const six = Array.from({ length: 6 }, (_bit, place) => block[at * 6 + place] ?? 0);
    return encodeCrypt64(readBits(six), 1);
  }).join('');
}

function scheduleKeys(key: Bits): readonly Bits[] {
  const chosen = pick(key, KEY_CHOICE);
  let turned = 0;
  return SHIFTS.map((shift) => {
    turned += shift;
    const halves = [0, 28].flatMap((half) =>
      Array.from({ length: 28 }, (_, at) => chosen[half + ((at + turned) % 28)] as number),
    );
    return pick(halves, ROUND_KEY_CHOICE);
  });
}

function encipher(block: Bits, roundKeys: readonly Bits[], expansion: readonly number[]): Bits {
  const start = pick(block, INITIAL);
  let [left, right]: [Bits, Bits] = [start.slice(0, 32), start.slice(32)];
  for (const roundKey of roundKeys) {
    const mixed = pick(right, expansion).map((bit, at) => bit ^ (roundKey[at] as number));
    const boxed = BOXES.flatMap((box, at) => {
      const six = mixed.slice(at * 6, at * 6 + 6);
      // The outer two say which row.
      const row = readBits([six[0] as number, six[5] as number]);
      const value = box[row * 16 + readBits(six.slice(1, 5))] as number;
      return [value >> 3, (value >> 2) & 1, (value >> 1) & 1, value & 1];
    });
    [left, right] = [right, pick(boxed, PERMUTATION).map((bit, at) => bit ^ (left[at] as number))];
  }
  return pick([...right, ...left], FINAL);
}

function readBits(bits: Bits): number {
  return bits.reduce((value, bit) => value * 2 + bit, 0);
}
