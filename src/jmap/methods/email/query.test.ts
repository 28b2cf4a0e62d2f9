import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openJmap, type Answer } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const letter = (n: number, subject = `s${n}`): string =>
    `From: p${n % 3}@kust.example\nSubject: ${subject}\nMessage-ID: <m${n}@x>\nIn-Reply-To: <root@x>\n\n${'x'.repeat(n)}\n`;
  const ids: string[] = [];
  for (let n = 0; n < 6; n++)
    ids.push(await jmap.put(letter(n, n < 3 ? 'Re: plan' : `s${n}`), { receivedAt: 1_000_000 * (n + 1) }));
  const query = async (args: object): Promise<string[]> =>
    (await jmap.call('Email/query', { ...args })).ids as string[];
  const at = (...indexes: number[]): string[] => indexes.map((n) => ids[n] as string);
  return { ...jmap, query, ids, at };
}

test('pages by position from either end, and around an anchor', async (t) => {
  const { call, query, at, refusal } = await open(t);
  assert.deepEqual(await query({}), at(5, 4, 3, 2, 1, 0));
  assert.deepEqual(await query({ position: 2, limit: 2 }), at(3, 2));
  const last = await call('Email/query', { position: -2, calculateTotal: true });
  assert.deepEqual([last['position'], last['total'], last['ids']], [4, 6, at(1, 0)]);
  assert.deepEqual(await query({ position: -99, limit: 1 }), at(5));
  assert.deepEqual(await query({ position: 99 }), []);
  const [anchor] = at(3);
  const around = await call('Email/query', { anchor, anchorOffset: -1, limit: 3, position: 77 });
  assert.deepEqual([around['position'], around['ids']], [1, at(4, 3, 2)]);
  assert.deepEqual(await query({ anchor, anchorOffset: -99, limit: 1 }), at(5));
  assert.equal('total' in around, false);
  // Told where ours is the tighter limit.
  assert.deepEqual([around['limit'], (await call('Email/query', { limit: 5000 })).limit], [undefined, 1000]);
  assert.deepEqual(await query({ limit: 0 }), []);
  for (const args of [{ anchor: 'E1-999' }, { anchor: 'nothing' }, { anchor, filter: { hasKeyword: 'none' } }])
    assert.equal((await refusal('Email/query', args)).type, 'anchorNotFound');
  for (const args of [{ limit: -1 }, { position: 0.5 }, { position: 2 ** 60 }, { anchorOffset: 'x' }])
    assert.equal((await refusal('Email/query', args)).type, 'invalidArguments');
});

