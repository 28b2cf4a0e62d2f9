import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openJmap, type Answer } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  return jmap;
}

const WANG = {
  '@type': 'Card',
  version: '1.0',
  uid: 'urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af',
  name: {
    components: [
      { kind: 'surname', value: '曾' },
      { kind: 'given', value: '国藩' },
    ],
    isOrdered: true,
  },
  emails: { e1: { address: 'zeng@x.example', contexts: { work: true } }, e2: { address: 'z@y.example', pref: 1 } },
  phones: { p1: { number: '+86 138-0013-8000' } },
  organizations: { o1: { name: '昆明理工大学', units: [{ name: '教务处' }] } },
  notes: { n1: { note: '评审专家' } },
  'example.com:colour': { is: ['红', null] },
};

test('the default address book is there at the first look; others are made, chosen and removed', async (t) => {
  const { call } = await open(t);
  const { list, state } = await call('AddressBook/get');
  assert.deepEqual(
    (list as readonly Answer[]).map(({ name, isDefault, myRights }): unknown[] => [
      name,
      isDefault,
      myRights['mayDelete'],
    ]),
    [['个人通讯录', true, false]],
  );
  const made = await call('AddressBook/set', {
    ifInState: state,
    create: { new: { name: '校友' }, bad: { name: '', colour: 'red' } },
    onSuccessSetIsDefault: '#new',
  });
  assert.equal(made['notCreated'].bad.type, 'invalidProperties');
  const { id } = made['created'].new;
  assert.equal(made['created'].new.isDefault, false, 'for not all was done');
  const chosen = await call('AddressBook/set', {
    update: { [id]: { name: '师门', sortOrder: 3 } },
    onSuccessSetIsDefault: id,
  });
  assert.deepEqual(chosen['updated'], { [list[0].id]: { isDefault: false }, [id]: { isDefault: true } });
  const { created } = await call('ContactCard/set', {
    create: { c: { ...WANG, addressBookIds: { [list[0].id]: true } } },
  });
  const refused = await call('AddressBook/set', { destroy: [list[0].id, id, 'K1-999'] });
  assert.deepEqual(
    Object.entries(refused['notDestroyed']).map(([one, error]): unknown[] => [one, (error as Answer)['type']]),
    [
      [list[0].id, 'addressBookHasContents'],
      [id, 'forbidden'],
      ['K1-999', 'notFound'],
    ],
  );
  const gone = await call('AddressBook/set', { destroy: [list[0].id], onDestroyRemoveContents: true });
  assert.deepEqual(gone['destroyed'], [list[0].id]);
  assert.deepEqual((await call('ContactCard/get', { ids: [created.c.id] }))['notFound'], [created.c.id]);
  const changes = await call('AddressBook/changes', { sinceState: state });
  assert.deepEqual([changes['created'], changes['destroyed']], [[id], [list[0].id]]);
});

test('a card is kept as it came, whatever else is in it, and patched like any object', async (t) => {
  const { call } = await open(t);
  const { oldState, created, newState } = await call('ContactCard/set', { create: { c: WANG } });
  const { id, addressBookIds, updated } = created.c;
  const get = async () => (await call('ContactCard/get', { ids: [id] }))['list'][0] as Answer;
  const kept = await get();
  assert.deepEqual(kept, { ...WANG, kind: 'individual', id, addressBookIds, created: created.c.created, updated });
  const patch = {
    'emails/e1/address': 'guofan@x.example',
    'emails/e2': null,
    'example.com:colour/is': '蓝',
    notes: null,
  };
  const { updated: answered } = await call('ContactCard/set', { update: { [id]: patch } });
  assert.deepEqual(Object.keys(answered[id]), ['updated']);
  const { emails, notes, ...rest } = await get();
  assert.deepEqual(emails, { e1: { address: 'guofan@x.example', contexts: { work: true } } });
  assert.equal(notes, undefined);
  assert.deepEqual(rest['example.com:colour'], { is: '蓝' });
  const changes = await call('ContactCard/changes', { sinceState: newState });
  assert.deepEqual([changes['created'], changes['updated']], [[], [id]]);
  assert.deepEqual((await call('ContactCard/changes', { sinceState: oldState }))['created'], [id]);
  assert.deepEqual(
    (await call('ContactCard/get', { ids: [id], properties: ['example.com:colour', 'nothing'] }))['list'],
    [{ id, 'example.com:colour': { is: '蓝' } }],
  );
});

