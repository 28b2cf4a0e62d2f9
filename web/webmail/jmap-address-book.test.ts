import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '#web/jmap/client.ts';
import { createAddressBook } from './jmap-address-book.ts';

const CARD = {
  id: 'C1-1',
  addressBookIds: { 'K1-1': true },
  uid: 'urn:uuid:1',
  kind: 'individual',
  name: {
    components: [
      { kind: 'surname', value: '王' },
      { kind: 'given', value: '芳' },
    ],
  },
  emails: { w: { address: 'w@x.example', contexts: { work: true } } },
  phones: { a: { number: '1' }, b: { number: '2', features: { fax: true } } },
};
const WANG = { name: '王芳', emails: ['w@x.example'], phone: '1', organization: '', note: '' };

/** The arguments of each set, over a server that has one card. */
function open() {
  const sets: Record<string, unknown>[] = [];
  const call = async (name: string, args: Record<string, unknown>): Promise<unknown> => {
    if (name === 'ContactCard/get') return { list: [CARD] };
    sets.push(args);
    return { notCreated: null, notUpdated: null, notDestroyed: null };
  };
  const client = { accountId: 'A1', connection: { call } } as unknown as Client;
  return { book: createAddressBook(client), sets };
}

test('what was not changed is not said, so that what other programs wrote stays', async () => {
  const { book, sets } = open();
  assert.equal(
    await book.saveContact({ ...WANG, emails: ['new@x.example', 'w@x.example'], phone: '' }, 'C1-1'),
    'saved',
  );
  assert.deepEqual(sets[0]?.['update'], {
    'C1-1': {
      emails: { e1: { address: 'new@x.example', pref: 1 }, e2: { address: 'w@x.example', contexts: { work: true } } },
      phones: { b: { number: '2', features: { fax: true } } },
    },
  });
});

test('a new one has nothing to take away', async () => {
  const { book, sets } = open();
  await book.saveContact({ ...WANG, phone: '' });
  assert.deepEqual(sets[0]?.['create'], {
    card: { name: { full: '王芳' }, emails: { e1: { address: 'w@x.example' } } },
  });
});

test('one that was removed comes back as it was', async () => {
  const { book, sets } = open();
  const takeBack = await book.removeContact('C1-1');
  assert.ok(takeBack !== 'failed');
  assert.equal(await takeBack(), 'saved');
  const { id: _, ...card } = CARD;
  assert.deepEqual(sets.at(-1)?.['create'], { card });
});
