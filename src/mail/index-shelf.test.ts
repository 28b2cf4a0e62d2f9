import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '#test/harness/stores.ts';
import type { AccountId, EmailId, MailboxId } from '#base/ids.ts';
import { IndexShelf } from './index-shelf.ts';
import { Mail } from './mail.ts';
import { MailAccount } from './account.ts';

const ME = 5 as AccountId;
const INBOX = 1 as MailboxId;

test('an index outlives its sessions, and shows what happened meanwhile once it is refreshed', async () => {
  const store = await openTestStore('memory');
  const account = new Mail(store.mail).account(ME);
  const letter = account.prepareMessage(Buffer.from('Subject: 学校通知\r\n\r\nx\r\n'));
  const append = () =>
    account.append({ source: 'imap', items: [{ message: letter, mailboxes: ['inbox'], keywords: [] }] });
  await append();
  const first = account.openIndex(INBOX);
  await first.index.refresh();
  first.release();
  first.release();
  await append();
  await account.expunge({ mailboxId: INBOX, uids: [1], onlyDeleted: false });

  const second = account.openIndex(INBOX);
  assert.equal(second.index, first.index);
  await second.index.refresh();
  assert.deepEqual(Array.from(second.index.list), [2]);
  assert.equal(second.index.emailIdAt(0), 2 as EmailId);
  second.release();
  await store.close();
});

test('the shelf is bounded, and what was used last stays longest', async () => {
  const store = await openTestStore('memory');
  const shelf = new IndexShelf(250);
  const indexes = await Promise.all(
    [1, 2, 3].map(async (id) => {
      const account = new MailAccount(store.mail, id as AccountId, shelf);
      await account.provision();
      const { index, release } = account.openIndex(INBOX);
      await index.refresh();
      release();
      return index;
    }),
  );
  assert.ok(shelf.entries <= 250);
  assert.equal(shelf.take(1, INBOX), undefined);
  assert.equal(shelf.take(3, INBOX), indexes[2]);
  assert.equal(shelf.take(3, INBOX), undefined);
  assert.equal(shelf.take(2, INBOX), indexes[1]);
  assert.equal(shelf.entries, 0);
  await store.close();
});

test('an index that was never loaded is not kept', async () => {
  const store = await openTestStore('memory');
  const shelf = new IndexShelf(1000);
  const account = new MailAccount(store.mail, ME, shelf);
  account.openIndex(INBOX).release();
  assert.equal(shelf.take(ME, INBOX), undefined);
  await store.close();
});
