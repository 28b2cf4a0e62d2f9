import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { findExcess, sliceAt } from './send-limits.ts';

const LIMITS = { outsidePerHour: 10, outsidePerDay: 25, newPerDay: 5 };
const NOW = 1000;
const more = (recipients: number, newRecipients = 0) => ({ recipients, newRecipients });
const sent = (slice: number, recipients: number, newRecipients = 0) => ({ slice, recipients, newRecipients });

describe('what is too much', () => {
  it('in an hour is more than so many', () => {
    assert.equal(findExcess([], NOW, more(10), LIMITS), undefined);
    assert.deepEqual(findExcess([], NOW, more(11), LIMITS), { window: 'hour', limit: 10 });
    assert.equal(findExcess([sent(NOW, 7)], NOW, more(3), LIMITS), undefined);
    assert.deepEqual(findExcess([sent(NOW, 7)], NOW, more(4), LIMITS), { window: 'hour', limit: 10 });
  });

  it('reaches back over six slices, this one among them', () => {
    assert.deepEqual(findExcess([sent(NOW - 5, 10)], NOW, more(1), LIMITS), { window: 'hour', limit: 10 });
    assert.equal(findExcess([sent(NOW - 6, 10)], NOW, more(10), LIMITS), undefined);
  });

  it('in a day is counted over 144 of them', () => {
    const day = [sent(NOW - 143, 10), sent(NOW - 20, 10)];
    assert.equal(findExcess(day, NOW, more(5), LIMITS), undefined);
    assert.deepEqual(findExcess(day, NOW, more(6), LIMITS), { window: 'day', limit: 25 });
    assert.equal(findExcess([sent(NOW - 144, 10), sent(NOW - 20, 10)], NOW, more(6), LIMITS), undefined);
  });

  it('of strangers in a day keeps nobody from writing to whom they know', () => {
    const day = [sent(NOW - 143, 5, 5)];
    assert.deepEqual(findExcess(day, NOW, more(1, 1), LIMITS), { window: 'new', limit: 5 });
    assert.equal(findExcess(day, NOW, more(1, 0), LIMITS), undefined);
    assert.equal(findExcess([sent(NOW - 144, 5, 5)], NOW, more(5, 5), LIMITS), undefined);
  });

  it('is counted by slices of ten minutes', () => {
    assert.equal(sliceAt(599_999), 0);
    assert.equal(sliceAt(600_000), 1);
  });
});
