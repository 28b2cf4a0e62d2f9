import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '#test/harness/stores.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { MAIL_LIMITS } from './limits.ts';
import { Mail } from './mail.ts';

const ME = 5 as AccountId;
const INBOX = 1 as MailboxId;
const TARGET = '归档 & Résumé';
const MANY = MAIL_LIMITS.operationEmails * 2 + 10;

/** An inbox of MANY, and the names of the operations that are run after it is filled. */
async function openFull() {
  const store = await openTestStore('memory');
  const account = new Mail(store.mail).account(ME);
  const message = account.prepareMessage(Buffer.from('Subject: 开学通知\r\n\r\nx\r\n'));
  const item = { message, mailboxes: ['inbox' as const], keywords: [] };
  await account.append({ source: 'imap', items: Array.from({ length: MANY }, () => item) });
  const run: string[] = [];
  let failing = Infinity;
  const real = store.mail.run.bind(store.mail);
  store.mail.run = (requests) => {
    run.push(...requests.map(({ name }) => name));
    if (run.length >= failing) return Promise.reject(new Error('the disk is full'));
    return real(requests);
  };
  const uids = Array.from({ length: MANY }, (_, at) => at + 1);
  return { store, account, uids, run, failAt: (count: number) => void (failing = count) };
}

test('keywords of many messages are set by several operations, and what they did is told together', async () => {
  const { store, account, uids, run } = await openFull();
  const asked = [...uids, MANY + 7];
  const change = { mailboxId: INBOX, change: 'add', keywords: ['$seen'], deleted: false } as const;
  await account.setKeywords({ ...change, uids: [3, MANY - 1] });
  const before = await account.modSeq();
  const result = await account.setKeywords({ ...change, uids: asked, unchangedSince: before - 1 });
  assert.deepEqual(run, ['setKeywords', 'setKeywords', 'setKeywords', 'setKeywords']);
  assert.deepEqual(result.modSeqs, [before + 1, before + 2, before + 3]);
  assert.deepEqual(result.modified, [3, MANY - 1]);
  assert.deepEqual(result.missing, [MANY + 7]);
  assert.equal(result.changed.length, MANY - 2);
  const again = await account.setKeywords({ ...change, uids });
  assert.deepEqual(again.modSeqs, []);
  await store.mail.checkInvariants();
  await store.close();
});

test('all that is marked is expunged, however much it is', async () => {
  const { store, account, uids, run } = await openFull();
  const kept = [5, MANY];
  await account.setKeywords({
    mailboxId: INBOX,
    uids: uids.filter((uid) => !kept.includes(uid)),
    change: 'add',
    keywords: [],
    deleted: true,
  });
  run.length = 0;
  const expunged = await account.expunge({ mailboxId: INBOX, onlyDeleted: true });
  assert.deepEqual(
    expunged,
    uids.filter((uid) => !kept.includes(uid)),
  );
  assert.equal(run.length, 3);
  assert.deepEqual(Array.from((await store.mail.reader.entries(ME, INBOX)).uids), kept);
  await store.mail.checkInvariants();
  await store.close();
});

test('a move that fails on its way leaves what it has moved, and says so', async () => {
  const { store, account, uids, failAt } = await openFull();
  await account.createMailbox({ path: TARGET });
  const archive = await account.findMailbox(TARGET);
  failAt(3);
  let moved = 0;
  await assert.rejects(async () => {
    const args = { fromMailboxId: INBOX, toMailboxId: archive?.mailboxId as MailboxId, uids };
    for await (const { from } of account.moveInSlices(args)) moved += from.length;
  }, /the disk is full/);
  assert.equal(moved, MAIL_LIMITS.operationEmails);
  assert.equal((await account.findMailbox(TARGET))?.totalEmails, moved);
  assert.equal((await account.findMailbox('INBOX'))?.totalEmails, MANY - moved);
  await store.close();
});

test('a mailbox is emptied of what had come by then, however much it is, for good or into another', async () => {
  const { store, account, run } = await openFull();
  await account.createMailbox({ path: TARGET });
  const target = (await account.findMailbox(TARGET))?.mailboxId ?? assert.fail();
  await account.copy({ fromMailboxId: INBOX, toMailboxId: target, uids: [1, 2] });
  run.length = 0;
  const by = { way: 'web', login: 'li@uni.example', agent: '' } as const;
  const below = MANY - 4;
  assert.deepEqual(await account.empty({ mailboxId: INBOX, below, into: target, atMost: 1_500 }), {
    emptied: 1_500,
    left: MANY - 5 - 1_500,
  });
  assert.deepEqual(await account.empty({ mailboxId: INBOX, below, by }), { emptied: MANY - 5 - 1_500, left: 0 });
  assert.deepEqual(run, ['setEmails', 'setEmails', 'expunge']);
  assert.equal((await account.findMailbox('INBOX'))?.totalEmails, 5);
  assert.equal((await account.findMailbox(TARGET))?.totalEmails, 1_500, 'what was there already is there once');
  assert.equal((await account.latestDeletions(MANY)).length, MANY - 5 - 1_500);
  await store.mail.checkInvariants();
  await store.close();
});

test('a large mailbox is removed in several operations, one that may not be removed keeps all it has', async () => {
  const { store, account, run } = await openFull();
  await account.createMailbox({ path: `${TARGET}/下` });
  const { mailboxId } = (await account.findMailbox(TARGET)) ?? assert.fail();
  await account.empty({ mailboxId: INBOX, below: MANY + 1, into: mailboxId });
  const args = { mailboxId, removeEmails: true, by: { way: 'imap', login: '', agent: '' } } as const;
  await assert.rejects(account.deleteMailbox(args), { code: 'inUse' });
  assert.equal((await account.findMailbox(TARGET))?.totalEmails, MANY);
  run.length = 0;
  await account.deleteMailbox({ ...args, keepName: true });
  assert.deepEqual(run, ['deleteMailbox', 'expunge', 'expunge', 'expunge', 'deleteMailbox']);
  assert.equal((await account.latestDeletions(MANY)).length, MANY);
  assert.equal((await account.findName(TARGET))?.selectable, false);
  await store.mail.checkInvariants();
  await store.close();
});
