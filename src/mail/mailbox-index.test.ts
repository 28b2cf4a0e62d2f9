import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '#test/harness/stores.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { Mail } from './mail.ts';
import { AT_HAND } from './mailbox-index.ts';

const ME = 5 as AccountId;
const INBOX = 1 as MailboxId;

async function openInbox(messages: number, firstEntries: number) {
  const store = await openTestStore('memory');
  const reads: { fromUid: number; count: number }[] = [];
  const { latestEntries } = store.mail.reader;
  store.mail.reader.latestEntries = (accountId, mailboxId, fromUid, count) => {
    reads.push({ fromUid, count });
    return latestEntries.call(store.mail.reader, accountId, mailboxId, fromUid, count);
  };
  const account = new Mail(store.mail, firstEntries).account(ME);
  const message = account.prepareMessage(Buffer.from('Subject: 学校通知\r\n\r\nx\r\n'));
  const item = { message, mailboxes: ['inbox' as const], keywords: [] };
  const append = (count: number) =>
    account.append({ source: 'imap', items: Array.from({ length: count }, () => item) });
  await append(messages);
  const { index } = account.openIndex(INBOX);
  return { account, append, index, reads, close: () => store.close() };
}

test('what is asked for is loaded from the end, in growing steps', async () => {
  const { index, reads, close } = await openInbox(100, 4);
  await index.refresh(AT_HAND);
  assert.equal(index.list.length, 100);
  assert.equal(index.list.known, 96);
  assert.equal(index.emailIdAt(96), 97);
  await index.refresh({ fromUid: 99, count: 3 });
  assert.equal(reads.length, 1, 'that was at hand');
  await index.refresh({ fromUid: 90, count: 0 });
  assert.equal(index.list.known, 68, 'eight times as many');
  await index.refresh({ fromUid: 60, count: 0 });
  assert.equal(index.list.known, 0, 'nearly all is all');
  await index.refresh();
  assert.equal(reads.length, 3);
  await close();
});

test('what happens before the rows at hand changes their positions alone', async () => {
  const { account, append, index, reads, close } = await openInbox(20, 4);
  await index.refresh(AT_HAND);
  const since = index.modSeq;
  await account.expunge({ mailboxId: INBOX, uids: [2, 3, 18], onlyDeleted: false });
  await account.setKeywords({ mailboxId: INBOX, uids: [1, 19], change: 'add', keywords: ['$seen'], deleted: false });
  await append(1);
  await index.refresh(AT_HAND);
  assert.equal(reads.length, 1);
  assert.equal(index.list.length, 18);
  assert.deepEqual(index.list.slice(14, 18), [17, 19, 20, 21]);
  assert.equal(index.flagsAt(15), 1);
  assert.deepEqual(index.changesSince(since), { changed: [1, 19], expunged: [2, 3, 18] });
  const before = await index.listAt(since);
  assert.equal(before?.known, 16);
  assert.deepEqual(before?.slice(16, 20), [17, 18, 19, 20]);

  await account.expunge({ mailboxId: INBOX, uids: [4, 17], onlyDeleted: false });
  const then = index.modSeq;
  await index.refresh({ fromUid: 10, count: 0 });
  assert.equal(index.list.known, 0);
  assert.deepEqual(index.changesSince(then)?.expunged, [4, 17], 'loading more forgets nothing');
  await close();
});

test('an index all of whose rows at hand are gone still counts those before', async () => {
  const { account, append, index, close } = await openInbox(20, 2);
  await index.refresh(AT_HAND);
  await account.expunge({ mailboxId: INBOX, uids: [19, 20], onlyDeleted: false });
  await index.refresh(AT_HAND);
  assert.equal(index.list.length, 18);
  assert.equal(index.list.known, 18);
  await append(1);
  await index.refresh(AT_HAND);
  assert.equal(index.list.length, 19);
  assert.equal(index.list.indexOf(21), 18);
  await index.refresh({ fromUid: Infinity, count: 5 });
  assert.deepEqual(index.list.slice(14, 19), [15, 16, 17, 18, 21]);
  await close();
});
