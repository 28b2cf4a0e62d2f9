/** Queries over types whose objects are few enough to be filtered and sorted at each question (RFC 8620 §5.5). */
import type { FilterOf, QueryResponse } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { MethodError } from './errors.ts';

export function isFound<Item, Condition extends object>(
  item: Item,
  filter: FilterOf<Condition> | null,
  isMet: (item: Item, condition: Condition) => boolean,
): boolean {
  if (filter === null) return true;
  if (!('operator' in filter)) return isMet(item, filter);
  const { operator, conditions } = filter;
  const met = (condition: FilterOf<Condition>): boolean => isFound(item, condition, isMet);
  if (operator === 'AND') return conditions.every(met);
  return operator === 'OR' ? conditions.some(met) : !conditions.some(met);
}

/** By each property in turn. Throws `unsupportedSort` for what is not `sortable`. */
export function sortItems<Item, Property extends string>(
  items: readonly Item[],
  sort: readonly { readonly property: string; readonly isAscending: boolean }[] | null,
  sortable: readonly Property[],
  compare: (a: Item, b: Item, property: Property) => number,
): readonly Item[] {
  for (const { property } of sort ?? []) {
    if (!(sortable as readonly string[]).includes(property))
      throw new MethodError('unsupportedSort', `nothing is sorted by ${property}`);
  }
  return items.toSorted((a, b) => {
    for (const { property, isAscending } of sort ?? []) {
      const order = compare(a, b, property as Property);
      if (order !== 0) return isAscending ? order : -order;
    }
    return 0;
  });
}

export interface WindowArguments {
  readonly accountId: Id;
  readonly position: number;
  readonly anchor: Id | null;
  readonly anchorOffset: number;
  readonly limit: number | null;
  readonly calculateTotal: boolean;
}

/** Throws `anchorNotFound`. */
export function answerQuery(
  args: WindowArguments,
  ids: readonly Id[],
  queryState: string,
  canCalculateChanges: boolean,
): QueryResponse {
  const { accountId, anchor, anchorOffset, calculateTotal } = args;
  let position = args.position;
  if (anchor !== null) {
    const at = ids.indexOf(anchor);
    if (at === -1) throw new MethodError('anchorNotFound');
    position = Math.max(0, at + anchorOffset);
  } else if (position < 0) position = Math.max(0, ids.length + position);
  const limit = Math.min(args.limit ?? JMAP_LIMITS.idsInQuery, JMAP_LIMITS.idsInQuery);
  return {
    accountId,
    queryState,
    canCalculateChanges,
    position,
    ids: ids.slice(position, position + limit),
    ...(calculateTotal ? { total: ids.length } : {}),
    // RFC 8620 §5.5: told where the server's limit is the tighter one.
    ...(limit === args.limit ? {} : { limit }),
  };
}
