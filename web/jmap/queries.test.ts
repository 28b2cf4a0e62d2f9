import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Connection } from './connection.ts';
import { EmailLists, type EmailList, type ListSpec } from './queries.ts';
import { Store } from './store.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';

const INBOX: ListSpec = {
  filter: { inMailbox: 'M-inbox' },
  sort: [{ property: 'receivedAt', isAscending: false }],
  collapseThreads: false,
};

let server: FakeServer;
let browser: FakeBrowser;
let store: Store;
let lists: EmailLists;

beforeEach(() => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
  const connection = new Connection(browser.openTab());
  store = new Store(connection, ACCOUNT);
  lists = new EmailLists(store, connection);
});

/** An open list on the screen. */
async function watch(spec: ListSpec = INBOX): Promise<EmailList> {
  const list = lists.open(spec);
  list.subscribe(() => undefined);
  await list.update();
  return list;
}

const calls = (name: string) => server.requests.flat().filter(([called]) => called === name).length;

test('a list of many is as long as it is, and holds what was looked at', async () => {
  const ids = Array.from({ length: 1000 }, () => server.deliver()).toReversed();
  const list = await watch();
  let snapshot = list.getSnapshot();
  assert.equal(snapshot.ids.length, 1000);
  assert.deepEqual(snapshot.ids.slice(0, 50), ids.slice(0, 50));
  assert.equal(snapshot.ids[500], undefined);
  assert.equal(store.peek('Email', ids[0] ?? '')?.subject, '会议 1000', 'rows come with what they show');
  list.show(500, 520);
  await list.update();
  snapshot = list.getSnapshot();
  assert.deepEqual(snapshot.ids.slice(450, 600), ids.slice(450, 600));
  assert.equal(snapshot.ids[700], undefined);
});

test('as many rows as are wanted are looked up, those that are shown with them, and no more afterwards', async () => {
  const ids = Array.from({ length: 1500 }, () => server.deliver()).toReversed();
  const list = await watch();
  const loading = list.load(0, 1000);
  list.show(1200, 1210);
  await loading;
  assert.deepEqual(list.getSnapshot().ids.slice(0, 1000), ids.slice(0, 1000));
  await list.update();
  assert.deepEqual(list.getSnapshot().ids.slice(1200, 1211), ids.slice(1200, 1211));
  assert.equal(list.getSnapshot().ids[1400], undefined);
  const before = server.requests.length;
  await list.load(0, 1000);
  assert.equal(server.requests.length, before, 'they are there');
  server.isReachable = false;
  const failing = list.load(0, 1500);
  for (let tries = 0; tries < 4; tries++) await browser.pass(60_000);
  await failing;
  assert.equal(list.getSnapshot().failure?.kind, 'offline');
});

test('of what words find, too, all that is wanted is looked up, though nobody has counted it', async () => {
  const ids = Array.from({ length: 230 }, () => server.deliver()).toReversed();
  const list = await watch({ ...INBOX, filter: { text: '会议' } });
  assert.ok(list.getSnapshot().isOpen);
  await list.load(0, 5000);
  assert.deepEqual([list.getSnapshot().ids, list.getSnapshot().isOpen], [ids, false]);
});

test('thousands are looked up in a few requests, with their letters, so that what is done to all can be taken back', async () => {
  Object.assign(server.limits, { maxCallsInRequest: 64, maxObjectsInGet: 1000 });
  let last = '';
  for (let at = 0; at < 6000; at++) last = server.deliver(at % 2 === 0 ? {} : { threadId: `T${last}` });
  for (const filter of [{ inMailbox: 'M-inbox' }, { text: '会议' }]) {
    const list = await watch({ ...INBOX, filter, collapseThreads: true });
    const before = server.requests.length;
    await list.load(0, 2500);
    // Of what words find nobody knows how many there are: a page after the other.
    assert.ok(server.requests.length - before <= ('text' in filter ? 4 : 2), `${server.requests.length - before}`);
    const rows = list.getSnapshot().ids.slice(0, 2500);
    const letters = rows.flatMap((id) => {
      const threadId = store.peek('Email', id ?? '')?.threadId;
      return store.peek('Thread', threadId ?? '')?.emailIds ?? [];
    });
    assert.equal(letters.length, 5000);
    assert.ok(letters.every((id) => store.peek('Email', id)?.mailboxIds !== undefined));
    assert.equal(store.peek('Email', rows[2000] ?? '')?.subject, undefined, 'nothing that is not seen');
  }
});

test('where the letters of what was looked up cannot be had, that is said', async () => {
  let last = '';
  for (let at = 0; at < 600; at++) last = server.deliver(at % 2 === 0 ? {} : { threadId: `T${last}` });
  const list = await watch({ ...INBOX, collapseThreads: true });
  // The page arrives, the letters do not.
  server.mishaps = [undefined, { status: 400 }];
  await list.load(0, 300);
  assert.equal(list.getSnapshot().ids.filter((id) => id !== undefined).length, 300);
  assert.notEqual(list.getSnapshot().failure, undefined);
});

test('a new mail shifts the rows, and costs one request however long the list is', async () => {
  const ids = Array.from({ length: 300 }, () => server.deliver()).toReversed();
  const list = await watch();
  list.show(200, 210);
  await list.update();
  const id = server.deliver();
  const before = server.requests.length;
  await Promise.all([store.sync(), list.refresh()]);
  assert.deepEqual(
    server.requests.slice(before).map((calls) => calls.map(([name]) => name)),
    [['Email/changes', 'Email/queryChanges', 'Email/get']],
  );
  const snapshot = list.getSnapshot();
  assert.equal(snapshot.ids[0], id);
  assert.deepEqual(snapshot.ids.slice(201, 212), ids.slice(200, 211));
  assert.equal(store.peek('Email', id)?.preview, '第 301 封');
});

