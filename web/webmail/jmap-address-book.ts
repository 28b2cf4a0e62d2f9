/** The address book, and one's own contacts, over the client core: asked each time, for the one is the server's and large. */
import { nameOfCard, type ContactCard } from '#contract/jmap/contacts.ts';
import type { PersonFilter } from '#contract/jmap/person.ts';
import type { Client } from '#web/jmap/client.ts';
import { valueOf } from '#web/jmap/connection.ts';
import { resultOf } from '#web/jmap/types.ts';
import { listOwn, type AddressBook, type ListedView, type OwnContact, type OwnContactView } from './address-book.ts';

/** Of each kind, while somebody types. */
const FOUND = 12;
/** One's own that a page lists: more are found by searching. */
const LISTED = 500;

export function createAddressBook({ connection, accountId }: Client): AddressBook {
  const find = async (filter: PersonFilter, limit?: number): Promise<readonly ListedView[]> => {
    const [query, get] = await connection.run([
      ['Person/query', { accountId, filter, limit }],
      ['Person/get', { accountId, '#ids': resultOf(0, 'Person/query', '/ids') }],
    ] as const);
    valueOf(query);
    return valueOf(get).list.map(({ kind, name = '', email = '', unit = '' }) => ({
      name,
      address: email,
      unit,
      isGroup: kind === 'group',
    }));
  };
  const findOwn = async (filter: object, limit: number): Promise<readonly OwnContactView[]> => {
    const sort = 'text' in filter ? null : [{ property: 'name' }];
    const [query, get] = await connection.run([
      ['ContactCard/query', { accountId, filter, sort, limit }],
      ['ContactCard/get', { accountId, '#ids': resultOf(0, 'ContactCard/query', '/ids') }],
    ] as const);
    valueOf(query);
    return valueOf(get).list.map((card) => toView(card as ContactCard));
  };
  const read = async (id: string): Promise<ContactCard | undefined> => {
    const { list } = await connection.call('ContactCard/get', { accountId, ids: [id] });
    return list[0] as ContactCard | undefined;
  };
  const create = async (card: object): Promise<'saved' | 'full' | 'failed'> => {
    const { notCreated } = await connection.call('ContactCard/set', { accountId, create: { card } });
    const why = notCreated?.['card']?.type;
    return why === undefined ? 'saved' : why === 'overQuota' ? 'full' : 'failed';
  };

  return {
    async search(text) {
      const asked = text.slice(0, 100);
      // In an account of others there are none of one's own.
      const own = findOwn({ text: asked, kind: 'individual' }, FOUND).catch(() => []);
      const others = await find({ text: asked }, FOUND);
      return [...(await own).filter(({ emails }) => emails.length > 0).map(listOwn), ...others];
    },
    inUnit: (unit) => find({ unit }),
    async units() {
      const { list } = await connection.call('Unit/get', { accountId });
      return list.map(({ name = '', count = 0 }) => ({ name, count }));
    },
    ownContacts: () => findOwn({ kind: 'individual' }, LISTED),
    async saveContact(contact, id) {
      try {
        if (id === undefined) return await create(changesOf(contact, undefined));
        const before = await read(id);
        if (before === undefined) return 'failed';
        const update = { [id]: changesOf(contact, before) };
        const { notUpdated } = await connection.call('ContactCard/set', { accountId, update });
        return notUpdated === null ? 'saved' : 'failed';
      } catch {
        return 'failed';
      }
    },
    async removeContact(id) {
      try {
        const before = await read(id);
        const { notDestroyed } = await connection.call('ContactCard/set', { accountId, destroy: [id] });
        if (before === undefined || notDestroyed !== null) return 'failed';
        const { id: _, ...card } = before;
        return () => create(card).catch(() => 'failed' as const);
      } catch {
        return 'failed';
      }
    },
  };
}

function toView(card: ContactCard): OwnContactView {
  const [phone] = Object.values(card.phones ?? {});
  const [organization] = Object.values(card.organizations ?? {});
  const [note] = Object.values(card.notes ?? {});
  const emails = Object.values(card.emails ?? {}).toSorted((a, b) => (a.pref ?? 101) - (b.pref ?? 101));
  return {
    id: card.id,
    name: nameOfCard(card),
    emails: emails.map(({ address }) => address),
    phone: phone?.number ?? '',
    organization: organization?.name ?? '',
    note: note?.note ?? '',
  };
}

/** A patch: only what differs, so that what other programs wrote stays. */
function changesOf(contact: OwnContact, before: ContactCard | undefined): Readonly<Record<string, unknown>> {
  const known = before && toView(before);
  const changed: Record<string, unknown> = {};
  if (contact.name !== known?.name) changed['name'] = { full: contact.name };
  if (contact.emails.join('\n') !== known?.emails.join('\n')) {
    const old = Object.values(before?.emails ?? {});
    const entries = contact.emails.map((address, at) => {
      const { pref: _, ...kept } = old.find((one) => one.address === address) ?? { address };
      return [`e${at + 1}`, at === 0 && contact.emails.length > 1 ? { ...kept, pref: 1 } : kept] as const;
    });
    changed['emails'] = entries.length === 0 ? null : Object.fromEntries(entries);
  }
  if (contact.phone !== (known?.phone ?? '')) changed['phones'] = withFirst(before?.phones, 'number', contact.phone);
  if (contact.organization !== (known?.organization ?? ''))
    changed['organizations'] = withFirst(before?.organizations, 'name', contact.organization);
  if (contact.note !== (known?.note ?? '')) changed['notes'] = withFirst(before?.notes, 'note', contact.note);
  // What is made new has nothing to take away.
  return before === undefined ? Object.fromEntries(Object.entries(changed).filter(([, value]) => value)) : changed;
}

/** The first one says `text` now, or is gone; the others stay. Null: none is left. */
function withFirst(
  items: Readonly<Record<string, object>> | undefined,
  property: string,
  text: string,
): Readonly<Record<string, object>> | null {
  const [[key, first] = ['1', {}], ...others] = Object.entries(items ?? {});
  const entries = text === '' ? others : [[key, { ...first, [property]: text }] as const, ...others];
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
