import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DAY_MS } from '#base/clock.ts';
import { ACCOUNT_ID, LI, ZHANG, openJmap, type Answer } from '#jmap/testing/jmap.ts';

const LETTERS = [
  'From: =?UTF-8?B?546L6ICB5biI?= <wang@kust.example>\nTo: zhang@kust.example\nSubject: =?UTF-8?B?6ICD6Kmm6YCa55+l?=\n\none\n',
  'From: Admissions <admissions@far.example>\nSubject: Offer of a place\n\ntwo\n',
  'Subject: no author\n\nthree\n',
];

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const query = async (args: object = {}): Promise<Answer> => jmap.call('Deletion/query', { ...args });
  const get = async (ids: readonly string[]): Promise<readonly Answer[]> =>
    (await jmap.call('Deletion/get', { ids })).list as Answer[];
  /** Deletes three letters one by one; the deletions, the latest first. */
  const deleteAll = async (): Promise<readonly string[]> => {
    for (const letter of LETTERS) {
      const id = await jmap.put(letter, { keywords: ['$seen'], receivedAt: 1_568_606_400_000 });
      assert.deepEqual((await jmap.call('Email/set', { destroy: [id] })).destroyed, [id]);
    }
    return (await query()).ids as string[];
  };
  return { ...jmap, query, get, deleteAll };
}

test('what was destroyed is listed with who did it, found by words, and paged', async (t) => {
  const { deleteAll, get, query, refusal, clock, mailboxOf } = await open(t);
  const deletedAt = clock.now();
  const ids = await deleteAll();
  const list = await get(ids);
  assert.deepEqual(
    list.map(({ subject }) => subject as string),
    ['no author', 'Offer of a place', '考試通知'],
  );
  const { id: _, size, keptUntil, ...last } = list[2] ?? assert.fail();
  assert.ok(size > 100);
  assert.equal(Date.parse(keptUntil), deletedAt + 30 * DAY_MS);
  assert.deepEqual(last, {
    subject: '考試通知',
    from: [{ name: '王老师', email: 'wang@kust.example' }],
    to: [{ name: null, email: 'zhang@kust.example' }],
    receivedAt: '2019-09-16T04:00:00Z',
    hasAttachment: false,
    deletedAt: new Date(deletedAt).toISOString().replace('.000', ''),
    mailboxId: await mailboxOf('inbox'),
    path: 'INBOX',
    way: 'web',
    by: ZHANG,
    agent: 'Firefox',
  });
  const [third, second, first] = ids;
  const found = async (text: string) => (await query({ filter: { text } })).ids as string[];
  assert.deepEqual(await found('考试'), [first], 'simplified or traditional');
  assert.deepEqual(await found(' ADMISSIONS@far'), [second]);
  assert.deepEqual(await found('王老师'), [first]);
  assert.deepEqual(await found('nowhere'), []);
  assert.deepEqual(await query({ limit: 2 }), { accountId: ACCOUNT_ID, ids: [third, second], next: second });
  assert.deepEqual(await query({ limit: 2, behind: second }), { accountId: ACCOUNT_ID, ids: [first], next: null });
  assert.equal((await refusal('Deletion/query', { behind: 'D2-1' })).type, 'invalidArguments');
  assert.deepEqual(await get(['D1-99', 'x']), []);
});

test('it comes back as an Email of the old mailbox, and only once', async (t) => {
  const { deleteAll, call, query, mailboxOf, audited } = await open(t);
  const [third = '', second = '', first = ''] = await deleteAll();
  const inbox = await mailboxOf('inbox');
  const { created, notCreated } = await call('Deletion/recover', { ids: [first, second, 'D1-77'] });
  assert.deepEqual(Object.keys(created).toSorted(), [first, second].toSorted());
  assert.deepEqual(notCreated, { 'D1-77': { type: 'notFound' } });
  assert.equal(created[first].mailboxId, inbox);
  const { list } = await call('Email/get', {
    ids: [created[first].id],
    properties: ['subject', 'keywords', 'mailboxIds'],
  });
  assert.deepEqual(list[0], {
    id: created[first].id,
    subject: '考試通知',
    keywords: { $seen: true },
    mailboxIds: { [inbox]: true },
  });
  assert.deepEqual((await query()).ids, [third]);
  assert.deepEqual((await call('Deletion/recover', { ids: [first] })).notCreated, { [first]: { type: 'notFound' } });
  assert.deepEqual(
    audited.filter(({ action }) => action === 'administration.deletions').map(({ detail }) => detail),
    [{ how: 'recovered', count: 2 }],
  );
});

test('where there is no room nothing comes back, and nothing is lost', async (t) => {
  const { deleteAll, call, query, account } = await open(t);
  const ids = await deleteAll();
  await account.setQuota({ quotaBytes: 10, quotaMessages: null });
  const { created, notCreated } = await call('Deletion/recover', { ids });
  assert.deepEqual([created, notCreated[ids[0] ?? '']], [{}, { type: 'overQuota' }]);
  assert.deepEqual((await query()).ids, ids);
});