test('what is no card is refused, one by one', async (t) => {
  const { call, refusal } = await open(t);
  const media = { m: { kind: 'photo', blobId: 'U1-00' } };
  const { created, notCreated } = await call('ContactCard/set', {
    create: {
      ok: { name: { full: '李雷' } },
      emails: { emails: { e: { address: 7 } } },
      type: { '@type': 'Group' },
      uid: { uid: 'a\nb' },
      book: { addressBookIds: { 'K1-77': true } },
      media: { media },
      large: { notes: { n: { note: 'x'.repeat(70_000) } } },
    },
  });
  assert.deepEqual(Object.keys(created), ['ok']);
  assert.match(created.ok.uid, /^[a-z2-7]{26}$/);
  assert.deepEqual(
    Object.fromEntries(Object.entries(notCreated).map(([name, error]) => [name, (error as Answer)['type']])),
    {
      emails: 'invalidProperties',
      type: 'invalidProperties',
      uid: 'invalidProperties',
      book: 'invalidProperties',
      media: 'invalidProperties',
      large: 'tooLarge',
    },
  );
  const { id, uid } = created.ok;
  const again = await call('ContactCard/set', { create: { c: { uid } } });
  assert.deepEqual([again['notCreated'].c.type, again['notCreated'].c.existingId], ['alreadyExists', id]);
  for (const patch of [{ uid: 'other' }, { id: 'C1-9' }, { addressBookIds: null }, { media }, { 'emails/x/y': 1 }]) {
    const { notUpdated } = await call('ContactCard/set', { update: { [id]: patch } });
    assert.match(notUpdated[id].type, /^invalid/, JSON.stringify(patch));
  }
  assert.equal((await refusal('ContactCard/set', { ifInState: '9', create: {} }))['type'], 'stateMismatch');
  assert.equal((await refusal('ContactCard/copy', { fromAccountId: 'A7' }))['type'], 'fromAccountNotFound');
});

test('cards are found by name, pinyin, initials and what else stands in them, the nearest first', async (t) => {
  const { call, refusal, clock } = await open(t);
  const before = new Date(clock.now()).toISOString().replace(/\.\d+/, '');
  const { created } = await call('ContactCard/set', {
    create: {
      zeng: WANG,
      zhang: {
        name: { full: '张工' },
        emails: { e: { address: 'zengyi@x.example' } },
        nicknames: { n: { name: '老张' } },
      },
      margaret: { name: { full: 'Margaret Gonzalez' }, kind: 'individual' },
      team: { kind: 'group', name: { full: '课题组' }, members: { [WANG.uid]: true } },
    },
  });
  const nameOf = new Map(Object.entries(created).map(([name, card]) => [(card as Answer)['id'], name]));
  const find = async (filter: object | null, sort?: readonly object[]): Promise<readonly unknown[]> => {
    const { ids } = await call('ContactCard/query', { filter, ...(sort && { sort }) });
    return (ids as readonly string[]).map((id) => nameOf.get(id));
  };
  for (const text of [
    '曾',
    'zengguofan',
    'zgf',
    '国藩',
    '曾gf',
    '13800138000',
    '138-0013',
    '评审',
    '教务处',
    'jwc',
    '昆明',
  ])
    assert.deepEqual(await find({ text }), ['zeng'], text);
  assert.deepEqual(await find({ text: 'zeng' }), ['zeng', 'zhang']);
  assert.deepEqual(await find({ text: 'gonza' }), ['margaret']);
  assert.deepEqual(await find({ text: '老张' }), ['zhang']);
  assert.deepEqual(await find({ text: ' ' }), []);
  assert.deepEqual(await find({ name: '教务处' }), []);
  assert.deepEqual(await find({ organization: '教务处' }), ['zeng']);
  assert.deepEqual(await find({ 'name/surname': '曾', email: 'Z@Y', phone: '8613', note: '专家' }), ['zeng']);
  assert.deepEqual(await find({ kind: 'group' }), ['team']);
  assert.deepEqual(await find({ hasMember: WANG.uid }), ['team']);
  assert.deepEqual(await find({ uid: WANG.uid }), ['zeng']);
  assert.deepEqual(await find({ inAddressBook: 'K1-99' }), []);
  assert.deepEqual((await find({ createdAfter: before })).length, 4);
  assert.deepEqual(await find({ createdBefore: before }), []);
  assert.deepEqual(await find({ operator: 'NOT', conditions: [{ text: 'zeng' }] }), ['margaret', 'team']);
  // As a Chinese list goes: by pinyin, Latin letters after.
  assert.deepEqual(await find(null, [{ property: 'name' }]), ['team', 'zeng', 'zhang', 'margaret']);
  assert.equal((await refusal('ContactCard/query', { sort: [{ property: 'size' }] }))['type'], 'unsupportedSort');
  const { queryState } = await call('ContactCard/query');
  assert.deepEqual((await call('ContactCard/queryChanges', { sinceQueryState: queryState }))['added'], []);
  await call('ContactCard/set', { destroy: [[...nameOf.keys()][0]] });
  assert.equal(
    (await refusal('ContactCard/queryChanges', { sinceQueryState: queryState }))['type'],
    'cannotCalculateChanges',
  );
});

test('contacts are nobody else’s, whatever is shared', async (t) => {
  const { refusal, directory, accountId, li, mail } = await open(t);
  const purpose = {
    address: 'office@kust.example',
    displayName: '教务处',
    responsibleId: li,
    endsAt: null,
    purpose: '',
  };
  const box = await directory.createBox(purpose);
  await mail.account(box).provision();
  await directory.setDelegation(box, accountId, ['read', 'write'], 'li');
  for (const name of ['AddressBook/get', 'ContactCard/get', 'ContactCard/query', 'ContactCard/set'])
    assert.equal((await refusal(name, { accountId: `A${box}` }))['type'], 'accountNotSupportedByMethod', name);
});
