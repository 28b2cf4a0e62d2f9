import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow, idsBetween, MOST_SELECTED, spanOf } from './selected-rows.ts';

function listOf(ids: readonly (string | undefined)[]) {
  return { idAt: (index: number) => ids[index], indexOf: (id: string) => ids.indexOf(id) };
}

test('the keyboard stays on its letter when others come in above, and where it was when the letter goes', () => {
  const before = listOf(['a', 'b', 'c']);
  assert.equal(follow(before, 1, 'b'), 1);
  assert.equal(follow(listOf(['new', 'newer', 'a', 'b', 'c']), 1, 'b'), 3);
  assert.equal(follow(listOf(['b', 'c']), 1, 'b'), 0);
  assert.equal(follow(listOf(['a', 'c']), 1, 'b'), 1, 'the next one takes its place');
  assert.equal(follow(listOf(['a', undefined]), 1, undefined), 1, 'of a row that was not loaded nothing is known');
  assert.equal(follow(before, -1, undefined), -1);
});

test('rows from one to another: up or down, of too many those nearest to where it began, never beyond the end', () => {
  assert.deepEqual(spanOf(3, 7, 100), { first: 3, last: 7 });
  assert.deepEqual(spanOf(7, 3, 100), { first: 3, last: 7 });
  assert.deepEqual(spanOf(20_000, 0, 30_000), { first: 20_001 - MOST_SELECTED, last: 20_000 });
  assert.deepEqual(spanOf(10, 29_999, 30_000), { first: 10, last: 9 + MOST_SELECTED });
  assert.deepEqual(spanOf(0, Infinity, 4), { first: 0, last: 3 });
});

test('what is not loaded between two rows is left out until it is', () => {
  assert.deepEqual([...idsBetween(listOf(['a', undefined, 'c', 'd']), 0, 2)], ['a', 'c']);
});
