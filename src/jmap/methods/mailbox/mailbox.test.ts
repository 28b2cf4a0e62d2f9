import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openJmap, type Answer } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const set = (args: object): Promise<Answer> => jmap.call('Mailbox/set', { ...args });
  const make = async (properties: object): Promise<string> =>
    (await set({ create: { a: properties } })).created.a.id as string;
  const get = async (id: string): Promise<Answer> => (await jmap.call('Mailbox/get', { ids: [id] })).list[0] as Answer;
  const query = async (args: object): Promise<string[]> => {
    const { ids } = await jmap.call('Mailbox/query', { ...args });
    const { list } = await jmap.call('Mailbox/get', { ids, properties: ['name'] });
    return (list as Answer[]).map(({ name }) => name as string);
  };
  return { ...jmap, set, make, get, query };
}

function typesOf(errors: Answer): Record<string, unknown> {
  return Object.fromEntries(Object.entries(errors).map(([id, { type, properties }]) => [id, [type, properties]]));
}

test('a tree is made in one call, whatever the order it is told in', async (t) => {
  const { set, get, mailboxOf } = await open(t);
  const { created, notCreated, oldState, newState } = await set({
    create: {
      leaf: { name: '归档 & Résumé', parentId: '#branch' },
      branch: { name: 'branch', parentId: '#root', isSubscribed: true },
      root: { name: 'root', sortOrder: 7 },
    },
  });
  assert.equal(notCreated, null);
  assert.notEqual(oldState, newState);
  assert.deepEqual(await get(created.leaf.id), {
    id: created.leaf.id,
    name: '归档 & Résumé',
    parentId: created.branch.id,
    role: null,
    sortOrder: 0,
    totalEmails: 0,
    unreadEmails: 0,
    totalThreads: 0,
    unreadThreads: 0,
    isSubscribed: false,
    myRights: (await get(await mailboxOf('sent'))).myRights,
  });
  // What was not asked for is told.
  assert.equal('sortOrder' in created.root, false);
  assert.deepEqual([created.leaf.sortOrder, created.leaf.role, created.leaf.totalEmails], [0, null, 0]);
});

test('each that cannot be made says which property is wrong', async (t) => {
  const { set } = await open(t);
  const { created, notCreated } = await set({
    create: {
      good: { name: 'good' },
      twin: { name: 'good' },
      nameless: {},
      slash: { name: 'a/b' },
      empty: { name: '' },
      long: { name: '会'.repeat(500) },
      number: { name: 3 },
      orphan: { name: 'orphan', parentId: 'M1-999' },
      dangling: { name: 'dangling', parentId: '#nobody' },
      loop: { name: 'loop', parentId: '#pool' },
      pool: { name: 'pool', parentId: '#loop' },
      second: { name: 'second', role: 'sent' },
      odd: { name: 'odd', role: 'dustbin' },
      negative: { name: 'negative', sortOrder: -1 },
      extra: { name: 'extra', colour: 'red' },
    },
  });
  assert.deepEqual(Object.keys(created), ['good']);
  assert.deepEqual(typesOf(notCreated), {
    twin: ['invalidProperties', ['name']],
    nameless: ['invalidProperties', ['name']],
    slash: ['invalidProperties', ['name']],
    empty: ['invalidProperties', ['name']],
    long: ['invalidProperties', ['name']],
    number: ['invalidProperties', ['name']],
    orphan: ['invalidProperties', ['parentId']],
    dangling: ['invalidProperties', ['parentId']],
    loop: ['invalidProperties', ['parentId']],
    pool: ['invalidProperties', ['parentId']],
    second: ['invalidProperties', ['role']],
    odd: ['invalidProperties', ['role']],
    negative: ['invalidProperties', ['sortOrder']],
    extra: ['invalidProperties', ['colour']],
  });
});

