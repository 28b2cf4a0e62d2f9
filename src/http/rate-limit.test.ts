import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { RateLimit } from './rate-limit.ts';

function limitOf(callersKept = 10) {
  const clock = new FakeClock();
  const rates = { requestsPerMinute: 60, octetsPerMinute: 6000 };
  return { clock, limit: new RateLimit<string>({ clock, rates, callersKept }) };
}

test('a minute’s worth at once, then as time passes', () => {
  const { clock, limit } = limitOf();
  let entered = 0;
  while (limit.enter('a') === 'ok') entered++;
  assert.ok(entered >= 60 && entered <= 62, String(entered));
  assert.equal(limit.enter('b'), 'ok');
  const waitMs = limit.enter('a');
  assert.ok(typeof waitMs === 'number' && waitMs > 0 && waitMs <= 1000);
  clock.advance(waitMs);
  assert.equal(limit.enter('a'), 'ok');
  assert.notEqual(limit.enter('a'), 'ok');
});

test('octets count too: what was let in is paid for before the next', () => {
  const { clock, limit } = limitOf();
  assert.equal(limit.enter('a'), 'ok');
  limit.charge('a', 60_000);
  const waitMs = limit.enter('a');
  assert.ok(typeof waitMs === 'number' && waitMs > 8 * 60_000, String(waitMs));
  clock.advance(10 * 60_000);
  assert.equal(limit.enter('a'), 'ok');
});

test('of strangers beyond the number kept, the one longest away is forgotten', () => {
  const { limit } = limitOf(1);
  limit.charge('a', 1e9);
  assert.notEqual(limit.enter('a'), 'ok');
  limit.enter('b');
  assert.equal(limit.enter('a'), 'ok');
});
