import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCaller } from './caller.ts';

const isTrusted = (address: string): boolean => address.startsWith('10.') || address === '::1';
const read = (headers: Record<string, string>, address = '10.0.0.1', requested?: string) =>
  readCaller({ address, isSecure: false }, headers, requested, isTrusted);

test('a stranger’s word on whom it speaks for counts nothing', () => {
  const told = { host: 'Mail.KUST.example:8080', 'x-forwarded-for': '192.0.2.9', 'x-forwarded-proto': 'https' };
  assert.deepEqual(read(told, '198.51.100.1'), {
    address: '198.51.100.1',
    isSecure: false,
    authority: 'mail.kust.example:8080',
  });
});

test('a trusted proxy tells the client’s address, and nothing that stands before a stranger’s does', () => {
  assert.equal(read({ 'x-forwarded-for': '203.0.113.7, 192.0.2.9, 10.1.1.1' }).address, '192.0.2.9');
  assert.equal(read({ 'x-forwarded-for': '10.9.9.9, 10.1.1.1' }).address, '10.9.9.9');
  assert.equal(read({ 'x-forwarded-for': '192.0.2.9, unknown' }).address, '10.0.0.1');
  assert.equal(read({ 'x-forwarded-for': '[2001:db8::7]:4711' }).address, '2001:db8::7');
  assert.equal(read({ 'x-forwarded-for': '192.0.2.9:4711' }).address, '192.0.2.9');
  assert.equal(read({ 'x-forwarded-for': '::ffff:192.0.2.9' }).address, '192.0.2.9');
  assert.equal(read({}).address, '10.0.0.1');
});

test('Forwarded goes before the older fields', () => {
  const caller = read({
    host: 'inner',
    forwarded: 'for=203.0.113.7, For="[2001:db8::7]:4711";proto=https;host=mail.kust.example',
    'x-forwarded-for': '192.0.2.9',
  });
  assert.deepEqual(caller, { address: '2001:db8::7', isSecure: true, authority: 'mail.kust.example' });
});

test('the target’s host goes before Host, and some cannot be a host', () => {
  assert.equal(read({ host: 'a' }, '192.0.2.1', 'b:81').authority, 'b:81');
  assert.equal(read({ host: '[2001:db8::1]:8443' }).authority, '[2001:db8::1]:8443');
  for (const host of ['a b', 'a/b', 'user@a', 'a:b', 'a,b', '会议', 'a:999999'])
    assert.equal(read({ host }).authority, undefined, host);
});
