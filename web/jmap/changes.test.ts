import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Actions } from './actions.ts';
import { Changes, type Rejection } from './changes.ts';
import { Connection } from './connection.ts';
import { applyPatch, combinePatches, invertPatch } from './patch.ts';
import { Store } from './store.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';

let server: FakeServer;
let browser: FakeBrowser;
let store: Store;
let changes: Changes;
let actions: Actions;
let rejections: Rejection[];
let ids: string[];

beforeEach(async () => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
  const tab = browser.openTab();
  const connection = new Connection(tab);
  store = new Store(connection, ACCOUNT);
  changes = new Changes(store, connection, tab, () => store.sync(['Email', 'Mailbox', 'Thread']));
  actions = new Actions(store, changes);
  rejections = [];
  changes.rejected.add((rejection) => rejections.push(rejection));
  ids = [server.deliver(), server.deliver(), server.deliver()];
  await Promise.all([store.need('Email', ids), store.needAll('Mailbox')]);
  server.requests.length = 0;
});

const shown = (id: string | undefined) => store.peek('Email', id ?? '');
const unread = () => store.peek('Mailbox', 'M-inbox')?.unreadEmails;
const sets = () => server.requests.flat().filter(([name]) => name === 'Email/set');

test('a change is shown at once, with the counts, and sent as a patch', async () => {
  actions.markRead(ids, true);
  assert.ok(ids.every((id) => shown(id)?.keywords?.['$seen'] === true));
  assert.equal(unread(), 0);
  await browser.settle();
  assert.ok(ids.every((id) => server.email(id)?.keywords['$seen'] === true));
  assert.deepEqual(sets()[0]?.[1], {
    accountId: ACCOUNT,
    update: Object.fromEntries(ids.map((id) => [id, { 'keywords/$seen': true }])),
    destroy: [],
  });
  assert.equal(changes.waiting.getSnapshot(), 0);
  assert.equal(unread(), 0);
});

test('counts never show in between what they were or what they will be twice', async () => {
  const seen: (number | undefined)[] = [];
  store.record('Mailbox', 'M-inbox').subscribe(() => seen.push(unread()));
  actions.markRead(ids.slice(0, 1), true);
  // What a screen shows: not each notice, but how things stand when a turn is over.
  const screens: (number | undefined)[] = [];
  for (let turn = 0; turn < 60; turn++) {
    await new Promise(setImmediate);
    screens.push(unread());
  }
  assert.deepEqual([...new Set(screens)], [2]);
});

test('changes made while others are under way go together in the next request', async () => {
  actions.flag(ids, true);
  await Promise.resolve();
  await new Promise(setImmediate);
  actions.markRead(ids.slice(0, 1), true);
  actions.setKeyword(ids.slice(0, 1), 'a/b~c', true);
  actions.markRead(ids.slice(0, 1), false);
  await browser.settle();
  assert.equal(sets().length, 2);
  const [, args] = sets()[1] ?? [];
  assert.deepEqual((args as { update: unknown }).update, {
    [ids[0] ?? '']: { 'keywords/$seen': null, 'keywords/a~1b~0c': true },
  });
  assert.deepEqual(server.email(ids[0] ?? '')?.keywords, { $flagged: true, 'a/b~c': true });
});

test('undo takes back the last action, and then the one before', async () => {
  actions.archive(ids);
  actions.flag(ids.slice(1), true);
  assert.equal(changes.undoable.getSnapshot(), 2);
  await browser.settle();
  assert.equal(changes.undo(), true);
  assert.equal(shown(ids[1])?.keywords?.['$flagged'], undefined);
  assert.equal(changes.undo(), true);
  assert.deepEqual(shown(ids[0])?.mailboxIds, { 'M-inbox': true });
  await browser.settle();
  assert.ok(ids.every((id) => Object.hasOwn(server.email(id)?.mailboxIds ?? {}, 'M-inbox')));
  assert.equal(changes.undo(), false);
});

test('undo by name takes back that action, whatever was done since', async () => {
  const archived = actions.archive(ids.slice(0, 1));
  const flagged = actions.flag(ids.slice(0, 1), true);
  await browser.settle();
  assert.equal(changes.undo(archived), true);
  assert.equal(changes.undo(archived), false);
  await browser.settle();
  assert.deepEqual(server.email(ids[0] ?? '')?.mailboxIds, { 'M-inbox': true });
  assert.deepEqual(server.email(ids[0] ?? '')?.keywords, { $flagged: true });
  assert.equal(changes.undo(flagged), true);
});

