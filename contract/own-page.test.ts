import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownPage } from './own-page.ts';

test('a page of ours is itself, and everything else the first page', () => {
  for (const page of ['/', '/mail/inbox', '/open?to=read&id=a%26b', '/mail/a?b']) assert.equal(ownPage(page), page);
  assert.equal(ownPage('/a"<>?q="<>'), '/a%22%3C%3E?q=%22%3C%3E');
  for (const elsewhere of [
    null,
    '',
    'mail',
    'https://evil.example/',
    'javascript:alert(1)',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\t/[',
    '/x/..//evil.example',
    '/./\\evil.example',
    ` //evil.example`,
    `/${'a'.repeat(600)}`,
  ])
    assert.equal(ownPage(elsewhere), '/', String(elsewhere));
});
