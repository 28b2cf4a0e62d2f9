import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isPrivateAddress } from './private-address.ts';

describe('isPrivateAddress', () => {
  const isPrivate = ['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.255.255'];
  isPrivate.push('192.0.2.1', '192.168.1.1', '198.18.0.1', '203.0.113.9', '224.0.0.1', '255.255.255.255');
  isPrivate.push('::', '::1', 'fc00::1', 'fd12::1', 'fe80::1', 'ff02::1', '2001:db8::1');
  isPrivate.push('::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:192.168.0.1', 'fe80::1%lo');
  for (const address of isPrivate) it(`${address} is`, () => assert.equal(isPrivateAddress(address), true));

  const isPublic = [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.128.0.0',
    '172.32.0.1',
    '192.0.1.1',
    '223.255.255.255',
  ];
  isPublic.push('2001:4860::1', '2a00::1', '::ffff:1.1.1.1');
  for (const address of isPublic) it(`${address} is not`, () => assert.equal(isPrivateAddress(address), false));
});
