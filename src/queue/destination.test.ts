import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { canonicalDestination } from './destination.ts';

describe('canonicalDestination', () => {
  for (const [address, expected] of [
    ['a@Example.ORG', 'example.org'],
    ['"a@b"@example.org', 'example.org'],
    ['a@例子.中国', 'xn--fsqu00a.xn--fiqs8s'],
    ['a@XN--FSQU00A.xn--fiqs8s', 'xn--fsqu00a.xn--fiqs8s'],
    ['a@[IPv6:2001:DB8::1]', '[ipv6:2001:db8::1]'],
    ['a@[192.0.2.1]', '[192.0.2.1]'],
    ['a@no domain', 'no domain'],
  ] as const)
    it(`${address} goes to ${expected}`, () => assert.equal(canonicalDestination(address), expected));
});
