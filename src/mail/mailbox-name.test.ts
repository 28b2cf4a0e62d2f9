import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseMailboxName, parseMailboxPath } from './mailbox-name.ts';

test('names are NFC; INBOX in any case is INBOX, at the top only', () => {
  assert.equal(normaliseMailboxName('Re\u0301sume\u0301'), 'R\u00e9sum\u00e9');
  assert.deepEqual(parseMailboxPath('inBox/归档 & Résumé'), ['INBOX', '归档 & Résumé']);
  assert.deepEqual(parseMailboxPath('Archive/inbox'), ['Archive', 'inbox']);
  assert.deepEqual(parseMailboxPath('Archive/2019/'), ['Archive', '2019']);
});

test('what no client could show or reach is refused with a reason', () => {
  for (const bad of ['', '/', 'a//b', '/a', 'a\u0000b', 'a\nb', 'a\u2028b', 'a\ud800b', '长'.repeat(86)]) {
    assert.throws(() => parseMailboxPath(bad), { code: 'invalid' }, JSON.stringify(bad));
  }
  assert.throws(() => parseMailboxPath(Array.from({ length: 21 }, () => 'x').join('/')), { code: 'invalid' });
});

test('a name of marks without end is refused before it is composed', () => {
  const startedAt = performance.now();
  assert.throws(() => parseMailboxPath('\u0301\u0323'.repeat(100_000)), /longer than 255 octets/);
  assert.ok(performance.now() - startedAt < 2_000);
});
