import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionCounter } from './connection-counter.ts';

test('connections are counted in all and by peer, and those who left are forgotten', () => {
  const counter = new ConnectionCounter(4, 2);
  assert.equal(counter.enter('2001:db8::1'), 'ok');
  assert.equal(counter.enter('2001:db8::2'), 'ok');
  assert.equal(counter.enter('2001:db8::3'), 'tooManyFromAddress');
  counter.leave('2001:db8::1');
  assert.equal(counter.enter('2001:db8::3'), 'ok');
  assert.equal(counter.enter('192.0.2.1'), 'ok');
  assert.equal(counter.total, 3);
});

test('loopback is limited in all only', () => {
  const counter = new ConnectionCounter(3, 1);
  for (let i = 0; i < 3; i++) assert.equal(counter.enter('127.0.0.1'), 'ok');
  assert.equal(counter.enter('::1'), 'tooMany');
  counter.leave('127.0.0.1');
  assert.equal(counter.enter('::1'), 'ok');
});
