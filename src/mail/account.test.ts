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
