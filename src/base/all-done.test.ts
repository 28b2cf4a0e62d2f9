import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allDone } from './all-done.ts';

test('the first error is thrown when the last of them has ended', async () => {
  const { promise: slow, resolve } = Promise.withResolvers<string>();
  let ended = '';
  const all = allDone([
    Promise.reject(new Error('甲')),
    slow.then((text) => (ended = text)),
    Promise.reject(new Error('乙')),
  ]);
  setImmediate(() => resolve('结束'));
  await assert.rejects(all, /甲/);
  assert.equal(ended, '结束');
  assert.deepEqual(await allDone([Promise.resolve(1), Promise.resolve(2)]), [1, 2]);
});
