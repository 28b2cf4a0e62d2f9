import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';

import { PartialDeliveries } from './partial-deliveries.ts';
import { makeTransaction } from './testing/campus.ts';

const transaction = makeTransaction({ to: ['li@example.edu'] });
const [one, two] = [1 as AccountId, 2 as AccountId];

describe('PartialDeliveries', () => {
  it('adds up over attempts and forgets in time', () => {
    const clock = new FakeClock();
    const known = new PartialDeliveries(clock, 10, 1000);
    const octets = Buffer.from('a');
    known.remember(transaction, octets, [one]);
    clock.advance(600);
    known.remember(transaction, octets, [two]);
    clock.advance(600);
    assert.deepEqual([...known.whoHas(transaction, Buffer.from('a'))], [1, 2]);
    assert.deepEqual([...known.whoHas(transaction, Buffer.from('b'))], []);
    clock.advance(400);
    assert.deepEqual([...known.whoHas(transaction, octets)], []);
  });

  it('keeps the newest when there are too many', () => {
    const known = new PartialDeliveries(new FakeClock(), 2, 1000);
    for (const text of ['a', 'b', 'c']) known.remember(transaction, Buffer.from(text), [one]);
    const left = ['a', 'b', 'c'].filter((text) => known.whoHas(transaction, Buffer.from(text)).size > 0);
    assert.deepEqual(left, ['b', 'c']);
  });
});
