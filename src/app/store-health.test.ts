import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { StoreHealth } from './store-health.ts';

function openHealth(): {
  health: StoreHealth;
  clock: FakeClock;
  store: { read: unknown; write: unknown };
  asked(): number;
} {
  const clock = new FakeClock();
  const store: { read: unknown; write: unknown } = { read: undefined, write: undefined };
  let asked = 0;
  const answer = async (trouble: unknown): Promise<void> => {
    if (trouble instanceof Error) throw trouble;
    await trouble;
  };
  const health = new StoreHealth({
    clock,
    directoryStore: { reader: { domains: () => answer(store.read).then(() => []) } },
    maintenance: {
      probe() {
        asked++;
        return answer(store.write);
      },
    },
  });
  return { health, clock, store, asked: () => asked };
}

test('a store that cannot write is in trouble, and well again by itself', async () => {
  const { health, clock, store, asked } = openHealth();
  assert.deepEqual(await health.findTroubles(), []);
  store.write = new Error('ENOSPC: no space left on device, write');
  clock.advance(4_999);
  assert.deepEqual(await health.findTroubles(), []);
  clock.advance(1);
  assert.deepEqual(await health.findTroubles(), ['the store cannot write: ENOSPC: no space left on device, write']);
  store.write = undefined;
  clock.advance(5_000);
  assert.deepEqual(await health.findTroubles(), []);
  assert.equal(asked(), 3);
});

test('a store that cannot be read is not written to', async () => {
  const { health, store, asked } = openHealth();
  store.read = new Error('gone');
  assert.deepEqual(await health.findTroubles(), ['the store does not answer: gone']);
  assert.equal(asked(), 0);
});

test('a store that hangs is asked once, and in trouble until it answers', async () => {
  const { health, clock, store, asked } = openHealth();
  const { promise, resolve } = Promise.withResolvers<void>();
  store.write = promise;
  for (let i = 0; i < 3; i++) {
    const troubles = health.findTroubles();
    clock.advance(3_000);
    assert.deepEqual(await troubles, ['the store takes longer than 3 s']);
  }
  const troubles = health.findTroubles();
  resolve();
  assert.deepEqual(await troubles, []);
  assert.equal(asked(), 1);
});
