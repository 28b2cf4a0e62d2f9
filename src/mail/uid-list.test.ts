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

test('a list whose beginning is not known answers the same from there on, and throws before', () => {
  fc.assert(
    fc.property(uids, fc.nat(20), uids, fc.integer({ min: 1, max: 61 }), (list, cut, others, probe) => {
      const known = Math.min(cut, list.length);
      const rest = list.slice(known);
      const fromUid = rest[0] ?? (list.at(-1) ?? 0) + 1;
      const subject = new UidList(Uint32Array.from(rest), list.length, known, fromUid);
      const whole = UidList.from(list);
      assert.equal(subject.length, list.length);
      if (known > 0 && probe < fromUid) assert.throws(() => subject.indexOf(probe));
      else {
        assert.equal(subject.indexOf(probe), whole.indexOf(probe));
        assert.equal(subject.lowerBound(probe), whole.lowerBound(probe));
      }
      if (probe < known) assert.throws(() => subject.at(probe));
      else assert.equal(subject.at(probe), whole.at(probe));
      assert.deepEqual(subject.slice(known, list.length), rest);
      if (known > 0) assert.throws(() => subject.slice(0, 1));
      if (list.length > 0) assert.ok(subject.end > (list.at(-1) as number));

      const isKnown = (uid: number): boolean => known === 0 || uid >= fromUid;
      const leaving = others.filter((uid) => isKnown(uid) || list.includes(uid));
      const without = subject.without(leaving);
      assert.equal(without.length, whole.without(leaving).length);
      assert.deepEqual(
        without.slice(without.known, without.length),
        rest.filter((uid) => !leaving.includes(uid)),
      );
      const coming = others.filter((uid) => isKnown(uid) || !list.includes(uid));
      assert.equal(subject.with(coming).length, whole.with(coming).length);
      const back = without.with(leaving.filter((uid) => list.includes(uid)));
      assert.equal(back.length, list.length);
      assert.deepEqual(back.slice(known, back.length), rest);
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
