import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSeenTop, placeInView, rowsMoved } from './kept-place.ts';

const HEIGHT = 50;

function rowsOf(keys: readonly (string | undefined)[]) {
  return { keyAt: (index: number) => keys[index], indexOf: (key: string) => keys.indexOf(key) };
}

test('what is in view stays there when rows come or go above it', () => {
  const place = placeInView(rowsOf(['a', 'b', 'c', 'd']), 2 * HEIGHT - 10, HEIGHT);
  assert.deepEqual(place, { key: 'c', index: 2 });
  assert.equal(rowsMoved(rowsOf(['new', 'newer', 'a', 'b', 'c', 'd']), place), 2);
  assert.equal(rowsMoved(rowsOf(['b', 'c', 'd']), place), -1);
  assert.equal(rowsMoved(rowsOf(['a', 'b', 'c', 'new', 'd']), place), 0, 'below it does not matter');
  assert.equal(rowsMoved(rowsOf(['new', 'a', 'b', 'd']), place), 0, 'it is gone itself');
});

test('at the top new rows are seen to come, and a row that is not loaded holds nothing', () => {
  assert.equal(placeInView(rowsOf(['a', 'b']), HEIGHT - 1, HEIGHT), undefined);
  assert.equal(placeInView(rowsOf(['a', undefined]), HEIGHT, HEIGHT), undefined);
  assert.equal(rowsMoved(rowsOf(['new', 'a']), undefined), 0);
});

test('what came in above is counted from the row that was seen last on top', () => {
  const later = rowsOf(['new', 'a', 'b', 'c']);
  assert.equal(lastSeenTop(later, 'a', 2 * HEIGHT, HEIGHT), 'a');
  assert.equal(lastSeenTop(later, 'a', 0, HEIGHT), 'new', 'whoever is at the top has seen it');
  assert.equal(lastSeenTop(later, 'gone', 2 * HEIGHT, HEIGHT), 'new');
  assert.equal(lastSeenTop(later, undefined, 2 * HEIGHT, HEIGHT), 'new');
});
