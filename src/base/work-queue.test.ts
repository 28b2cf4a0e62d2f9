import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailError } from './errors.ts';
import { WorkQueue } from './work-queue.ts';

test('runs so many at once, in order, and turns the rest away', async () => {
  const queue = new WorkQueue({ concurrency: 2, maxWaiting: 3 });
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const work = (n: number) => () => {
    started.push(n);
    return new Promise<number>((resolve) => finish.push(() => resolve(n)));
  };
  const results = [1, 2, 3, 4, 5].map((n) => queue.run(work(n)));
  await assert.rejects(queue.run(work(6)), (error) => isMailError(error, 'unavailable'));
  assert.deepEqual(started, [1, 2]);
  finish[1]?.();
  assert.equal(await results[1], 2);
  assert.deepEqual(started, [1, 2, 3]);
  for (let i = 0; i < 5; i++) {
    finish[i]?.();
    await new Promise(setImmediate);
  }
  assert.deepEqual(await Promise.all(results), [1, 2, 3, 4, 5]);
  assert.equal(await queue.run(async () => 7), 7);
});

test('work that fails gives its place back', async () => {
  const queue = new WorkQueue({ concurrency: 1, maxWaiting: 1 });
  const failing = queue.run(() => Promise.reject(new Error('no')));
  const waiting = queue.run(async () => 'yes');
  await assert.rejects(failing, /no/);
  assert.equal(await waiting, 'yes');
  assert.equal(await queue.run(async () => 'again'), 'again');
});
