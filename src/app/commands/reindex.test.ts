import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from '#search/query.ts';
import { openTestSystem } from './testing/test-system.ts';

test('reindex brings the index up to date, and makes it anew', async (t) => {
  const { system, run } = await openTestSystem(t);
  await run(['domain', 'add', 'kust.example']);
  await run(['account', 'create', 'li@kust.example', '--password', 'geheim 密码 42!']);
  const address = await system.directory.findAddress('li@kust.example');
  assert.ok(address);
  const { accountId } = address;
  const message = system.mail.prepareMessage(Buffer.from('Subject: x\r\n\r\nseminar\r\n'));
  await system.mail.deliver(message, [accountId], 0);
  const indexed = async (): Promise<number> =>
    (await system.searchIndex.find(accountId, parseQuery('seminar'))).emailIds.length;
  assert.equal(await indexed(), 0);
  assert.deepEqual(await run(['reindex']), {
    exit: 0,
    out: 'The search index is up to date; 1 message indexed.\n',
    err: '',
  });
  assert.equal(await indexed(), 1);
  assert.match((await run(['reindex'])).out, /0 messages indexed/);
  assert.match((await run(['reindex', 'li@kust.example'])).out, /1 message indexed/);
  assert.match((await run(['reindex', '--all'])).out, /1 message indexed/);
  assert.equal(await indexed(), 1);
  await assert.rejects(run(['reindex', '--all', 'li@kust.example']), /not both/);
  assert.match((await run(['doctor', 'store'])).out, /search index: up to date/);
});