test('filters, sorts and threads', async (t) => {
  const { call, query, at, refusal } = await open(t);
  const [first, , , fourth] = at(0, 1, 2, 3);
  await call('Email/set', { update: { [first as string]: { 'keywords/$flagged': true, 'keywords/todo': true } } });
  assert.deepEqual(await query({ filter: { hasKeyword: '$Flagged' } }), at(0));
  assert.deepEqual(await query({ filter: { someInThreadHaveKeyword: 'todo' } }), at(2, 1, 0));
  assert.deepEqual(await query({ filter: { inMailbox: 'M1-999' } }), []);
  assert.deepEqual(await query({ filter: { inMailboxOtherThan: ['M1-1'] } }), []);
  assert.deepEqual(
    await query({ filter: { after: '1970-01-01T00:50:00Z', before: '1970-01-01T01:23:20Z' } }),
    at(3, 2),
  );
  const not = { operator: 'NOT', conditions: [{ someInThreadHaveKeyword: 'todo' }, { minSize: 100_000 }] };
  assert.deepEqual(await query({ filter: not }), at(5, 4, 3));
  assert.deepEqual(await query({ collapseThreads: true }), at(5, 4, 3, 2));
  assert.deepEqual(await query({ sort: [{ property: 'size' }] }).then((found) => found.length), 6);
  const byKeyword = [{ property: 'hasKeyword', keyword: '$flagged', isAscending: false }, { property: 'receivedAt' }];
  assert.deepEqual((await query({ sort: byKeyword })).slice(0, 2), at(0, 1));
  assert.equal((await refusal('Email/query', { sort: [{ property: 'colour' }] })).type, 'unsupportedSort');
  // Without words nothing is about anything: what is left is the order in which they came.
  const relevance = [{ property: 'relevance', isAscending: false }];
  const ranked = await call('Email/query', { sort: relevance });
  assert.deepEqual([ranked.ids, ranked.canCalculateChanges], [at(5, 4, 3, 2, 1, 0), false]);
  const since = { sinceQueryState: ranked.queryState, sort: relevance };
  assert.equal((await refusal('Email/queryChanges', since)).type, 'cannotCalculateChanges');
  assert.equal(
    (await refusal('Email/query', { sort: [{ property: 'subject', collation: 'i;odd' }] })).type,
    'unsupportedSort',
  );
  for (const filter of [
    { colour: 'red' },
    { after: 'yesterday' },
    { hasKeyword: 'a b' },
    { operator: 'XOR', conditions: [] },
  ])
    assert.equal((await refusal('Email/query', { filter })).type, 'invalidArguments', JSON.stringify(filter));
  let deep: object = { hasKeyword: 'a' };
  for (let n = 0; n < 25; n++) deep = { operator: 'AND', conditions: [deep] };
  assert.equal((await refusal('Email/query', { filter: deep })).type, 'invalidArguments');
  const { list } = await call('Thread/get', { ids: ['T1-1', 'T1-1', 'T1-999', 'x'] });
  assert.equal(list.length, 1);
  assert.deepEqual(list[0].emailIds, at(0, 1, 2));
  assert.equal(typeof fourth, 'string');
});

test('what becomes of a result is told, or that it cannot be', async (t) => {
  const { call, put, at, refusal } = await open(t);
  const filter = { inMailbox: 'M1-1' };
  const { queryState } = await call('Email/query', { filter });
  const news = await put('Subject: new\n\nb\n', { receivedAt: 99_000_000 });
  await call('Email/set', { destroy: at(2) });
  const ask = (args: object): Promise<Answer> =>
    call('Email/queryChanges', { filter, sinceQueryState: queryState, ...args });
  const { added, removed, total, newQueryState } = await ask({ calculateTotal: true });
  assert.deepEqual([added, removed.includes(at(2)[0]), total], [[{ id: news, index: 0 }], true, 6]);
  assert.deepEqual((await ask({ sinceQueryState: newQueryState }))['added'], []);
  const refuse = async (args: object): Promise<unknown> =>
    (await refusal('Email/queryChanges', { filter, sinceQueryState: queryState, ...args })).type;
  assert.equal(await refuse({ maxChanges: 1 }), 'tooManyChanges');
  for (const sinceQueryState of ['', 'x', '99999'])
    assert.equal(await refuse({ sinceQueryState }), 'cannotCalculateChanges');
  const changes = await call('Email/changes', { sinceState: queryState });
  assert.deepEqual([changes['created'], changes['updated'], changes['destroyed']], [[news], [], at(2)]);
  const threads = await call('Thread/changes', { sinceState: queryState });
  assert.equal(threads['updated'].length, 1);
  assert.equal((await refusal('Email/changes', { sinceState: queryState, maxChanges: 0 })).type, 'invalidArguments');
});

test('ten thousand ids are refused, and ids of others are not found', async (t) => {
  const { call, refusal } = await open(t);
  const ids = Array.from({ length: 10_000 }, (_, n) => `E1-${n}`);
  for (const name of ['Email/get', 'Thread/get', 'Mailbox/get', 'Identity/get', 'EmailSubmission/get', 'Quota/get'])
    assert.equal((await refusal(name, { ids })).type, 'requestTooLarge', name);
  assert.equal((await refusal('Email/parse', { blobIds: ids })).type, 'requestTooLarge');
  const foreign = ['E2-1', 'E1-1x', 'e1-1', 'M1-1', 'E1-01', 'E1-99999999999999999999'];
  assert.deepEqual((await call('Email/get', { ids: foreign, properties: ['id'] })).notFound, foreign);
});
