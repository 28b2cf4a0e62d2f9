/** What every `/get` has in common (RFC 8620 §5.1). */
import type { GetResponse } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { MethodError } from './errors.ts';

/** The properties to answer, `id` always among them. Throws `invalidArguments` for one there is not. */
export function chooseProperties<Name extends string>(
  asked: readonly string[] | null,
  known: readonly Name[],
  byDefault: readonly Name[] = known,
): ReadonlySet<Name> {
  if (asked === null) return new Set(byDefault);
  const unknown = asked.find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined) throw new MethodError('invalidArguments', `/properties: there is no ${unknown}`);
  return new Set([...(asked as Name[]), 'id' as Name]);
}

/** Each once, in the order asked. Throws `requestTooLarge`. */
export function chooseIds(ids: readonly Id[]): readonly Id[] {
  if (ids.length > JMAP_LIMITS.objectsInGet)
    throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.objectsInGet} ids`);
  return [...new Set(ids)];
}

export function pick<Item extends object>(item: Item, properties: ReadonlySet<string>): Partial<Item> {
  return Object.fromEntries(Object.entries(item).filter(([name]) => properties.has(name))) as Partial<Item>;
}

/** The answer of a type that has few objects: all of them at hand. */
export function answerGet<Item extends { readonly id: Id }>(
  args: { readonly accountId: Id; readonly ids: readonly Id[] | null },
  state: string,
  items: readonly Item[],
  properties: ReadonlySet<string>,
): GetResponse<Partial<Item>> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const ids = args.ids === null ? [...byId.keys()] : chooseIds(args.ids);
  return {
    accountId: args.accountId,
    state,
    list: ids.flatMap((id) => pickFound(byId.get(id), properties)),
    notFound: ids.filter((id) => !byId.has(id)),
  };
}

function pickFound<Item extends object>(item: Item | undefined, properties: ReadonlySet<string>): Partial<Item>[] {
  return item === undefined ? [] : [pick(item, properties)];
}
