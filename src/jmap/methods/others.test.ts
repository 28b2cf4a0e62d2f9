/** Identity, VacationResponse and Quota: types of which an account has few. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LI, ZHANG, openJmap, type Answer } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  return jmap;
}

test('each address has an identity that stays; others come and go', async (t) => {
  const { call } = await open(t);
  const before = await call('Identity/get');
  const own = before['list'][0] as Answer;
  assert.deepEqual([own['email'], own['name'], own['mayDelete'], own['isDefault']], [ZHANG, '张三', false, true]);
  const { created, notCreated } = await call('Identity/set', {
    create: {
      work: { email: ZHANG.toUpperCase(), name: '办公室', textSignature: '-- \n张', bcc: [{ email: ZHANG }] },
      other: { email: LI },
      wrong: { email: ZHANG, name: 3 },
      long: { email: ZHANG, htmlSignature: 'x'.repeat(60_000) },
    },
  });
  assert.deepEqual(created.work.email, ZHANG);
  assert.deepEqual(
    ['other', 'wrong', 'long'].map((id) => notCreated[id].type as string),
    ['forbiddenFrom', 'invalidProperties', 'invalidProperties'],
  );
  const { id } = created.work;
  const { updated, notUpdated } = await call('Identity/set', {
    update: {
      [id]: { name: null, textSignature: null, replyTo: [{ name: 'A', email: LI }] },
      [own['id']]: { email: LI },
      'I1-999': { name: 'x' },
    },
  });
  assert.deepEqual(
    [updated, notUpdated[own['id']].type, notUpdated['I1-999'].type],
    [{ [id]: null }, 'invalidProperties', 'notFound'],
  );
  const { list } = await call('Identity/get', { ids: [id], properties: ['name', 'textSignature', 'replyTo', 'bcc'] });
  assert.deepEqual(list, [
    { id, name: '', textSignature: '', replyTo: [{ name: 'A', email: LI }], bcc: [{ name: null, email: ZHANG }] },
  ]);
  const { destroyed, notDestroyed } = await call('Identity/set', { destroy: [id, own['id']] });
  assert.deepEqual([destroyed, notDestroyed[own['id']].type], [[id], 'forbidden']);
  const changes = await call('Identity/changes', { sinceState: before['state'] });
  assert.deepEqual([changes['created'], changes['updated'], changes['destroyed']], [[], [], []]);
});

test('there is one vacation, which keeps what is written while it is off', async (t) => {
  const { call, refusal } = await open(t);
  const get = async (): Promise<Answer> => (await call('VacationResponse/get')).list[0] as Answer;
  const set = async (patch: object): Promise<Answer> => call('VacationResponse/set', { update: { singleton: patch } });
  assert.deepEqual([(await get())['isEnabled'], (await get())['textBody']], [false, null]);
  const dates = { fromDate: '2026-03-01T00:00:00Z', toDate: '2026-03-15T00:00:00Z' };
  await set(dates);
  assert.deepEqual([(await get())['fromDate'], (await get())['toDate']], [dates.fromDate, dates.toDate]);
  assert.deepEqual((await set({ isEnabled: true }))['notUpdated'].singleton.properties, ['textBody']);
  assert.deepEqual((await set({ isEnabled: true, textBody: '休假', subject: '不在' }))['updated'], { singleton: null });
  const away = await get();
  assert.deepEqual([away['isEnabled'], away['textBody'], away['subject']], [true, '休假', '不在']);
  // Replies are plain text, and that is said.
  assert.deepEqual((await set({ textBody: null, htmlBody: '<p>away</p>' }))['updated'].singleton.htmlBody, null);
  assert.match((await get())['textBody'], /away/);
  assert.equal(
    (await set({ fromDate: dates.toDate, toDate: dates.fromDate }))['notUpdated'].singleton.type,
    'invalidProperties',
  );
  assert.equal((await set({ isEnabled: 'yes' }))['notUpdated'].singleton.type, 'invalidProperties');
  const { notCreated, notDestroyed } = await call('VacationResponse/set', {
    create: { a: {} },
    destroy: ['singleton'],
  });
  assert.deepEqual([notCreated.a.type, notDestroyed.singleton.type], ['singleton', 'singleton']);
  assert.deepEqual((await call('VacationResponse/get', { ids: ['x'] })).notFound, ['x']);
  assert.equal((await refusal('VacationResponse/set', { ifInState: 'old' })).type, 'stateMismatch');
  await set({ isEnabled: null, textBody: null, subject: null, fromDate: null, toDate: null });
  assert.deepEqual(
    [(await get())['isEnabled'], (await get())['textBody'], (await get())['fromDate']],
    [false, null, null],
  );
});

test('quotas tell what is used of what may be', async (t) => {
  const { call, account, put, refusal } = await open(t);
  assert.deepEqual((await call('Quota/get')).list, []);
  await account.setQuota({ quotaBytes: 10_000, quotaMessages: 7 });
  const { state } = await call('Quota/get');
  await put('Subject: a\n\nb\n');
  const { list } = await call('Quota/get', { properties: ['used', 'hardLimit', 'resourceType'] });
  assert.deepEqual(
    list.map(({ used, hardLimit, resourceType }: Answer) => ({ used, hardLimit, resourceType })),
    [
      { used: 17, hardLimit: 10_000, resourceType: 'octets' },
      { used: 1, hardLimit: 7, resourceType: 'count' },
    ],
  );
  const changes = await call('Quota/changes', { sinceState: state });
  assert.deepEqual([changes['updated'], changes['updatedProperties']], [['octets', 'count'], ['used']]);
  assert.deepEqual((await call('Quota/query', { filter: { resourceType: 'count' } })).ids, ['count']);
  assert.deepEqual((await call('Quota/query', { sort: [{ property: 'used' }] })).ids, ['count', 'octets']);
  assert.equal((await refusal('Quota/query', { sort: [{ property: 'size' }] })).type, 'unsupportedSort');
});
