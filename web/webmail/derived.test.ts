import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derive } from './derived.ts';
import { createLive, type Live } from './live.ts';

function counted<Value>(live: Live<Value>): Live<Value> & { readonly count: () => number } {
  let count = 0;
  return {
    getSnapshot: live.getSnapshot,
    subscribe(listener) {
      count++;
      const stop = live.subscribe(listener);
      return () => {
        count--;
        stop();
      };
    },
    count: () => count,
  };
}

test('follows the sources it read, and no others, while somebody listens', () => {
  const which = createLive('a');
  const a = createLive(1);
  const b = createLive(10);
  const [countedA, countedB] = [counted(a), counted(b)];
  const sum = derive((read) => {
    const name = read('which', () => which);
    return { value: read<number>(name, () => (name === 'a' ? countedA : countedB)) };
  });
  assert.equal(sum.getSnapshot().value, 1);
  assert.equal(sum.getSnapshot(), sum.getSnapshot());
  assert.equal(countedA.count(), 0);
  let told = 0;
  const stop = sum.subscribe(() => told++);
  a.set(2);
  assert.deepEqual([sum.getSnapshot().value, told], [2, 1]);
  which.set('b');
  assert.deepEqual([countedA.count(), countedB.count()], [0, 1]);
  a.set(3);
  assert.deepEqual([sum.getSnapshot().value, told], [10, 2]);
  stop();
  assert.equal(countedB.count(), 0);
});
