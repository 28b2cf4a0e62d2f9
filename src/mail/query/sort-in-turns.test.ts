import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { sortInTurns } from './sort-in-turns.ts';

test('sorts as toSorted does, whatever the number of runs', async () => {
  const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
  for (const runs of [0, 0.001, 1, 1.5, 3, 4.2]) {
    const length = Math.round(runs * MAIL_LIMITS.entriesAtOnce);
    // Few keys, so that a sort that is not stable shows.
    const items = Array.from({ length }, (_, at) => ({ key: (at * 7_919) % 97, at }));
    assert.deepEqual(await sortInTurns(items, compare), items.toSorted(compare));
  }
});
