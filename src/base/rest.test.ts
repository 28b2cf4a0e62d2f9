import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbageAtRest } from './rest.ts';

test('garbage is collected once when work is over, and not while it goes on', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let activeMs = 0;
  let collections = 0;
  const watch = collectGarbageAtRest({ activeMs: () => activeMs, collect: () => collections++ });
  const pass = (workMs: number): number => {
    activeMs += workMs;
    t.mock.timers.tick(3_000);
    return collections;
  };
  assert.equal(pass(50), 0, 'little was done yet');
  assert.equal(pass(5_000), 0, 'at work');
  assert.equal(pass(50), 1);
  assert.equal(pass(50), 1, 'nothing new to find');
  assert.equal(pass(440), 1);
  assert.equal(pass(20), 2);
  watch.stop();
  assert.equal(pass(5_000), 2);
  assert.equal(pass(0), 2);
});
