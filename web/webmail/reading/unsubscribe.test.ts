import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUnsubscribe } from './unsubscribe.ts';

test('what the list prefers of what can be used is taken', () => {
  assert.deepEqual(readUnsubscribe(['http://a.example/', 'https://list.example/u?id=1', 'mailto:u@list.example']), {
    by: 'page',
    url: 'https://list.example/u?id=1',
    host: 'list.example',
  });
  assert.deepEqual(readUnsubscribe(['mailto:u+42@list.example', 'https://list.example/']), {
    by: 'letter',
    to: 'u+42@list.example',
    subject: '',
    text: '',
  });
});

test('a letter says what its URL says, in the order and case of nobody', () => {
  assert.deepEqual(
    readUnsubscribe(['MAILTO:u@list.example?BODY=leave%0D%0A%E6%95%99%E5%8A%A1&Subject=un%20subscribe']),
    {
      by: 'letter',
      to: 'u@list.example',
      subject: 'un subscribe',
      text: 'leave\n教务',
    },
  );
});

test('other recipients and header fields of a letter are left out', () => {
  const way = readUnsubscribe(['mailto:u@list.example?cc=all@campus.example&bcc=x@y.example&in-reply-to=%3C1%40x%3E']);
  assert.deepEqual(way, { by: 'letter', to: 'u@list.example', subject: '', text: '' });
});

test('controls and what turns the direction are in no subject and no text, which have an end', () => {
  const way = readUnsubscribe([`mailto:u@list.example?subject=a%0D%0ABcc:x%E2%80%AEb%00&body=${'x'.repeat(1_900)}`]);
  assert.deepEqual(way, { by: 'letter', to: 'u@list.example', subject: 'aBcc:xb', text: 'x'.repeat(1_000) });
});

test('hostile URLs do nothing', () => {
  const hostile = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'http://list.example/u',
    'ftp://list.example/u',
    'https:list.example',
    'https://',
    'https://bank.example@evil.example/',
    'https://u:p@evil.example/',
    'https://list.example/\u202Egnp.exe',
    'https://例子.example/',
    ' https://list.example/',
    `https://list.example/${'a'.repeat(2_000)}`,
    'mailto:',
    'mailto:?to=u@list.example',
    'mailto:a@list.example,b@list.example',
    'mailto:a@list.example%2Cb@list.example',
    'mailto:a%0D%0ABcc:b@list.example',
    'mailto:%22a%20b%22@list.example',
    'mailto:%E2%80%AEa@list.example',
    'mailto:%FF@list.example',
    'mailto:u@list.example?subject=%E4',
    '',
  ];
  for (const url of hostile) assert.equal(readUnsubscribe([url]), undefined, url);
  assert.equal(readUnsubscribe([...Array.from({ length: 10 }, () => 'x:y'), 'https://list.example/']), undefined);
  assert.equal(readUnsubscribe([]), undefined);
});

test('the host of a page is told as it is, not as it looks', () => {
  const way = readUnsubscribe(['https://xn--pple-43d.example/u']);
  assert.equal(way?.by === 'page' && way.host, 'xn--pple-43d.example');
});

test('by one click where it is announced and there is a page to post to, else as always', () => {
  const urls = ['mailto:u@list.example', 'https://list.example/u'];
  const letter = { by: 'letter', to: 'u@list.example', subject: '', text: '' };
  const way = { by: 'oneClick', host: 'list.example', otherwise: letter };
  assert.deepEqual(readUnsubscribe(urls, ' List-Unsubscribe=One-Click'), way);
  for (const post of [undefined, null, '', 'List-Unsubscribe', 'List-Unsubscribe=One-Click; x'])
    assert.deepEqual(readUnsubscribe(urls, post), letter);
  assert.deepEqual(readUnsubscribe(urls.slice(0, 1), 'List-Unsubscribe=One-Click'), letter);
});
