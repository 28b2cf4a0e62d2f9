/** ContactCard/get and ContactCard/changes (RFC 9610 §3.1, 3.2). */
import { CAPABILITIES, type GetResponse } from '#contract/jmap/core.ts';
import { ContactCardChanges, ContactCardGet, type ContactCard } from '#contract/jmap/contacts.ts';
import { chooseIds, pick } from '#jmap/core/get.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { readRecordChanges } from '#jmap/core/record-changes.ts';
import { formatRowId, parseRowId } from '#jmap/row-ids.ts';
import type { CardRow } from '#jmap/types.ts';

export const contactCardGet = defineMethod({
  name: 'ContactCard/get',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: ContactCardGet,
  async run(context, args): Promise<GetResponse<Partial<ContactCard>>> {
    const { services, accountId } = context;
    const rowIds = args.ids?.flatMap((id) => parseRowId('ContactCard', accountId, id) ?? []);
    const { state, rows } = await services.records.cards(accountId, rowIds);
    const cards = new Map(rows.map((row) => [formatRowId('ContactCard', accountId, row.id), row]));
    const ids = chooseIds(args.ids ?? [...cards.keys()]);
    // A card has whatever its writer put there: no name of a property is wrong.
    const properties = args.properties === null ? undefined : new Set([...args.properties, 'id']);
    const list = ids.flatMap((id) => {
      const row = cards.get(id);
      if (row === undefined) return [];
      const card = toContactCard(context, row);
      return [properties === undefined ? card : pick(card, properties)];
    });
    return { accountId: args.accountId, state: String(state), list, notFound: ids.filter((id) => !cards.has(id)) };
  },
});

export const contactCardChanges = defineMethod({
  name: 'ContactCard/changes',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: ContactCardChanges,
  run: (context, args) => readRecordChanges(context, args, 'ContactCard'),
});

export function toContactCard({ accountId }: Pick<MethodContext, 'accountId'>, row: CardRow): ContactCard {
  const addressBookIds = Object.fromEntries(
    row.books.map((book) => [formatRowId('AddressBook', accountId, book), true as const]),
  );
  return { ...row.card, id: formatRowId('ContactCard', accountId, row.id), addressBookIds };
}