test('name, place, role, rank and subscription change; null gives back the default', async (t) => {
  const { set, make, get } = await open(t);
  const a = await make({ name: 'a', sortOrder: 5, isSubscribed: true });
  const b = await make({ name: 'b' });
  const whole = await get(b);
  const { updated, notUpdated } = await set({
    update: {
      [a]: { name: 'ä', parentId: b, role: 'flagged', sortOrder: null, isSubscribed: null },
      // RFC 8620 §5.3: what the server sets may be said as it is.
      [b]: { ...whole, sortOrder: 3 },
    },
  });
  assert.deepEqual([updated, notUpdated], [{ [a]: null, [b]: null }, null]);
  const { name, parentId, role, sortOrder, isSubscribed } = await get(a);
  assert.deepEqual([name, parentId, role, sortOrder, isSubscribed], ['ä', b, 'flagged', 0, false]);
  assert.equal((await get(b)).sortOrder, 3);
  await set({ update: { [a]: { role: null, parentId: null } } });
  assert.deepEqual([(await get(a)).role, (await get(a)).parentId], [null, null]);
});

test('each that cannot be changed says why, and stays as it was', async (t) => {
  const { set, make, mailboxOf } = await open(t);
  const top = await make({ name: 'top' });
  const below = await make({ name: 'below', parentId: top });
  const inbox = await mailboxOf('inbox');
  const refuse = async (id: string, patch: object): Promise<unknown> =>
    typesOf((await set({ update: { [id]: patch } })).notUpdated as Answer)[id];
  assert.deepEqual(await refuse(top, { parentId: below }), ['invalidProperties', ['parentId']]);
  assert.deepEqual(await refuse(top, { parentId: top }), ['invalidProperties', ['parentId']]);
  assert.deepEqual(await refuse(top, { parentId: 'M1-999' }), ['invalidProperties', ['parentId']]);
  assert.deepEqual(await refuse(top, { totalEmails: 3, id: 'M1-9' }), ['invalidProperties', ['id', 'totalEmails']]);
  assert.deepEqual(await refuse(top, { 'myRights/mayDelete': false }), ['invalidProperties', ['myRights']]);
  assert.deepEqual(await refuse(top, { name: null }), ['invalidProperties', ['name']]);
  assert.deepEqual(await refuse(top, { 'name/x': 1 }), ['invalidPatch', undefined]);
  assert.deepEqual(await refuse(inbox, { name: 'Eingang' }), ['forbidden', undefined]);
  assert.deepEqual(await refuse('M1-999', { name: 'x' }), ['notFound', undefined]);
  assert.deepEqual(await refuse('M2-1', { name: 'x' }), ['notFound', undefined]);
  const { notUpdated } = await set({ update: { [top]: { name: 'x' } }, destroy: [top, below] });
  assert.deepEqual(typesOf(notUpdated), { [top]: ['willDestroy', undefined] });
});

test('it is the end of a call that counts: names, places and roles may be exchanged, whatever the order', async (t) => {
  const { set, make, get, mailboxOf } = await open(t);
  const a = await make({ name: 'a' });
  const b = await make({ name: 'b', isSubscribed: true });
  const c = await make({ name: 'c', sortOrder: 3 });
  const place = async (id: string) => {
    const { name, parentId, role } = await get(id);
    return { name, parentId, role } as Record<string, unknown>;
  };

  const swapped = await set({ update: { [a]: { name: 'b' }, [b]: { name: 'a' } } });
  assert.deepEqual([swapped.updated, swapped.notUpdated], [{ [a]: null, [b]: null }, null]);
  assert.deepEqual(
    [await place(a), await place(b)],
    [
      { name: 'b', parentId: null, role: null },
      { name: 'a', parentId: null, role: null },
    ],
  );
  assert.equal((await get(b)).isSubscribed, true);

  // A name that is given up later, and one that goes with its mailbox.
  const moved = await set({ update: { [a]: { name: 'c' }, [c]: { name: 'a' } }, destroy: [b] });
  assert.deepEqual([moved.updated, moved.notUpdated, moved.destroyed], [{ [a]: null, [c]: null }, null, [b]]);
  assert.deepEqual([(await get(a)).name, (await get(c)).name, (await get(c)).sortOrder], ['c', 'a', 3]);

  // A child and its parent change places.
  const child = await make({ name: 'child', parentId: a });
  const turned = await set({ update: { [a]: { parentId: child }, [child]: { parentId: null } } });
  assert.equal(turned.notUpdated, null);
  assert.deepEqual(
    [await place(child), await place(a)],
    [
      { name: 'child', parentId: null, role: null },
      { name: 'c', parentId: child, role: null },
    ],
  );

  const [trash, junk] = [await mailboxOf('trash'), await mailboxOf('junk')];
  const roles = await set({ update: { [trash]: { role: 'junk' }, [junk]: { role: 'trash' } } });
  assert.equal(roles.notUpdated, null);
  assert.deepEqual([(await get(trash)).role, (await get(junk)).role], ['junk', 'trash']);

  // What cannot be in the end either is refused, and keeps no other back.
  const d = await make({ name: 'd' });
  const refused = await set({
    update: {
      [a]: { parentId: null, name: 'd' },
      [d]: { name: 'a' },
      [c]: { name: 'e', parentId: c },
      [child]: { name: 'd' },
    },
  });
  assert.deepEqual(typesOf(refused.notUpdated)[c], ['invalidProperties', ['parentId']]);
  const names = await Promise.all([a, c, d, child].map(async (id) => (await place(id))['name']));
  assert.deepEqual(new Set(names).size, 4);
});

