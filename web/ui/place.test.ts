import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place } from './place.ts';

const WINDOW = { width: 1000, height: 600 };

test('below the anchor where there is room, above it where there is more', () => {
  const size = { width: 200, height: 100 };
  assert.deepEqual(place({ left: 100, top: 50, width: 40, height: 20 }, size, WINDOW, 'start'), { left: 100, top: 74 });
  assert.deepEqual(place({ left: 100, top: 560, width: 40, height: 20 }, size, WINDOW, 'start'), {
    left: 100,
    top: 456,
  });
});

test('never outside the window', () => {
  const size = { width: 200, height: 100 };
  assert.equal(place({ left: 990, top: 50, width: 10, height: 20 }, size, WINDOW, 'start').left, 792);
  assert.equal(place({ left: 0, top: 50, width: 10, height: 20 }, size, WINDOW, 'end').left, 8);
  assert.deepEqual(place({ left: 0, top: 0, width: 10, height: 20 }, { width: 2000, height: 900 }, WINDOW, 'middle'), {
    left: 8,
    top: 8,
  });
});
