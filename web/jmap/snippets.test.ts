import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from './connection.ts';
import { readPieces, Snippets } from './snippets.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';

test('marks are told apart, and all else is text whatever it looks like', () => {
  assert.deepEqual(readPieces('a &lt;b&gt; <mark>期&amp;末</mark>考试 <img src=x>'), [
    { text: 'a <b> ', isFound: false },
    { text: '期&末', isFound: true },
    { text: '考试 <img src=x>', isFound: false },
  ]);
  assert.deepEqual(readPieces(''), []);
  assert.equal(readPieces(null), undefined);
});

test('each row is asked for once, and none where no words are looked for', async () => {
  const server = new FakeServer();
  const browser = new FakeBrowser(server);
  server.snippet = (emailId) => ({ emailId, subject: `<mark>${emailId}</mark>`, preview: null });
  const connection = new Connection(browser.openTab());
  const snippets = new Snippets(connection, ACCOUNT, {
    operator: 'AND',
    conditions: [{ text: 'x' }, { inMailbox: 'M' }],
  });
  await snippets.show(['E1', 'E2']);
  await snippets.show(['E2', 'E3']);
  await snippets.show(['E3']);
  assert.deepEqual([...snippets.getSnapshot().keys()], ['E1', 'E2', 'E3']);
  assert.deepEqual(snippets.getSnapshot().get('E3')?.subject, [{ text: 'E3', isFound: true }]);
  assert.equal(server.requests.length, 2);
  await new Snippets(connection, ACCOUNT, { operator: 'NOT', conditions: [{ text: 'x' }] }).show(['E1']);
  await new Snippets(connection, ACCOUNT, { hasAttachment: true }).show(['E1']);
  assert.equal(server.requests.length, 2);
});
