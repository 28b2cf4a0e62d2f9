import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { readConfig } from './config.ts';
import { findOwnAddresses } from './own-addresses.ts';

const find = (smtp: string): readonly string[] => [
  ...findOwnAddresses(readConfig(`[listen]\nsmtp = ["${smtp}"]\n`, 'test.toml', {})),
];

test('where we listen on the port of mail is ours, and nothing else', () => {
  assert.deepEqual(find('192.0.2.1:25'), ['192.0.2.1']);
  assert.deepEqual(find('192.0.2.1:2525'), []);
});

test('who listens everywhere listens on every interface', () => {
  const [first] = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  if (first === undefined) assert.fail('this machine has no interface');
  assert.ok(find(':25').includes(first.address));
});
