/** ContactCard/query and ContactCard/queryChanges (RFC 9610 §3.3, 3.4). */
import { CAPABILITIES, type FilterOf, type QueryChangesResponse } from '#contract/jmap/core.ts';
import {
  ContactCardQuery,
  ContactCardQueryChanges,
  nameOfCard,
  type ContactCardFilterCondition,
} from '#contract/jmap/contacts.ts';
import type { Id } from '#contract/jmap/values.ts';
import { readName, type StepOf } from '#directory/name-match.ts';
import { loadReadings } from '#directory/pinyin-readings.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { answerQuery, isFound, sortItems } from '#jmap/core/list.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { formatRowId, parseRowId } from '#jmap/row-ids.ts';
import type { CardRow } from '#jmap/types.ts';
import { matchCard } from './match-card.ts';

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

/** Where nothing is said of the order, the nearest first. */
async function list(
  { services, accountId }: MethodContext,
  { filter, sort }: ListArguments,
): Promise<{ readonly state: string; readonly ids: readonly Id[] }> {
  const { state, rows } = await services.records.cards(accountId);
  const stepOf = await loadReadings();
  const found = rows.flatMap((row) => {
    let distance = 0;
    const isMeant = isFound(row, filter, (one, condition) => {
      const { inAddressBook, ...rest } = condition;
      const book =
        inAddressBook === undefined ? {} : { inAddressBook: parseRowId('AddressBook', accountId, inAddressBook) ?? 0 };
      const near = matchCard(one, { ...rest, ...book }, stepOf);
      distance = Math.max(distance, near ?? 0);
      return near !== undefined;
    });
    return isMeant ? [{ row, distance }] : [];
  });
  const byDefault = found.toSorted((a, b) => a.distance - b.distance);
  const sorted = sortItems(byDefault, sort, SORTABLE, (a, b, property) => compare(a.row, b.row, property, stepOf));
  return { state: String(state), ids: sorted.map(({ row }) => formatRowId('ContactCard', accountId, row.id)) };
}

/** RFC 9610 §3.3.2; ours: `name`, by pinyin. */
const SORTABLE = ['name', 'created', 'updated', 'name/given', 'name/surname', 'name/surname2'] as const;

function compare(a: CardRow, b: CardRow, property: (typeof SORTABLE)[number], stepOf: StepOf): number {
  const [first, second] = [a, b].map(({ card }) => {
    if (property === 'created' || property === 'updated') return card[property] ?? '';
    if (property === 'name') return spell(nameOfCard(card), stepOf);
    const components = card.name?.components ?? [];
    return spell(components.find(({ kind }) => `name/${kind}` === property)?.value ?? '', stepOf);
  }) as [string, string];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

const HAN = /^\p{Script=Han}/u;

/** As a Chinese list goes: by pinyin, a surname as a surname is read, and other scripts after. */
function spell(name: string, stepOf: StepOf): string {
  const spelled = readName(name, stepOf).steps.map(([written, reading]) => reading ?? written);
  return `${HAN.test(name) ? 0 : 1} ${spelled.join(' ')}`;
}