test('what holds mailboxes or Emails is not removed, unless that is said', async (t) => {
  const { set, make, mailboxOf, call, put } = await open(t);
  const top = await make({ name: 'top' });
  const below = await make({ name: 'below', parentId: top });
  const email = await put('Subject: a\n\nb\n');
  const other = await put('Subject: b\n\nb\n');
  const inbox = await mailboxOf('inbox');
  await call('Email/set', {
    update: { [email]: { [`mailboxIds/${below}`]: true }, [other]: { mailboxIds: { [below]: true } } },
  });
  const { notDestroyed } = await set({ destroy: [top, below, inbox, 'M1-999', '#nobody'] });
  assert.deepEqual(typesOf(notDestroyed), {
    [top]: ['mailboxHasChild', undefined],
    [below]: ['mailboxHasEmail', undefined],
    [inbox]: ['forbidden', undefined],
    'M1-999': ['notFound', undefined],
    '#nobody': ['notFound', undefined],
  });
  // The child first, whatever the order.
  const { destroyed } = await set({ destroy: [top, below], onDestroyRemoveEmails: true });
  assert.deepEqual(destroyed, [below, top]);
  const { list, notFound } = await call('Email/get', { ids: [email, other], properties: ['mailboxIds'] });
  assert.deepEqual([list, notFound], [[{ id: email, mailboxIds: { [inbox]: true } }], [other]]);
});

test('a set is for the state it names', async (t) => {
  const { set, refusal } = await open(t);
  const { newState, oldState } = await set({ create: { a: { name: 'a' } } });
  const create = { b: { name: 'b' } };
  assert.equal((await refusal('Mailbox/set', { ifInState: oldState, create })).type, 'stateMismatch');
  assert.equal((await set({ ifInState: newState, create })).oldState, newState);
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`c${n}`, {}]));
  assert.equal((await refusal('Mailbox/set', { create: many })).type, 'requestTooLarge');
});

