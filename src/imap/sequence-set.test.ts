import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UidList } from '#mail/uid-list.ts';
import {
  countPositions,
  formatSet,
  isInRanges,
  parseSequenceSet,
  positionsOf,
  resolveSequence,
  resolveUids,
  uidsAt,
} from './sequence-set.ts';

const told = UidList.from([3, 5, 6, 9, 20]);

describe('sequence sets', () => {
  it('are read and resolved by sequence number', () => {
    const resolve = (text: string) => resolveSequence(parseSequenceSet(text) as number[], told.length);
    assert.deepEqual(resolve('4,1:2'), [0, 2, 3, 4]);
    assert.deepEqual(resolve('3:1,2:4'), [0, 4]);
    assert.deepEqual(resolve('*'), [4, 5]);
    assert.deepEqual(resolve('*:4'), [3, 5]);
    for (const text of ['6', '1:6', '5:*,6', '7:*']) assert.equal(resolve(text), undefined, text);
    assert.equal(resolveSequence(parseSequenceSet('1:*') as number[], 0), undefined);
  });

  it('are resolved by uid, leaving out what is not there', () => {
    const resolve = (text: string) => uidsAt(resolveUids(parseSequenceSet(text) as number[], told), told);
    assert.deepEqual(resolve('4:9,1'), [5, 6, 9]);
    assert.deepEqual(resolve('21:*'), [20]);
    assert.deepEqual(resolve('*'), [20]);
    assert.deepEqual(resolve('21:4294967295'), []);
    assert.deepEqual(uidsAt(resolveUids(parseSequenceSet('1:*') as number[], UidList.empty), UidList.empty), []);
    assert.deepEqual(uidsAt(positionsOf([3, 4, 9, 20], told), told), [3, 9, 20]);
  });

  it('cost nothing for large ranges', () => {
    assert.equal(countPositions(resolveUids(parseSequenceSet('1:4294967295') as number[], told)), 5);
  });

  it('refuse what is none', () => {
    for (const text of ['', '0', '1:', ':1', '1,', '1::2', '4294967296', '01', '1:2:3', '$,1', 'x']) {
      assert.throws(() => parseSequenceSet(text), text);
    }
  });

  it('hold a number exactly when they name it', () => {
    const set = parseSequenceSet('2:4,8:*') as number[];
    assert.deepEqual(
      [1, 2, 5, 8, 9].map((n) => isInRanges(set, n, 9)),
      [false, true, false, true, true],
    );
  });

  it('are written shortly and read back', () => {
    assert.equal(formatSet([1, 2, 3, 7, 9, 10]), '1:3,7,9:10');
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (numbers) => {
        const ascending = numbers.toSorted((a, b) => a - b);
        const list = UidList.from(ascending);
        const set = parseSequenceSet(formatSet(ascending)) as number[];
        assert.deepEqual(uidsAt(resolveUids(set, list), list), ascending);
      }),
    );
  });
});
