import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UidList } from './uid-list.ts';

const uids = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((list) => list.toSorted((a, b) => a - b));

test('a list answers as the plain array does', () => {
  fc.assert(
    fc.property(uids, fc.integer({ min: 0, max: 61 }), (list, probe) => {
      const subject = UidList.from(list);
      assert.deepEqual([...subject], list);
      assert.equal(subject.indexOf(probe), list.indexOf(probe));
      assert.equal(subject.lowerBound(probe), list.filter((uid) => uid < probe).length);
      assert.equal(subject.at(probe), list[probe] ?? 0);
      assert.equal(subject.last, list.at(-1) ?? 0);
    }),
  );
});

test('with and without are union and difference, and leave the list as it was', () => {
  fc.assert(
    fc.property(uids, uids, (list, others) => {
      const subject = UidList.from(list);
      assert.deepEqual(
        Array.from(subject.with(others)),
        [...new Set([...list, ...others])].toSorted((a, b) => a - b),
      );
      assert.deepEqual(
        Array.from(subject.without(others)),
        list.filter((uid) => !others.includes(uid)),
      );
      assert.deepEqual([...subject], list);
    }),
  );
});

test('writing behind its length does not change a list', () => {
  const shared = Uint32Array.from([3, 5, 0, 0]);
  const list = new UidList(shared, 2);
  shared[2] = 9;
  assert.deepEqual([...list], [3, 5]);
  assert.equal(list.indexOf(9), -1);
});