test('its owner can have it gone for good', async (t) => {
  const { deleteAll, call, query, audited } = await open(t);
  const [third = '', ...others] = await deleteAll();
  assert.deepEqual(await call('Deletion/destroy', { ids: [third, third, 'D1-77'] }), {
    accountId: ACCOUNT_ID,
    destroyed: [third],
    notDestroyed: { 'D1-77': { type: 'notFound' } },
  });
  assert.deepEqual((await query()).ids, others);
  assert.deepEqual(audited.at(-1)?.detail, { how: 'destroyed', count: 1 });
});

test('a draft that was saved anew is not among it', async (t) => {
  const { call, query, mailboxOf } = await open(t);
  const drafts = await mailboxOf('drafts');
  const draft = { mailboxIds: { [drafts]: true }, keywords: { $draft: true }, subject: 'x' };
  const { created } = await call('Email/set', { create: { a: draft } });
  await call('Email/set', { create: { b: draft }, destroy: [created.a.id] });
  assert.deepEqual((await query()).ids, []);
});

test('who may write in an account of another has back what was deleted there, and destroys nothing', async (t) => {
  const { directory, li, mail, call, refusal, audited } = await open(t);
  const accountId = `A${li}`;
  const lis = mail.account(li);
  await mail.deliver(mail.prepareMessage(Buffer.from('Subject: theirs\r\n\r\nx\r\n')), [li], 0);
  const inbox = (await lis.mailboxes()).find(({ role }) => role === 'inbox')?.mailboxId ?? assert.fail();
  const by = { way: 'pop3', login: LI, agent: '' } as const;
  await lis.expunge({ mailboxId: inbox, onlyDeleted: false, by });
  await directory.setDelegation(li, 1 as typeof li, ['read'], LI);
  assert.equal((await refusal('Deletion/query', { accountId })).type, 'accountReadOnly');
  await directory.setDelegation(li, 1 as typeof li, ['read', 'write'], LI);
  const { ids } = await call('Deletion/query', { accountId });
  assert.equal((await refusal('Deletion/destroy', { accountId, ids })).type, 'accountNotSupportedByMethod');
  assert.equal(Object.keys((await call('Deletion/recover', { accountId, ids })).created).length, 1);
  const acts = audited.filter(({ action }) => action === 'identity.delegated-act');
  assert.deepEqual(
    acts.map(({ detail }) => detail?.['act']),
    // What was refused for want of a right is written down too.
    ['Deletion/query', 'Deletion/recover created'],
  );
});

test('a mailbox is emptied up to where it stood, in its owner’s name; what is elsewhere, too, stays there', async (t) => {
  const { call, query, get, put, mailboxOf, refusal } = await open(t);
  const [trash, inbox] = [await mailboxOf('trash'), await mailboxOf('inbox')];
  const moved = async (mailboxIds: object): Promise<string> => {
    const id = await put('Subject: x\n\nx\n');
    await call('Email/set', { update: { [id]: { mailboxIds } } });
    return id;
  };
  await moved({ [trash]: true });
  const twice = await moved({ [trash]: true, [inbox]: true });
  const { emptied, upTo, left } = await call('Mailbox/empty', { id: trash });
  assert.deepEqual([emptied, left], [{ [trash]: 2 }, 0]);
  const { ids } = await query();
  assert.deepEqual(
    (await get(ids as string[])).map(({ path, way, by }) => [path, way, by] as unknown),
    [['Trash', 'web', ZHANG]],
  );
  assert.deepEqual((await call('Email/get', { ids: [twice] })).list[0].mailboxIds, { [inbox]: true });
  const late = await moved({ [trash]: true });
  assert.deepEqual((await call('Mailbox/empty', { id: trash, upTo })).emptied, {});
  assert.deepEqual((await call('Mailbox/empty', { id: trash, into: inbox })).emptied, { [trash]: 1 });
  assert.deepEqual((await call('Email/get', { ids: [late] })).list[0].mailboxIds, { [inbox]: true });
  for (const args of [{ id: 'M1-77' }, { id: 'x' }, { id: trash, into: trash }, { id: trash, into: 'M1-77' }])
    assert.equal((await refusal('Mailbox/empty', args)).type, 'invalidArguments');
});

test('who may only read an account of another does not empty it; who may write does, under a name', async (t) => {
  const { directory, li, mail, call, refusal, audited } = await open(t);
  const accountId = `A${li}`;
  await mail.deliver(mail.prepareMessage(Buffer.from('Subject: theirs\r\n\r\nx\r\n')), [li], 0);
  await directory.setDelegation(li, 1 as typeof li, ['read'], LI);
  const { list } = await call('Mailbox/get', { accountId });
  const id = (list as Answer[]).find(({ role }) => role === 'inbox')?.['id'] as string;
  assert.equal((await refusal('Mailbox/empty', { accountId, id })).type, 'accountReadOnly');
  await directory.setDelegation(li, 1 as typeof li, ['read', 'write'], LI);
  assert.deepEqual((await call('Mailbox/empty', { accountId, id })).emptied, { [id]: 1 });
  const acts = audited.filter(({ action }) => action === 'identity.delegated-act');
  assert.deepEqual(
    acts.map(({ detail }) => detail?.['act']),
    ['Mailbox/empty', 'Mailbox/empty emptied'],
  );
});
