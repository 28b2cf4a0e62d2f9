import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, peerNetwork, plainAddress } from './network-address.ts';

test('one peer is an IPv4 address or an IPv6 /64', () => {
  assert.equal(peerNetwork('192.0.2.1'), '192.0.2.1');
  assert.equal(peerNetwork('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(peerNetwork('2001:db8:0:1:a:b:c:d'), '2001:db8:0:1');
  assert.equal(peerNetwork('2001:DB8:0:01::d'), '2001:db8:0:1');
  assert.equal(peerNetwork('2001:db8::d'), '2001:db8:0:0');
  assert.equal(peerNetwork('1::'), '1:0:0:0');
  assert.equal(peerNetwork('fe80::1%eth0'), 'fe80:0:0:0');
  assert.equal(peerNetwork('64:ff9b:1::192.0.2.1'), '64:ff9b:1:0');
});

test('addresses are shown plain, and loopback is known in every form', () => {
  assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
  for (const address of ['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1']) assert.ok(isLoopback(address), address);
  for (const address of ['128.0.0.1', '::2', '127.example', '10.0.0.1']) assert.ok(!isLoopback(address), address);
});
