import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Connection } from './connection.ts';
import { JmapError } from './failures.ts';
import { Store } from './store.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';
import { EMAIL_BODY } from './types.ts';

let server: FakeServer;
let store: Store;

beforeEach(() => {
  server = new FakeServer();
  store = new Store(new Connection(new FakeBrowser(server).openTab()), ACCOUNT);
});

test('what is needed in one tick is fetched in one request, and only what is missing', async () => {
  const ids = [server.deliver(), server.deliver(), server.deliver()];
  await Promise.all(ids.map((id) => store.need('Email', [id])));
  assert.deepEqual(
    server.requests.map((calls) => calls.map(([name]) => name)),
    [['Email/get']],
  );
  await store.need('Email', ids);
  assert.equal(server.requests.length, 1);
  await store.need('Email', [ids[0] ?? ''], EMAIL_BODY);
  const [, args] = server.requests[1]?.[0] ?? [];
  assert.deepEqual((args as { ids: unknown }).ids, [ids[0]]);
  assert.equal(store.peek('Email', ids[0] ?? '')?.bodyValues?.['1']?.value, '正文 1');
});

test('a subscriber hears of its own record, and keeps its snapshot while nothing changes', async () => {
  const [one, other] = [server.deliver(), server.deliver()];
  const record = store.record('Email', one);
  let heard = 0;
  record.subscribe(() => (heard += 1));
  assert.equal(record.getSnapshot(), undefined);
  await store.need('Email', [one, other]);
  assert.equal(heard, 1);
  const snapshot = record.getSnapshot();
  server.change(other, { keywords: { $seen: true } });
  await store.sync();
  assert.equal(heard, 1);
  assert.equal(record.getSnapshot(), snapshot);
  server.change(one, { keywords: { $seen: true } });
  await store.sync();
  assert.equal(heard, 2);
  assert.deepEqual(record.getSnapshot()?.keywords, { $seen: true });
});

test('what is destroyed is null, and so is what never was', async () => {
  const id = server.deliver();
  await store.need('Email', [id, 'nobody']);
  assert.equal(store.peek('Email', 'nobody'), null);
  server.destroy(id);
  await store.sync();
  assert.equal(store.peek('Email', id), null);
});

test('a whole collection is fetched once, and follows what is created and destroyed', async () => {
  const mailboxes = store.all('Mailbox');
  mailboxes.subscribe(() => undefined);
  await store.needAll('Mailbox');
  assert.equal(mailboxes.getSnapshot()?.length, 6);
  const id = server.addMailbox('归档 & Résumé');
  await store.sync();
  assert.equal(mailboxes.getSnapshot()?.length, 7);
  assert.equal(store.peek('Mailbox', id)?.name, '归档 & Résumé');
  server.deliver();
  await store.sync();
  assert.equal(store.peek('Mailbox', 'M-inbox')?.unreadEmails, 1);
});

test('changes that come in several parts are all taken in', async () => {
  // More is held than it would be worth to ask for anew.
  const ids = Array.from({ length: 2001 }, () => server.deliver());
  await store.need('Email', ids);
  server.maxChanges = 500;
  for (const id of ids) server.change(id, { keywords: { $seen: true } });
  await store.sync();
  assert.ok(ids.every((id) => store.peek('Email', id)?.keywords?.['$seen'] === true));
  assert.equal(store.state('Email'), server.state('Email'));
});

test('after more changes than are worth following, what is held is fetched anew, by a few requests', async () => {
  const ids = Array.from({ length: 20 }, () => server.deliver());
  await store.need('Email', ids);
  server.maxChanges = 3;
  for (let n = 0; n < 300; n++) server.deliver();
  for (const id of ids) server.change(id, { keywords: { $seen: true } });
  server.destroy(ids[0] ?? '');
  const before = server.requests.length;
  await store.sync();
  assert.ok(server.requests.length - before <= 4, `${server.requests.length - before}`);
  assert.equal(store.peek('Email', ids[0] ?? ''), null);
  assert.ok(ids.slice(1).every((id) => store.peek('Email', id)?.keywords?.['$seen'] === true));
  assert.equal(store.state('Email'), server.state('Email'));
});

test('when the server cannot say what has changed, all that is held is fetched anew', async () => {
  const [one, other] = [server.deliver(), server.deliver()];
  await Promise.all([store.need('Email', [one, other]), store.needAll('Mailbox')]);
  server.change(one, { keywords: { $flagged: true } });
  server.destroy(other);
  server.forgetHistory();
  await store.sync();
  assert.deepEqual(store.peek('Email', one)?.keywords, { $flagged: true });
  assert.equal(store.peek('Email', other), null);
  assert.equal(store.peek('Mailbox', 'M-inbox')?.totalEmails, 1);
});

test('what could not be fetched offline is fetched with the next catching up, for those who still want it', async () => {
  const id = server.deliver();
  await store.need('Email', [server.deliver()]);
  server.mishaps = Array.from({ length: 4 }, () => ({ status: 401 }));
  const record = store.record('Email', id);
  record.subscribe(() => undefined);
  await assert.rejects(store.need('Email', [id]), JmapError);
  server.mishaps = [];
  await store.sync();
  await store.need('Email', []);
  assert.equal(record.getSnapshot()?.subject, '会议 1');
});
