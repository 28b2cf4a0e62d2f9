import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Random } from '#base/random.ts';
import { destinationPauseAfter, pauseAfter } from './retry-schedule.ts';

const always = (octet: number): Random => ({ bytes: (length) => Buffer.alloc(length, octet) });
const middle: Random = { bytes: () => Buffer.from([0, 0, 0, 128]) };
const minutes = (ms: number): number => ms / 60_000;

describe('the schedule', () => {
  it('asks soon again, then seldom', () => {
    const counts = [1, 2, 3, 4, 5, 6, 7, 1000];
    assert.deepEqual(
      counts.map((attempts) => minutes(pauseAfter(attempts, middle))),
      [5, 15, 30, 60, 60, 120, 120, 120],
    );
    assert.deepEqual(
      counts.map((failures) => minutes(destinationPauseAfter(failures, middle))),
      [1, 2, 5, 10, 15, 15, 15, 15],
    );
  });

  it('takes no attempt for one', () => {
    assert.equal(pauseAfter(0, middle), pauseAfter(1, middle));
  });

  it('spreads what failed together over a tenth to either side', () => {
    assert.equal(pauseAfter(1, always(0)), 270_000);
    assert.equal(pauseAfter(1, always(255)), 330_000);
  });
});
