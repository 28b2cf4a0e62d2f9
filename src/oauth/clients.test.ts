import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admitsRedirect, destinationOf, findRedirectFault, readScopes, type OAuthClient } from './clients.ts';

const client = (...redirects: string[]): OAuthClient => ({
  clientId: 'program',
  title: '邮件程序',
  scopes: ['imap'],
  redirects,
});

test('addresses that codes may be sent to', () => {
  for (const good of [
    'http://127.0.0.1/back',
    'http://[::1]:1234/back?a=b',
    'http://localhost',
    'https://mail.example.edu/back',
    'org.example.program:/back',
    'cn.edu.kust.mail://oauth',
  ])
    assert.equal(findRedirectFault(good), undefined, good);
  for (const bad of [
    '',
    'back',
    '/back',
    '//evil.example/back',
    'http://mail.example.edu/back',
    'http://127.0.0.1.evil.example/',
    'http://127.0.0.1@evil.example/',
    'http://localhost.evil.example/',
    'http://localhost:80@evil.example/',
    'http://127.0.0.2/',
    'https://user@mail.example.edu/back',
    'https://mail.example.edu/back#part',
    'https://mail.example.edu/back#',
    'https://mail.example.edu/ab c',
    'https://mail.example.edu/\nback',
    'https://mail.example.edu/回',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'mailto:zhang@kust.edu.cn',
    'program:/back',
  ])
    assert.notEqual(findRedirectFault(bad), undefined, bad);
});

test('a code goes to an address of the client letter for letter, on the same computer to any port', () => {
  const one = client('https://mail.example.edu/back', 'http://127.0.0.1/back', 'org.example.program:/back');
  for (const good of [
    'https://mail.example.edu/back',
    'http://127.0.0.1/back',
    'http://127.0.0.1:49152/back',
    'org.example.program:/back',
  ])
    assert.ok(admitsRedirect(one, good), good);
  for (const bad of [
    'https://mail.example.edu/back/',
    'https://mail.example.edu/Back',
    'https://MAIL.example.edu/back',
    'https://mail.example.edu:443/back',
    'https://mail.example.edu:8443/back',
    'https://mail.example.edu/back?next=https://evil.example',
    'https://mail.example.edu/x/../back',
    'https://mail.example.edu.evil.example/back',
    'https://evil.example/https://mail.example.edu/back',
    'http://mail.example.edu/back',
    'http://127.0.0.1:49152/other',
    'http://127.0.0.1:49152@evil.example/back',
    'http://127.0.0.1:123456/back',
    'http://localhost:49152/back',
    'http://[::1]:49152/back',
    'https://127.0.0.1:49152/back',
    'org.example.program:/other',
    'org.example.program2:/back',
    'javascript:alert(1)',
    '',
  ])
    assert.ok(!admitsRedirect(one, bad), bad);
  assert.ok(admitsRedirect(client('http://localhost'), 'http://localhost:1025'));
  assert.ok(!admitsRedirect(client('http://localhost'), 'http://localhost:1025/'));
});

test('people are told where a code goes', () => {
  assert.deepEqual(destinationOf('http://[::1]:1234/x'), { kind: 'device' });
  assert.deepEqual(destinationOf('org.example.program:/x'), { kind: 'program', scheme: 'org.example.program' });
  assert.deepEqual(destinationOf('https://a.example:8443/x'), { kind: 'site', host: 'a.example:8443' });
});

test('scopes are words of ours, in one order, once', () => {
  assert.deepEqual(readScopes('offline_access smtp imap imap openid IMAP'), ['imap', 'smtp', 'offline_access']);
  assert.deepEqual(readScopes('imap,smtp'), []);
});
