import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';

import { SUBMISSION_LIMITS } from './limits.ts';
import { SendLimits } from './send-limits.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** At the beginning of a slice of ten minutes. */
let clock: FakeClock;
let limits: SendLimits;

beforeEach(() => {
  clock = new FakeClock();
  limits = new SendLimits(clock, { ...SUBMISSION_LIMITS, outsidePerHour: 10, outsidePerDay: 25, accountsCounted: 2 });
});

describe('an hour', () => {
  it('has room for exactly so many', () => {
    assert.equal(limits.judge(LI, 10), undefined);
    assert.deepEqual(limits.judge(LI, 11), { window: 'hour', limit: 10 });
    limits.count(LI, 7);
    assert.equal(limits.judge(LI, 3), undefined);
    assert.deepEqual(limits.judge(LI, 4), { window: 'hour', limit: 10 });
    limits.count(LI, 3);
    assert.deepEqual(limits.judge(LI, 1), { window: 'hour', limit: 10 });
  });

  it('is over when the slice it began in is the seventh', () => {
    limits.count(LI, 4);
    clock.advance(10 * MINUTE_MS);
    limits.count(LI, 6);
    clock.advance(50 * MINUTE_MS - 1);
    assert.deepEqual(limits.judge(LI, 1), { window: 'hour', limit: 10 });
    clock.advance(1);
    assert.equal(limits.judge(LI, 4), undefined);
    assert.deepEqual(limits.judge(LI, 5), { window: 'hour', limit: 10 });
    clock.advance(10 * MINUTE_MS);
    assert.equal(limits.judge(LI, 10), undefined);
  });

  it('is not used up by asking', () => {
    for (let i = 0; i < 100; i++) assert.equal(limits.judge(LI, 10), undefined);
    limits.count(LI, 0);
    assert.equal(limits.judge(LI, 10), undefined);
  });
});

describe('a day', () => {
  beforeEach(() => {
    for (const count of [10, 10, 4]) {
      limits.count(LI, count);
      clock.advance(HOUR_MS);
    }
  });

  it('has room for exactly so many', () => {
    assert.equal(limits.judge(LI, 1), undefined);
    assert.deepEqual(limits.judge(LI, 2), { window: 'day', limit: 25 });
    limits.count(LI, 1);
    assert.deepEqual(limits.judge(LI, 1), { window: 'day', limit: 25 });
  });

  it('forgets what was counted a day ago, slice by slice', () => {
    clock.advance(21 * HOUR_MS - 1);
    assert.deepEqual(limits.judge(LI, 2), { window: 'day', limit: 25 });
    clock.advance(1);
    assert.equal(limits.judge(LI, 10), undefined);
    limits.count(LI, 10);
    clock.advance(HOUR_MS);
    // Then 4 of the third hour and the 10 just counted are left; an hour later only what this test counted.
    limits.count(LI, 10);
    clock.advance(HOUR_MS);
    assert.equal(limits.judge(LI, 5), undefined);
    assert.deepEqual(limits.judge(LI, 6), { window: 'day', limit: 25 });
  });
});

describe('accounts', () => {
  it('do not count for each other', () => {
    limits.count(LI, 10);
    assert.equal(limits.judge(WANG, 10), undefined);
  });

  it('beyond those counted at once push out the one longest not asked about', () => {
    limits.count(LI, 10);
    limits.count(WANG, 10);
    limits.judge(LI, 1);
    limits.count(3 as AccountId, 1);
    assert.notEqual(limits.judge(LI, 1), undefined);
    assert.equal(limits.judge(WANG, 10), undefined);
  });
});
