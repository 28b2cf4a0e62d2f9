import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openJmap } from '#jmap/testing/jmap.ts';

test('an owner sees how far the mail has come, until all is here and they have said so', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const { migration } = jmap.store;
  const list = async (): Promise<unknown[]> => (await jmap.call('MailMove/get')).list as unknown[];
  assert.deepEqual(await list(), []);
  await jmap.call('MailMove/dismiss');

  await migration.run('enlist', { accountId: 1, login: 'old' });
  assert.deepEqual((await jmap.call('MailMove/get', { properties: ['state', 'finishedAt'] })).list, [
    { id: 'singleton', state: 'waiting', finishedAt: null },
  ]);
  await migration.run('claim', { pass: 'delta', runAt: 0, after: 0 });
  const mailbox = {
    accountId: 1,
    path: 'INBOX',
    mailboxId: 1,
    uidValidity: 1,
    doneUid: 9,
    until: 5,
    sourceMessages: 10,
    sourceBytes: 1000,
    copiedMessages: 6,
    copiedBytes: 600,
    presentMessages: 3,
    presentBytes: 300,
  };
  const failed = [{ uid: 4, sizeBytes: 100, reason: 'broken' }];
  await migration.run('progress', { mailbox, fromEmailId: 1, failed, mended: [] });
  assert.equal((await jmap.refusal('MailMove/dismiss')).type, 'forbidden');
  await migration.run('finish', { accountId: 1, state: 'done', reason: '', skippedMailboxes: 0 });
  assert.deepEqual(await list(), [
    {
      id: 'singleton',
      state: 'done',
      sourceMessages: 10,
      sourceSize: 1000,
      movedMessages: 9,
      movedSize: 900,
      failedMessages: 1,
      finishedAt: new Date(jmap.clock.now()).toISOString().replace('.000', ''),
    },
  ]);
  await jmap.call('MailMove/dismiss');
  assert.deepEqual(await list(), []);
});