test('a row that goes from where nobody has looked makes the client forget what lies behind', async () => {
  const ids = Array.from({ length: 400 }, () => server.deliver()).toReversed();
  const list = await watch();
  list.show(300, 310);
  await list.update();
  server.destroy(ids[120] ?? '');
  await list.refresh();
  const now = server.list({ ...INBOX });
  for (const [index, id] of list.getSnapshot().ids.entries()) if (id !== undefined) assert.equal(id, now[index]);
  assert.deepEqual(list.getSnapshot().ids.slice(300, 310), now.slice(300, 310));
});

test('what words find is not counted: the list grows as it is looked at, and ends where it ends', async () => {
  const ids = Array.from({ length: 120 }, () => server.deliver()).toReversed();
  const list = await watch({ ...INBOX, filter: { inMailbox: 'M-inbox', subject: '会议' } });
  assert.ok(list.getSnapshot().isOpen);
  assert.deepEqual(list.getSnapshot().ids.slice(0, 50), ids.slice(0, 50));
  list.show(90, 99);
  await list.update();
  const snapshot = list.getSnapshot();
  assert.equal(snapshot.isOpen, false);
  assert.deepEqual(snapshot.ids, ids);
  const id = server.deliver();
  await Promise.all([store.sync(), list.refresh()]);
  list.show(0, 119);
  await list.update();
  assert.deepEqual(list.getSnapshot().ids, [id, ...ids]);
  const asked = server.requests.flat().filter(([name]) => name.startsWith('Email/query'));
  assert.ok(asked.every(([name, args]) => name === 'Email/query' && args['calculateTotal'] === false));
});

test('what words find may end with a full page', async () => {
  const ids = Array.from({ length: 50 }, () => server.deliver()).toReversed();
  const list = await watch({ ...INBOX, filter: { inMailbox: 'M-inbox', subject: '会议' } });
  const { isOpen, ids: shown } = list.getSnapshot();
  assert.equal(isOpen, false);
  assert.deepEqual(shown, ids);
});

test('where the server keeps no history of lists, the visible part is fetched anew', async () => {
  server.canCalculateQueryChanges = false;
  Array.from({ length: 200 }, () => server.deliver());
  const list = await watch();
  list.show(100, 110);
  await list.update();
  server.deliver();
  await list.refresh();
  assert.equal(calls('Email/queryChanges'), 0);
  assert.deepEqual(list.getSnapshot().ids.slice(100, 111), server.list({ ...INBOX }).slice(100, 111));
});

test('too many changes, or a forgotten history, come to the same', async () => {
  const ids = Array.from({ length: 700 }, () => server.deliver());
  const list = await watch();
  for (const id of ids.slice(0, 600)) server.change(id, { mailboxIds: { 'M-archive': true } });
  await list.refresh();
  assert.equal(list.getSnapshot().ids.length, 100);
  server.deliver();
  server.forgetHistory();
  await list.refresh();
  assert.deepEqual(list.getSnapshot().ids.slice(0, 50), server.list({ ...INBOX }).slice(0, 50));
});

test('a conversation is one row, and its mails come along', async () => {
  const first = server.deliver();
  const threadId = server.email(first)?.threadId ?? '';
  const answer = server.deliver({ threadId, mailboxIds: { 'M-sent': true } });
  const last = server.deliver({ threadId });
  const other = server.deliver();
  const list = await watch({ ...INBOX, collapseThreads: true });
  assert.deepEqual(list.getSnapshot().ids, [other, last]);
  assert.deepEqual(store.peek('Thread', threadId)?.emailIds, [first, answer, last]);
  assert.equal(store.peek('Email', answer)?.subject, '会议 2');
});

test('what has left the mailbox is hidden at once, and comes back if it returns', async () => {
  const [one, other] = [server.deliver(), server.deliver()];
  const list = await watch();
  store.overlay('Email', [[one, { mailboxIds: { 'M-trash': true } }]]);
  assert.deepEqual(list.getSnapshot().ids, [other]);
  store.overlay('Email', [[one, undefined]]);
  assert.deepEqual(list.getSnapshot().ids, [other, one]);
});

test('a list that cannot be fetched says why, and recovers', async () => {
  server.mishaps = [{ status: 401 }, { status: 401 }];
  const list = await watch();
  assert.equal(list.getSnapshot().failure?.kind, 'signedOut');
  assert.equal(list.getSnapshot().status, 'waiting');
  server.deliver();
  await list.refresh();
  assert.equal(list.getSnapshot().failure, undefined);
  assert.equal(list.getSnapshot().ids.length, 1);
});

test('a list changing between two calls of one request is never mixed from two states', async () => {
  Array.from({ length: 300 }, () => server.deliver());
  const list = await watch();
  let left = 8;
  server.meanwhile = () => {
    if (left-- > 0) server.deliver();
  };
  list.show(150, 170);
  await list.refresh();
  await list.refresh();
  const now = server.list({ ...INBOX });
  for (const [index, id] of list.getSnapshot().ids.entries()) if (id !== undefined) assert.equal(id, now[index]);
});

test('an empty list is known to be empty', async () => {
  const list = await watch();
  assert.deepEqual(list.getSnapshot(), { ids: [], isOpen: false, status: 'ready', failure: undefined });
});

test('a list kept by a cache is shown until the server answers', async () => {
  const ids = [server.deliver(), server.deliver()].toReversed();
  const list = lists.open(INBOX);
  list.restore({ ids: ['E1'], total: 200_000 });
  assert.equal(list.getSnapshot().ids.length, 200_000);
  list.subscribe(() => undefined);
  await list.update();
  assert.deepEqual(list.getSnapshot().ids, ids);
});
