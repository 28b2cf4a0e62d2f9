/** ContactCard/query and ContactCard/queryChanges (RFC 9610 §3.3, 3.4). */
import { CAPABILITIES, type FilterOf, type QueryChangesResponse } from '#contract/jmap/core.ts';
import {
  ContactCardQuery,
  ContactCardQueryChanges,
  nameOfCard,
  type ContactCardFilterCondition,
} from '#contract/jmap/contacts.ts';
import type { Id } from '#contract/jmap/values.ts';
import type { StepOf } from '#directory/name-match.ts';
import { loadReadings } from '#directory/pinyin-readings.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { answerQuery, isFound, sortItems } from '#jmap/core/list.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { formatRowId, parseRowId } from '#jmap/row-ids.ts';
import type { CardRow } from '#jmap/types.ts';
import { createNameReader, matchCard, type NameReader } from './match-card.ts';

interface ListArguments {
  readonly filter: FilterOf<ContactCardFilterCondition> | null;
  readonly sort: readonly { readonly property: string; readonly isAscending: boolean }[] | null;
}

export const contactCardQuery = defineMethod({
  name: 'ContactCard/query',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: ContactCardQuery,
  async run(context, args) {
    const { state, ids } = await list(context, args);
    return answerQuery(args, ids, state, false);
  },
});

export const contactCardQueryChanges = defineMethod({
  name: 'ContactCard/queryChanges',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: ContactCardQueryChanges,
  async run(context, args): Promise<QueryChangesResponse> {
    const { state, ids } = await list(context, args);
    if (args.sinceQueryState !== state) throw new MethodError('cannotCalculateChanges');
    const { accountId, calculateTotal } = args;
    const total = calculateTotal ? { total: ids.length } : {};
    return { accountId, oldQueryState: state, newQueryState: state, removed: [], added: [], ...total };
  },
});

/** Where nothing is said of the order, the nearest first, then by name. */
async function list(
  { services, accountId }: MethodContext,
  { filter, sort }: ListArguments,
): Promise<{ readonly state: string; readonly ids: readonly Id[] }> {
  const { state, rows } = await services.records.cards(accountId);
  const read = createNameReader(await readings());
  const meets = (row: CardRow, { inAddressBook, ...condition }: ContactCardFilterCondition): number | undefined => {
    const book = inAddressBook === undefined ? undefined : (parseRowId('AddressBook', accountId, inAddressBook) ?? -1);
    return matchCard(row, { ...condition, inAddressBook: book }, read);
  };
  const isMet = (row: CardRow, condition: ContactCardFilterCondition): boolean => meets(row, condition) !== undefined;
  const found = rows.flatMap((row) => {
    if (!isFound(row, filter, isMet)) return [];
    // Of several conditions put together none says how near.
    const distance = filter === null || 'operator' in filter ? 0 : (meets(row, filter) ?? 0);
    return [{ row, distance, name: readOut(nameOfCard(row.card), read) }];
  });
  const nearest = found.toSorted((a, b) => a.distance - b.distance || COLLATOR.compare(a.name, b.name));
  const sorted = sortItems(nearest, sort, SORTABLE, (a, b, property) => compare(a.row.card, b.row.card, property));
  return { state: String(state), ids: sorted.map(({ row }) => formatRowId('ContactCard', accountId, row.id)) };
}

/** RFC 9610 §3.3.2. */
const SORTABLE = ['created', 'updated', 'name/given', 'name/surname', 'name/surname2'] as const;
const COLLATOR = new Intl.Collator('zh-CN');

function compare(a: CardRow['card'], b: CardRow['card'], property: (typeof SORTABLE)[number]): number {
  if (property === 'created' || property === 'updated')
    return (Date.parse(a[property] ?? '') || 0) - (Date.parse(b[property] ?? '') || 0);
  const valueOf = ({ name }: CardRow['card']): string =>
    (name?.components ?? []).find(({ kind }) => `name/${kind}` === property)?.value ?? '';
  return COLLATOR.compare(valueOf(a), valueOf(b));
}

/** As a name is said, a surname as surnames are: 曾 stands at Z, and Margaret between 马 and 牛. */
function readOut(name: string, read: NameReader): string {
  return read(name)
    .form.steps.map(([written, reading]) => reading ?? written)
    .join(' ');
}

let loaded: Promise<StepOf> | undefined;

/** Read when a thread is first asked, and then its own: what was found out about a character stays. */
function readings(): Promise<StepOf> {
  loaded ??= loadReadings();
  return loaded;
}
