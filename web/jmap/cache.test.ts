import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openClient, rememberedAccount, findAccount, type Client } from './client.ts';
import { Connection } from './connection.ts';
import type { ListSpec } from './queries.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';
import { EMAIL_BODY } from './types.ts';

const INBOX: ListSpec = {
  filter: { inMailbox: 'M-inbox' },
  sort: [{ property: 'receivedAt', isAscending: false }],
  collapseThreads: false,
};

let server: FakeServer;
let browser: FakeBrowser;

async function openTab(): Promise<Client> {
  const tab = browser.openTab();
  const client = await openClient(tab, new Connection(tab), ACCOUNT);
  client.store.all('Mailbox').subscribe(() => undefined);
  client.lists.open(INBOX).subscribe(() => undefined);
  return client;
}

let client: Client;
let ids: readonly string[];

/** A tab in which the inbox and one mail were read, closed. */
beforeEach(async () => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
  ids = Array.from({ length: 80 }, () => server.deliver()).toReversed();
  client = await openTab();
  await browser.settle();
  await client.store.need('Email', [ids[0] ?? ''], EMAIL_BODY);
  await browser.settle();
  await client.close();
});

test('offline at the start, mailboxes, the list, its rows and what was read are there', async () => {
  browser.setOnline(false);
  const next = await openTab();
  assert.equal(next.store.peekAll('Mailbox')?.find(({ id }) => id === 'M-inbox')?.totalEmails, 80);
  const snapshot = next.lists.open(INBOX).getSnapshot();
  assert.equal(snapshot.ids.length, 80);
  assert.deepEqual(snapshot.ids.slice(0, 50), ids.slice(0, 50));
  assert.equal(next.store.peek('Email', ids[40] ?? '')?.subject, '会议 40');
  await next.store.need('Email', [ids[0] ?? ''], EMAIL_BODY);
  assert.equal(next.store.peek('Email', ids[0] ?? '')?.bodyValues?.['1']?.value, '正文 80');
});

test('back online, only what has changed is fetched', async () => {
  server.change(ids[3] ?? '', { keywords: { $seen: true } });
  const before = server.requests.length;
  const next = await openTab();
  await browser.settle();
  assert.deepEqual(next.store.peek('Email', ids[3] ?? '')?.keywords, { $seen: true });
  const asked = server.requests.slice(before).flat();
  assert.ok(asked.some(([name]) => name === 'Email/changes'));
});

test('changes made offline survive the tab', async () => {
  browser.setOnline(false);
  const offline = await openTab();
  offline.actions.markRead(ids.slice(0, 2), true);
  await browser.settle();
  await offline.close();
  browser.setOnline(true);
  const next = await openTab();
  assert.equal(next.store.peek('Email', ids[0] ?? '')?.keywords?.['$seen'], true);
  await browser.settle();
  assert.deepEqual(server.email(ids[1] ?? '')?.keywords, { $seen: true });
});

test('signed out, nothing is left', async () => {
  const tab = browser.openTab();
  await findAccount(tab, new Connection(tab));
  assert.equal(rememberedAccount(tab), ACCOUNT);
  const next = await openTab();
  await browser.settle();
  await next.signOut();
  assert.equal(rememberedAccount(tab), undefined);
  browser.setOnline(false);
  const after = await openTab();
  assert.equal(after.store.peekAll('Mailbox'), undefined);
  assert.equal(after.lists.open(INBOX).getSnapshot().status, 'waiting');
});

test('somebody else’s session, told by whichever answer, erases what was kept', async () => {
  const next = await openTab();
  let signedOut = 0;
  next.connection.signedOut.add(() => (signedOut += 1));
  await browser.settle();
  server.signedIn = 'B';
  server.sessionState = 's1';
  await next.connection.call('Mailbox/get', { accountId: ACCOUNT });
  await browser.settle();
  assert.equal(signedOut, 1);
  const later = await openTab();
  assert.equal(later.store.peekAll('Mailbox'), undefined);
});
