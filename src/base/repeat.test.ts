import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './clock.ts';
import { repeat } from './repeat.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one run at a time, each a pause after the end of the last, also of one that fails', async () => {
  const clock = new FakeClock();
  let ends = Promise.withResolvers<void>();
  let runs = 0;
  const failures: unknown[] = [];
  const repetition = repeat({
    clock,
    pauseMs: () => 10,
    run: () => {
      runs++;
      return ends.promise;
    },
    onFailure: (error) => failures.push(error),
  });
  assert.equal(runs, 0);
  clock.advance(10);
  clock.advance(1000);
  assert.equal(runs, 1, 'the first has not ended');
  ends.reject('injected');
  await repetition.settled();
  assert.deepEqual(failures, ['injected']);
  ends = Promise.withResolvers();
  clock.advance(9);
  assert.equal(runs, 1);
  clock.advance(1);
  assert.equal(runs, 2);
  repetition.stop();
  ends.reject('it was stopped');
  await repetition.settled();
  clock.advance(1000);
  assert.equal(runs, 2);
  assert.equal(failures.length, 1);
});

test('the first at once where it is wanted, and told when it is to end', async () => {
  let isEnding = (): boolean => false;
  const never = Promise.withResolvers<void>();
  const { stop } = repeat({
    clock: new FakeClock(),
    pauseMs: () => 10,
    isAtOnce: true,
    run(isStopped) {
      isEnding = isStopped;
      return never.promise;
    },
    onFailure: () => assert.fail('nothing fails'),
  });
  await turn();
  assert.equal(isEnding(), false);
  stop();
  assert.equal(isEnding(), true);
});
