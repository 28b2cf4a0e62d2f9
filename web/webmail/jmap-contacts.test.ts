/** One's own contacts as the screens have them, over the server's methods themselves. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { IDBFactory } from 'fake-indexeddb';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { ACCOUNT_ID, openJmap } from '#jmap/testing/jmap.ts';
import { JmapError } from '#web/jmap/failures.ts';
import { KeptCards } from '#web/jmap/kept-cards.ts';
import { Listeners } from '#web/jmap/listeners.ts';
import type { Heard } from '#web/jmap/push.ts';
import { peopleOf, type ContactsModel, type ContactView } from './contacts-model.ts';
import { createContacts, type ContactsSource } from './jmap-contacts.ts';

const NOTHING = { phones: [], organization: '', department: '', title: '', note: '' };
const ZENG = { ...NOTHING, name: '曾国藩', emails: ['zeng@x.example', 'zgf@y.example'], organization: '湖南大学' };
const WANG = { name: '王芳', address: 'wang@kust.example', unit: '教务处', isGroup: false };

async function open(t: TestContext) {
  const browser = new IDBFactory();
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  let isOffline = false;
  let requests = 0;
  const run = async (calls: readonly (readonly [string, Readonly<Record<string, unknown>>])[]) => {
    if (isOffline) throw new JmapError({ kind: 'offline' });
    requests += 1;
    const answers = await jmap.request(calls.map(([name, args], at) => [name, args, String(at)] as const));
    return answers.map(([name, value]) => (name === 'error' ? { ok: false, error: value } : { ok: true, value }));
  };
  const connection = {
    run,
    async call(name: string, args: Readonly<Record<string, unknown>>) {
      const [outcome] = await run([[name, args]]);
      if (outcome?.ok !== true) throw new Error(JSON.stringify(outcome));
      return outcome.value;
    },
    session: async () => ({ primaryAccounts: { [CAPABILITIES.contacts]: ACCOUNT_ID } }),
    async upload(_: string, file: Blob) {
      const octets = Buffer.from(await file.arrayBuffer());
      return { blobId: `U1-${await jmap.services.uploads.put(jmap.accountId, octets, 'text/plain')}` };
    },
    downloadUrl: async (accountId: string, blobId: string, name: string) => `/${accountId}/${blobId}/${name}`,
  };
  // What others share is shown: one's contacts are one's own all the same.
  const source = { accountId: 'A77', connection } as unknown as ContactsSource;
  const openTab = () => {
    const heard = new Listeners<Heard>();
    const keptCards = new KeptCards({ indexedDB: browser }, ACCOUNT_ID);
    return { heard, contacts: createContacts({ ...source, push: { heard }, keptCards }) };
  };
  const { contacts } = openTab();
  return {
    contacts,
    all: () => viewsOf(contacts),
    jmap,
    openTab,
    goOffline: () => (isOffline = true),
    requests: () => requests,
  };
}

function viewsOf({ all }: ContactsModel): readonly ContactView[] {
  const snapshot = all.getSnapshot();
  assert.ok(Array.isArray(snapshot), JSON.stringify(snapshot));
  return snapshot as readonly ContactView[];
}

/** Settles when they are read anew. */
async function changed({ all }: ContactsModel): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = all.subscribe(resolve);
  await promise;
  stop();
}

test('somebody is noted down, found, changed and removed, and each of it is taken back', async (t) => {
  const { contacts, all } = await open(t);
  const saved = await contacts.save(ZENG);
  assert.equal(saved.why, undefined);
  const [zeng] = all();
  assert.ok(zeng !== undefined);
  assert.deepEqual({ ...zeng, id: '', uid: '' }, { ...ZENG, id: '', uid: '', isGroup: false, memberUids: [] });
  assert.deepEqual(await contacts.search('zengg'), [zeng.id]);
  assert.deepEqual(await contacts.suggest('zgf'), [
    { name: '曾国藩', address: 'zeng@x.example', unit: '湖南大学', isGroup: false },
    { name: '曾国藩', address: 'zgf@y.example', unit: '湖南大学', isGroup: false },
  ]);
  const changed = await contacts.save({ ...ZENG, title: '山长', emails: ['zgf@y.example'] }, zeng.id);
  assert.deepEqual([all()[0]?.title, all()[0]?.emails], ['山长', ['zgf@y.example']]);
  await changed.undo();
  assert.deepEqual(all(), [zeng]);
  const removed = await contacts.remove([zeng.id]);
  assert.deepEqual(all(), []);
  await removed.undo();
  assert.deepEqual({ ...all()[0], id: '' }, { ...zeng, id: '' });
});

