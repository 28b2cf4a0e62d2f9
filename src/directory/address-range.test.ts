import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from '#base/network-address.ts';
import { createNetworkTest, findAddressRange } from './address-range.ts';

test('IPv4 counts by /24, also when mapped into IPv6', () => {
  assert.deepEqual(findAddressRange('192.0.2.77'), { range: '192.0.2.0/24', wider: undefined });
  assert.deepEqual(findAddressRange('::ffff:192.0.2.77'), { range: '192.0.2.0/24', wider: undefined });
});

test('IPv6 counts by /64 and /48, however it is written', () => {
  const expected = { range: '2001:da8:0:1::/64', wider: '2001:da8:0::/48' };
  for (const spelling of [
    '2001:da8:0:1::5',
    '2001:DA8:0:1:0:0:0:5',
    '2001:0da8:0000:0001::192.0.2.1',
    '2001:da8:0:1::',
  ]) {
    assert.deepEqual(findAddressRange(spelling), expected, spelling);
  }
  assert.equal(findAddressRange('fe80::1%eth0').range, 'fe80:0:0:0::/64');
  assert.equal(findAddressRange('::1').range, '0:0:0:0::/64');
  assert.equal(findAddressRange('1:2:3:4:5:6:7::').range, '1:2:3:4::/64');
  assert.equal(findAddressRange('::1:2:3:4:5:6:7').range, '0:1:2:3::/64');
  assert.equal(findAddressRange('::2:3:4:5:192.0.2.1').range, '0:0:2:3::/64');
});

test('what is no address is a bounded range of its own', () => {
  assert.deepEqual(findAddressRange('unix'), { range: 'unix', wider: undefined });
  assert.equal(findAddressRange('x'.repeat(5000)).range.length, 64);
});

test('loopback in all its spellings, and nothing that merely begins so', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) assert.ok(isLoopback(address), address);
  for (const address of ['127.example.org', '128.0.0.1', '::2', '']) assert.equal(isLoopback(address), false, address);
});

test('networks', () => {
  const isCampus = createNetworkTest(['10.0.0.0/8', '2001:da8::/32']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:da8:1::1']) assert.ok(isCampus(address), address);
  for (const address of ['11.1.2.3', '2001:da9::1', 'unix']) assert.equal(isCampus(address), false, address);
  assert.throws(() => createNetworkTest(['10.0.0.0']), /not a network/);
});
