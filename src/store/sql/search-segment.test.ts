import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Occurrence,
  type Posting,
  encodePostings,
  findAll,
  findInBlock,
  makeOccurrence,
  mergeSegments,
  textOf,
} from './search-segment.ts';

const token = fc.string({ unit: fc.constantFrom('a', 'b', '\xe4', '\xff'), maxLength: 24 });
const occurrence = fc
  .tuple(fc.nat(70_000), fc.oneof(fc.nat(3), fc.nat(18_000_000)))
  .map(([text, place]) => makeOccurrence(text, place));
const occurrences = fc
  .uniqueArray(fc.oneof(occurrence, fc.nat(3)), { minLength: 1, maxLength: 40 })
  .map((list) => list.toSorted((a, b) => a - b));
const postings = fc
  .uniqueArray(fc.record({ token, occurrences }), { selector: (posting) => posting.token, maxLength: 200 })
  .map((list) => list.toSorted((a, b) => (a.token < b.token ? -1 : 1)));

/** By the block in which a token would be, as the index chooses it. */
function lookUp(list: readonly Posting[], base: number, asked: string): Occurrence[] {
  const block = encodePostings(list, base).findLast(({ firstToken }) => firstToken <= asked);
  return block === undefined ? [] : findInBlock(block.data, base, asked);
}

const shift = (list: readonly Posting[], by: number): Posting[] =>
  list.map((posting) => ({ ...posting, occurrences: posting.occurrences.map((one) => one + makeOccurrence(by, 0)) }));

test('every token is found in its block, and no other', () => {
  fc.assert(
    fc.property(postings, token, (list, other) => {
      const shifted = shift(list, 500);
      for (const posting of shifted) assert.deepEqual(lookUp(shifted, 500, posting.token), posting.occurrences);
      if (!list.some((posting) => posting.token === other)) assert.deepEqual(lookUp(list, 0, other), []);
    }),
  );
});

test('a beginning finds all that begin with it, and so does looking at each', () => {
  fc.assert(
    fc.property(postings, token, (list, beginning) => {
      const blocks = encodePostings(list, 0).map(({ data }) => data);
      const found = new Set(blocks.flatMap((data) => findInBlock(data, 0, beginning, true)));
      const expected = list.filter((posting) => posting.token.startsWith(beginning)).flatMap((one) => one.occurrences);
      assert.deepEqual(found, new Set(expected));
      assert.deepEqual(new Set(findAll({ base: 0, blocks }, (one) => one.startsWith(beginning))), found);
    }),
  );
});

test('segments put together hold what they held', () => {
  fc.assert(
    fc.property(fc.array(postings, { maxLength: 4 }), (lists) => {
      const shifted = lists.map((list, at) => shift(list, at * 100_000));
      const expected = new Map<string, Occurrence[]>();
      for (const one of shifted.flat())
        expected.set(one.token, [...(expected.get(one.token) ?? []), ...one.occurrences]);
      const segments = shifted.map((list, at) => ({
        base: at * 100_000,
        blocks: encodePostings(list, at * 100_000).map(({ data }) => data),
      }));
      const merged = Array.from(mergeSegments(segments));
      assert.deepEqual(new Map(merged.map((one) => [one.token, one.occurrences])), expected);
      assert.ok(merged.every((posting, at) => at === 0 || merged[at - 1]!.token < posting.token));
    }),
  );
});

test('the last place of the last text is told apart', () => {
  const last = makeOccurrence(2 ** 28 - 1, 2 ** 25 - 1);
  assert.ok(Number.isSafeInteger(last));
  assert.equal(textOf(last), 2 ** 28 - 1);
});

test('a long list is a block by itself, and damaged octets end', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => makeOccurrence(n * 200, n));
  const blocks = encodePostings(
    [
      { token: 'a', occurrences: [1] },
      { token: 'b', occurrences: many },
      { token: 'c', occurrences: [2] },
    ],
    0,
  );
  assert.deepEqual(
    blocks.map(({ firstToken }) => firstToken),
    ['a', 'b', 'c'],
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => void findInBlock(octets, 0, 'abc', true)));
});
