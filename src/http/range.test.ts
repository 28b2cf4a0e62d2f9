import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRange } from './range.ts';

test('single ranges as RFC 9110 §14.1.2 has them', () => {
  assert.deepEqual(readRange('bytes=0-499', 10_000), { start: 0, end: 500 });
  assert.deepEqual(readRange('bytes=9500-', 10_000), { start: 9500, end: 10_000 });
  assert.deepEqual(readRange('bytes=-500', 10_000), { start: 9500, end: 10_000 });
  assert.deepEqual(readRange('bytes=-99999', 10_000), { start: 0, end: 10_000 });
  assert.deepEqual(readRange('bytes=0-99999', 10_000), { start: 0, end: 10_000 });
  assert.equal(readRange('bytes=10000-', 10_000), 'unsatisfiable');
  assert.equal(readRange('bytes=-0', 10_000), 'unsatisfiable');
  assert.equal(readRange('bytes=0-', 0), 'unsatisfiable');
});

test('what is no single range of octets is ignored', () => {
  for (const value of [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=5-4',
    'lines=1-2',
    'bytes=0-1,5-6',
    `bytes=${'9'.repeat(40)}-`,
  ])
    assert.equal(readRange(value, 100), 'whole', String(value));
});
