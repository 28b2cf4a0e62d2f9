import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Posting, encodePostings, findInBlock, mergeSegments } from './search-segment.ts';

const token = fc.string({ unit: fc.constantFrom('a', 'b', '\xe4', '\xff'), maxLength: 24 });
const idList = fc
  .uniqueArray(fc.nat(70_000), { minLength: 1, maxLength: 40 })
  .map((ids) => ids.toSorted((a, b) => a - b));
const postings = fc
  .uniqueArray(fc.record({ token, ids: idList }), { selector: (posting) => posting.token, maxLength: 200 })
  .map((list) => list.toSorted((a, b) => (a.token < b.token ? -1 : 1)));

/** The ids of the block in which a token would be, as the index chooses it. */
function lookUp(list: readonly Posting[], base: number, asked: string): number[] {
  const block = encodePostings(list, base).findLast(({ firstToken }) => firstToken <= asked);
  return block === undefined ? [] : findInBlock(block.data, base, asked);
}

const shift = (list: readonly Posting[], by: number): Posting[] =>
  list.map(({ token: one, ids }) => ({ token: one, ids: ids.map((id) => id + by) }));

test('every token is found in its block, and no other', () => {
  fc.assert(
    fc.property(postings, token, (list, other) => {
      for (const { token: one, ids } of list)
        assert.deepEqual(
          lookUp(shift(list, 500), 500, one),
          ids.map((id) => id + 500),
        );
      if (!list.some((posting) => posting.token === other)) assert.deepEqual(lookUp(list, 0, other), []);
    }),
  );
});

test('a beginning finds all that begin with it', () => {
  fc.assert(
    fc.property(postings, token, (list, beginning) => {
      const found = new Set(encodePostings(list, 0).flatMap(({ data }) => findInBlock(data, 0, beginning, true)));
      const expected = list.filter((posting) => posting.token.startsWith(beginning)).flatMap(({ ids }) => ids);
      assert.deepEqual(found, new Set(expected));
    }),
  );
});

test('segments put together hold what they held', () => {
  fc.assert(
    fc.property(fc.array(postings, { maxLength: 4 }), (lists) => {
      const shifted = lists.map((list, at) => shift(list, at * 100_000));
      const expected = new Map<string, number[]>();
      for (const { token: one, ids } of shifted.flat()) expected.set(one, [...(expected.get(one) ?? []), ...ids]);
      const segments = shifted.map((list, at) => ({
        base: at * 100_000,
        blocks: encodePostings(list, at * 100_000).map(({ data }) => data),
      }));
      const merged = Array.from(mergeSegments(segments));
      assert.deepEqual(new Map(merged.map(({ token: one, ids }) => [one, ids])), expected);
      assert.ok(merged.every((posting, at) => at === 0 || merged[at - 1]!.token < posting.token));
    }),
  );
});

test('a long list is a block by itself, and damaged octets end', () => {
  const ids = Array.from({ length: 5_000 }, (_, n) => n * 200);
  const blocks = encodePostings(
    [
      { token: 'a', ids: [1] },
      { token: 'b', ids },
      { token: 'c', ids: [2] },
    ],
    0,
  );
  assert.deepEqual(
    blocks.map(({ firstToken }) => firstToken),
    ['a', 'b', 'c'],
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => void findInBlock(octets, 0, 'abc', true)));
});
