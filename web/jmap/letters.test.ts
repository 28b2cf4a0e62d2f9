import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Actions } from './actions.ts';
import { Changes } from './changes.ts';
import { Connection } from './connection.ts';
import { CHANGEABLE, changeLetters } from './letters.ts';
import { RECORDS_HELD, REQUEST_ATTEMPTS, RESEND_MS } from './limits.ts';
import { EmailLists } from './queries.ts';
import { Store } from './store.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';

let server: FakeServer;
let browser: FakeBrowser;
let connection: Connection;
let store: Store;
let changes: Changes;
let actions: Actions;
/** Three letters of one conversation, of which only the last is held, and one that is nowhere held. */
let talk: string[];
let alone: string;

beforeEach(async () => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
  const tab = browser.openTab();
  connection = new Connection(tab);
  store = new Store(connection, ACCOUNT);
  changes = new Changes(store, connection, tab, () => store.sync(['Email', 'Mailbox', 'Thread']));
  actions = new Actions(store, changes);
  talk = ['1', '2', '3'].map((number) => server.deliver({ threadId: 'T', subject: number }));
  alone = server.deliver();
  await Promise.all([store.need('Email', talk.slice(2)), store.need('Thread', ['T']), store.needAll('Mailbox')]);
});

const archive = () =>
  changeLetters(store, changes, {
    of: 'conversations',
    ids: [talk[2] ?? '', alone],
    act: (emailIds) => actions.archive(emailIds),
  });
const placesOf = (ids: readonly string[]) => ids.map((id) => Object.keys(server.email(id)?.mailboxIds ?? {}).join());
const INBOX = 'M-inbox';
const ARCHIVE = 'M-archive';

test('letters that were not held are changed with the others, and taken back with them', async () => {
  const { undo } = archive();
  assert.deepEqual(Object.keys(store.peek('Email', talk[2] ?? '')?.mailboxIds ?? {}), [ARCHIVE], 'shown at once');
  await browser.settle();
  assert.deepEqual(placesOf([...talk, alone]), [ARCHIVE, ARCHIVE, ARCHIVE, ARCHIVE]);
  assert.equal(changes.undoable.getSnapshot(), 1);
  undo();
  await browser.settle();
  assert.deepEqual(placesOf([...talk, alone]), [INBOX, INBOX, INBOX, INBOX]);
});

test('what is taken back before the rest was looked up ends there', async () => {
  const { undo } = archive();
  undo();
  await browser.settle();
  assert.deepEqual(placesOf([...talk, alone]), [INBOX, INBOX, INBOX, INBOX]);
});

/** Out of reach for as long as something is looked up or sent. */
const cutOff = () => {
  server.mishaps = Array.from({ length: 4 * REQUEST_ATTEMPTS }, () => 'unreachable' as const);
};
const untilBack = async () => {
  while (server.mishaps.length > 0 || changes.waiting.getSnapshot() > 0) await browser.pass(RESEND_MS);
};

test('out of reach of the server nothing is left out, and all of it is taken back', async () => {
  cutOff();
  const { undo, settled } = archive();
  await browser.settle();
  await untilBack();
  assert.equal(await settled, true);
  assert.deepEqual(placesOf([...talk, alone]), [ARCHIVE, ARCHIVE, ARCHIVE, ARCHIVE]);
  undo();
  await browser.settle();
  assert.deepEqual(placesOf([...talk, alone]), [INBOX, INBOX, INBOX, INBOX]);
});

test('what is taken back while the server is out of reach is not changed when it is there again', async () => {
  cutOff();
  const { undo, settled } = archive();
  await browser.settle();
  undo();
  await untilBack();
  assert.equal(await settled, true);
  assert.deepEqual(placesOf([...talk, alone]), [INBOX, INBOX, INBOX, INBOX]);
});

test('of what the server will not say is told, and it stays', async () => {
  server.mishaps = Array.from({ length: 8 }, () => ({ status: 400 }));
  const { settled } = archive();
  await browser.settle();
  assert.equal(await settled, false);
  assert.deepEqual(placesOf([talk[0] ?? '', alone]), [INBOX, INBOX]);
});

test('rows leave the list at once, also those of which nothing is known; and come back at once', async () => {
  const lists = new EmailLists(store, connection);
  const spec = (mailbox: string) => ({
    filter: { inMailbox: mailbox },
    sort: [{ property: 'receivedAt' as const, isAscending: false }],
    collapseThreads: true,
  });
  const list = lists.open(spec(INBOX));
  list.subscribe(() => undefined);
  await browser.settle();
  const before = list.getSnapshot().ids;
  assert.equal(before.length, 2);
  const ids = before.filter((id) => id !== undefined);
  const back = lists.leave([...ids, 'unknown'], ARCHIVE);
  assert.deepEqual(list.getSnapshot().ids, []);
  back();
  assert.deepEqual(list.getSnapshot().ids, before);
  const full = lists.empty(INBOX);
  assert.deepEqual(list.getSnapshot().ids, []);
  assert.equal(lists.open(spec(ARCHIVE)).getSnapshot().status, 'waiting');
  full();
  assert.deepEqual(list.getSnapshot().ids, before);
});

test('with more under way than is held, conversations are still changed whole, and taken back', async () => {
  const others = Array.from({ length: RECORDS_HELD + 100 }, () => server.deliver());
  await store.need('Email', others, CHANGEABLE);
  const threads = others.flatMap((id) => store.peek('Email', id)?.threadId ?? []);
  await store.need('Thread', threads);
  const ids = [...others, talk[2] ?? ''];
  const act = (emailIds: readonly string[]) => actions.archive(emailIds);
  const { undo } = changeLetters(store, changes, { of: 'conversations', ids, act });
  for (let n = 0; n < 20; n++) await browser.settle();
  assert.deepEqual(new Set(placesOf([...others, ...talk])), new Set([ARCHIVE]));
  undo();
  for (let n = 0; n < 20; n++) await browser.settle();
  assert.deepEqual(new Set(placesOf([...others, ...talk])), new Set([INBOX]));
});

test('of letters alone, those of the same conversation stay as they are', async () => {
  const act = (emailIds: readonly string[]) => actions.flag(emailIds, true);
  const { undo } = changeLetters(store, changes, { of: 'letters', ids: [talk[2] ?? '', alone], act });
  await browser.settle();
  const flagged = () => [...talk, alone].map((id) => server.email(id)?.keywords['$flagged'] === true);
  assert.deepEqual(flagged(), [false, false, true, true]);
  undo();
  await browser.settle();
  assert.deepEqual(flagged(), [false, false, false, false]);
});