test('filters, sorts and trees', async (t) => {
  const { make, query, refusal, call } = await open(t);
  const b = await make({ name: 'b10', sortOrder: 90 });
  const a = await make({ name: 'b9', sortOrder: 91, isSubscribed: true });
  await make({ name: 'inner', parentId: a, sortOrder: 1 });
  await make({ name: 'zz', parentId: b });
  const sort = [{ property: 'name' }];
  const own = { hasAnyRole: false };
  assert.deepEqual(await query({ filter: own, sort }), ['b9', 'b10', 'inner', 'zz']);
  assert.deepEqual(await query({ filter: own, sort: [{ property: 'name', isAscending: false }] }), [
    'zz',
    'inner',
    'b10',
    'b9',
  ]);
  assert.deepEqual(await query({ filter: own, sort, sortAsTree: true }), ['b9', 'inner', 'b10', 'zz']);
  assert.deepEqual(await query({ filter: { ...own, parentId: null }, sort }), ['b9', 'b10']);
  assert.deepEqual(await query({ filter: { parentId: a } }), ['inner']);
  assert.deepEqual(await query({ filter: { name: 'B9' } }), ['b9']);
  assert.deepEqual(await query({ filter: { role: 'sent' } }), [await nameOf('sent')]);
  assert.deepEqual(await query({ filter: { ...own, isSubscribed: true } }), ['b9']);
  const not = { operator: 'NOT', conditions: [{ hasAnyRole: true }, { name: 'b' }] };
  assert.deepEqual(await query({ filter: not, sort }), ['inner', 'zz']);
  // inner is found, but what it is in is not.
  assert.deepEqual(await query({ filter: { name: 'in' }, sort, filterAsTree: true }), [await nameOf('inbox')]);
  const page = await call('Mailbox/query', { filter: own, sort, position: -2, limit: 1, calculateTotal: true });
  assert.deepEqual([page['position'], page['total'], page['ids'].length], [2, 4, 1]);
  const anchored = await call('Mailbox/query', { filter: own, sort, anchor: b, anchorOffset: -5 });
  assert.deepEqual([anchored['position'], anchored['ids'][0]], [0, a]);
  assert.equal((await refusal('Mailbox/query', { anchor: 'M1-999' })).type, 'anchorNotFound');
  assert.equal((await refusal('Mailbox/query', { sort: [{ property: 'colour' }] })).type, 'unsupportedSort');

  async function nameOf(role: string): Promise<string> {
    const { list } = await call('Mailbox/get');
    return (list as Answer[]).find((one) => one.role === role)?.name as string;
  }
});

test('drafts of one’s own are nothing to read', async (t) => {
  const { put, get, mailboxOf, call } = await open(t);
  const inbox = await mailboxOf('inbox');
  const draft = await put('Subject: a\n\nb\n', { keywords: ['$draft'] });
  await put('Subject: b\n\nb\n');
  const seen = await put('Subject: c\n\nb\n', { keywords: ['$seen'] });
  const counts = async (): Promise<number[]> => {
    const { totalEmails, unreadEmails, totalThreads, unreadThreads } = await get(inbox);
    return [totalEmails, unreadEmails, totalThreads, unreadThreads] as number[];
  };
  assert.deepEqual(await counts(), [3, 1, 3, 1]);
  await call('Email/set', { update: { [draft]: { 'keywords/$draft': null }, [seen]: { keywords: { $draft: true } } } });
  assert.deepEqual(await counts(), [3, 2, 3, 2]);
  await call('Email/set', { destroy: [draft, seen] });
  assert.deepEqual(await counts(), [1, 1, 1, 1]);
});

test('changes tell of made, changed and removed once each, and whether only counts changed', async (t) => {
  const { set, make, call, put, mailboxOf, refusal } = await open(t);
  const since = (await call('Mailbox/get', { ids: [] })).state as string;
  const kept = await make({ name: 'kept' });
  const gone = await make({ name: 'gone' });
  const middle = (await call('Mailbox/get', { ids: [] })).state as string;
  await set({ update: { [kept]: { name: 'Kept' } }, destroy: [gone] });
  const all = await call('Mailbox/changes', { sinceState: since });
  assert.deepEqual([all['created'], all['updated'], all['destroyed']], [[kept], [], []]);
  const later = await call('Mailbox/changes', { sinceState: middle });
  assert.deepEqual([later['created'], later['updated'], later['destroyed']], [[], [kept], [gone]]);
  assert.equal(later['updatedProperties'], null);
  await put('Subject: a\n\nb\n');
  const counted = await call('Mailbox/changes', { sinceState: all['newState'] });
  assert.deepEqual(counted['updated'], [await mailboxOf('inbox')]);
  assert.deepEqual(counted['updatedProperties'], ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads']);
  for (const sinceState of ['', '99999', '-1', '01', 'x'])
    assert.equal((await refusal('Mailbox/changes', { sinceState })).type, 'cannotCalculateChanges', sinceState);
  assert.equal((await refusal('Mailbox/changes', { sinceState: since, maxChanges: 0 })).type, 'invalidArguments');
});
