import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadPatiently, NotLoaded } from './later.ts';

/** Fails so often. */
function openLine(failures: number) {
  const line = { loads: 0, reachable: async () => {} };
  const load = async () => {
    line.loads += 1;
    if (line.loads <= failures) throw new TypeError('Failed to fetch dynamically imported module');
    return 'part';
  };
  const begin = () => loadPatiently(load, { reachable: () => line.reachable(), wait: async () => {} });
  return { line, begin };
}

test('a part that is not there at once is asked for again, and given up in the end', async () => {
  const twice = openLine(2);
  assert.equal(await twice.begin(), 'part');
  const always = openLine(3);
  await assert.rejects(always.begin(), NotLoaded);
  assert.equal(always.line.loads, 3);
});

test('nothing is asked for where nothing can be reached: a browser may remember that it failed', async () => {
  const { line, begin } = openLine(0);
  const { promise, resolve } = Promise.withResolvers<void>();
  line.reachable = () => promise;
  const loading = begin();
  await new Promise(setImmediate);
  assert.equal(line.loads, 0);
  resolve();
  assert.equal(await loading, 'part');
});