test('a group is written to as its members, who may be of the organisation', async (t) => {
  const { contacts, all } = await open(t);
  await contacts.save(ZENG);
  await contacts.saveGroup('课题组', []);
  const group = () => all().find(({ isGroup }) => isGroup) as ContactView;
  const added = await contacts.add([WANG, { ...WANG, name: '曾', address: 'ZENG@x.example' }], group().id);
  assert.equal(added.why, undefined);
  assert.equal(all().length, 3, 'one was there');
  const people = peopleOf(group(), all()).map(({ address }) => address);
  assert.deepEqual(people, ['wang@kust.example', 'zeng@x.example']);
  const [suggested] = await contacts.suggest('ktz');
  assert.deepEqual(
    suggested?.members?.map(({ name }) => name),
    ['王芳', '曾国藩'],
  );
  await contacts.saveGroup('基金组', group().memberUids.slice(1), group().id);
  assert.deepEqual([group().name, group().memberUids.length], ['基金组', 1]);
  assert.equal((await contacts.add([WANG])).count, 0);
});

test('a file is read, and only what is new is kept', async (t) => {
  const { contacts, all } = await open(t);
  await contacts.save(ZENG);
  const text = '姓名,邮箱\n曾,ZGF@y.example\n李雷,li@x.example\n韩梅梅,han@x.example\n,,\n';
  const file = await contacts.readFile(new File([text], '联系人.csv'));
  assert.ok(typeof file === 'object');
  assert.deepEqual([file.people, file.known], [['李雷', '韩梅梅'], 1]);
  const shares: number[] = [];
  const kept = await file.keep((share) => shares.push(share));
  assert.deepEqual([kept.count, kept.why, shares], [2, undefined, [1]]);
  assert.equal(all().length, 3);
  await kept.undo();
  assert.deepEqual(
    all().map(({ name }) => name),
    ['曾国藩'],
  );
  assert.equal(await contacts.readFile(new File(['hello'], 'x.txt')), 'unreadable');
  assert.match(await contacts.exportUrl('vcard', 'c.vcf'), /^\/A1\/U1-[0-9a-f]{64}\/c\.vcf$/);
});

test('all are read, however many, and a full book says so', async (t) => {
  const { contacts, all, jmap } = await open(t);
  const items = Array.from({ length: 1200 }, (_, n) => ({
    card: { '@type': 'Card' as const, version: '1.0', uid: `u${n}`, kind: 'individual', name: { full: `李${n}` } },
    books: [],
  }));
  const { accountId } = jmap;
  await jmap.services.records.createCards({ accountId, items });
  await contacts.save(ZENG);
  assert.equal(all().length, 1201);
  await jmap.services.records.createCards({
    accountId,
    items: Array.from({ length: 5000 }, (_, n) => ({
      ...items[0],
      card: { ...items[0]!.card, uid: `v${n}` },
      books: [],
    })),
  });
  const { why, count } = await contacts.save({ ...ZENG, name: '左宗棠' });
  assert.deepEqual([why, count], ['full', 0]);
});

test('what another tab changes comes by itself, and what did not change is not fetched again', async (t) => {
  const { contacts, openTab, requests } = await open(t);
  await contacts.save(ZENG);
  const other = openTab();
  other.heard.emit('everything');
  assert.equal(other.contacts.all.getSnapshot(), 'asking', 'nobody has asked for them in it');
  other.contacts.refresh();
  await changed(other.contacts);
  await contacts.save({ ...ZENG, name: '曾文正' }, viewsOf(contacts)[0]?.id);
  const following = changed(other.contacts);
  other.heard.emit({ Email: 's9' });
  other.heard.emit({ ContactCard: 's9' });
  await following;
  assert.deepEqual(
    viewsOf(other.contacts).map(({ name }) => name),
    ['曾文正'],
  );
  const before = requests();
  other.heard.emit('everything');
  await other.contacts.search('x');
  assert.equal(requests() - before, 2, 'the state, and the search');
});

test('without a network those that were read last are there, and found by what is written in them', async (t) => {
  const { contacts, openTab, goOffline } = await open(t);
  await contacts.save(ZENG);
  goOffline();
  const { contacts: later } = openTab();
  later.refresh();
  await changed(later);
  assert.deepEqual(viewsOf(later), viewsOf(contacts));
  assert.deepEqual(await later.search('湖南'), [viewsOf(later)[0]?.id]);
  assert.deepEqual(await later.search('ZGF@'), [viewsOf(later)[0]?.id]);
  assert.deepEqual(await later.search('zengg'), []);
  assert.equal((await later.save({ ...ZENG, name: '李鸿章' })).why, 'offline');
});
