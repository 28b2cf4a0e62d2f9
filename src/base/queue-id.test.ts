import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isQueueId, newQueueId, timePrefix } from './queue-id.ts';
import { systemRandom } from './random.ts';

const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2054, 0, 1) });

test('ids sort by the time they were made', () => {
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      const [idA, idB] = [newQueueId(a, systemRandom), newQueueId(b, systemRandom)];
      if (a !== b) assert.equal(a < b, idA < idB);
      assert.equal(idA >= timePrefix(b), a >= b);
      assert.ok(isQueueId(idA));
    }),
  );
});

test('what cannot be an id is told apart', () => {
  for (const text of ['', 'abc', 'ABCDEFGHIJKLM', 'abcdefghijkl1', "abcdefghijkl'"]) assert.ok(!isQueueId(text), text);
});
