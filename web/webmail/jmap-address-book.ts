/** The address book over the client core: asked each time, for it is the server's and large. */
import type { PersonFilter } from '#contract/jmap/person.ts';
import type { Client } from '#web/jmap/client.ts';
import { valueOf } from '#web/jmap/connection.ts';
import { resultOf } from '#web/jmap/types.ts';
import type { AddressBook, ListedView } from './address-book.ts';

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
  return {
    search: (text) => find({ text: text.slice(0, 100) }, 12),
    inUnit: (unit) => find({ unit }),
    async units() {
      const { list } = await connection.call('Unit/get', { accountId });
      return list.map(({ name = '', count = 0 }) => ({ name, count }));
    },
  };
}