test('what the server refuses is shown as it was, said with a key, and cannot be undone', async () => {
  server.refuse = (id) => (id === ids[0] ? { type: 'tooManyKeywords' } : undefined);
  actions.flag(ids, true);
  assert.equal(shown(ids[0])?.keywords?.['$flagged'], true);
  await browser.settle();
  assert.equal(shown(ids[0])?.keywords?.['$flagged'], undefined);
  assert.equal(shown(ids[1])?.keywords?.['$flagged'], true);
  assert.deepEqual(rejections, [
    { type: 'Email', ids: [ids[0]], messageKey: 'jmap.rejected.tooManyKeywords', error: { type: 'tooManyKeywords' } },
  ]);
  server.refuse = () => undefined;
  changes.undo();
  await browser.settle();
  assert.equal(server.email(ids[1] ?? '')?.keywords['$flagged'], undefined);
});

test('offline, changes are shown and wait; they go when there is hope', async () => {
  server.isReachable = false;
  actions.moveToTrash(ids);
  for (let tries = 0; tries < 4; tries++) await browser.pass(4000);
  assert.equal(changes.waiting.getSnapshot(), 3);
  assert.deepEqual(shown(ids[0])?.mailboxIds, { 'M-trash': true });
  actions.markRead(ids, true);
  server.isReachable = true;
  await changes.resume();
  assert.deepEqual(server.email(ids[0] ?? '')?.mailboxIds, { 'M-trash': true });
  assert.equal(server.email(ids[0] ?? '')?.keywords['$seen'], true);
  assert.equal(changes.waiting.getSnapshot(), 0);
  assert.deepEqual(rejections, []);
});

test('offline, changes go by themselves after a while', async () => {
  server.isReachable = false;
  actions.flag(ids, true);
  for (let tries = 0; tries < 4; tries++) await browser.pass(4000);
  server.isReachable = true;
  await browser.pass(31_000);
  assert.equal(server.email(ids[0] ?? '')?.keywords['$flagged'], true);
});

test('what others change meanwhile stays, and what they destroyed is gone without complaint', async () => {
  server.isReachable = false;
  actions.flag(ids, true);
  for (let tries = 0; tries < 4; tries++) await browser.pass(4000);
  server.change(ids[0] ?? '', { keywords: { $seen: true } });
  server.destroy(ids[1] ?? '');
  server.isReachable = true;
  await changes.resume();
  assert.deepEqual(shown(ids[0])?.keywords, { $seen: true, $flagged: true });
  assert.equal(shown(ids[1]), null);
  assert.deepEqual(rejections, []);
});

test('who changes the same right after us is not overwritten by our own answer', async () => {
  let isDone = false;
  server.meanwhile = () => {
    if (isDone || server.email(ids[0] ?? '')?.keywords['$seen'] !== true) return;
    isDone = true;
    server.change(ids[0] ?? '', { keywords: { $flagged: true } });
  };
  actions.markRead(ids.slice(0, 1), true);
  await browser.settle();
  assert.equal(isDone, true);
  assert.deepEqual(shown(ids[0])?.keywords, { $flagged: true });
});

test('more changes than the server takes at once go in parts', async () => {
  server.limits.maxObjectsInSet = 2;
  server.sessionState = 's1';
  await store.sync();
  server.requests.length = 0;
  actions.destroy(ids);
  assert.equal(shown(ids[2]), null);
  await browser.settle();
  assert.equal(sets().length, 2);
  assert.deepEqual(server.emailIds(), []);
  assert.equal(store.peek('Mailbox', 'M-inbox')?.totalEmails, 0);
});

test('patches: applied, combined and inverted', () => {
  const record = { keywords: { a: true }, parentId: 'x' };
  assert.deepEqual(applyPatch(record, { 'keywords/b': true, 'keywords/a': null, parentId: null }), {
    keywords: { b: true },
    parentId: null,
  });
  assert.deepEqual(combinePatches({ 'keywords/a': null }, { keywords: { c: true } }), { keywords: { c: true } });
  assert.deepEqual(combinePatches({ keywords: { c: true } }, { 'keywords/c': null }), { keywords: {} });
  assert.deepEqual(invertPatch(record, { 'keywords/b': true, 'keywords/a': null }), {
    'keywords/b': null,
    'keywords/a': true,
  });
});

test('muting takes out of the inbox what is in it, and is taken back as one', async () => {
  const [inInbox = '', elsewhere = ''] = ids;
  server.change(elsewhere, { mailboxIds: { 'M-trash': true } });
  await store.sync(['Email']);
  const step = actions.mute([inInbox, elsewhere]);
  assert.deepEqual(shown(inInbox)?.mailboxIds, { 'M-archive': true });
  assert.deepEqual(shown(elsewhere)?.mailboxIds, { 'M-trash': true });
  await browser.settle();
  assert.ok([inInbox, elsewhere].every((id) => server.email(id)?.keywords['$muted'] === true));
  changes.undo(step);
  await browser.settle();
  assert.deepEqual(server.email(inInbox)?.mailboxIds, { 'M-inbox': true });
  assert.equal(server.email(elsewhere)?.keywords['$muted'], undefined);
});
