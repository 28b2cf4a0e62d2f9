/** What every `/set` has in common (RFC 8620 §5.3). */
import type { SetError, SetResponse } from '#contract/jmap/core.ts';
import { check, type Id } from '#contract/jmap/values.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import type { GenericSchema, InferOutput } from 'valibot';
import { MethodError, ObjectError, toMethodError, toSetError } from './errors.ts';
import type { MethodContext } from './method.ts';
import type { Patch } from './patch.ts';

export interface SetArguments {
  readonly accountId: Id;
  readonly ifInState: string | null;
  readonly create: Readonly<Record<Id, Patch>> | null;
  readonly update: Readonly<Record<Id, Patch>> | null;
  readonly destroy: readonly Id[] | null;
}

/** How a type makes, changes and removes one object. Each throws ObjectError or MailError for what is wrong with that one. */
export interface SetActions<Created extends { readonly id: Id }> {
  state(): Promise<string>;
  /** Answers the id and what the server set. */
  create(properties: Patch): Promise<Created>;
  /** Answers what the server set beside what was asked; null for nothing. */
  update(id: Id, patch: Patch): Promise<object | null>;
  destroy(id: Id): Promise<void>;
  /**
   * Once all else is done: what was refused because another object stood in its way, tried again. Answers what is now as
   * it was asked for.
   */
  updateBlocked?(): Promise<ReadonlySet<Id>>;
}

/** Throws `requestTooLarge`, `stateMismatch`. */
export async function requireSettable(
  { create, update, destroy, ifInState }: SetArguments,
  state: () => Promise<string>,
): Promise<string> {
  const count = Object.keys(create ?? {}).length + Object.keys(update ?? {}).length + (destroy ?? []).length;
  if (count > JMAP_LIMITS.objectsInSet)
    throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.objectsInSet} objects`);
  const oldState = await state();
  if (ifInState !== null && ifInState !== oldState) throw new MethodError('stateMismatch');
  return oldState;
}

/** One object after another: made, changed, removed. For types whose objects are few. */
export async function runSet<Created extends { readonly id: Id }>(
  context: MethodContext,
  args: SetArguments,
  actions: SetActions<Created>,
): Promise<SetResponse<Created>> {
  const oldState = await requireSettable(args, () => actions.state());
  const outcome = new SetOutcome<Created>();
  const doomed = new Set((args.destroy ?? []).map((id) => resolveId(context, id)));
  for (const [creationId, properties] of creationOrder(args.create)) {
    await outcome.attempt(outcome.notCreated, creationId, async () => {
      const created = await actions.create(properties);
      outcome.created.set(creationId, created);
      context.createdIds.set(creationId, created.id);
    });
    await context.pause();
  }
  for (const [given, patch] of Object.entries(args.update ?? {})) {
    const id = resolveId(context, given);
    await outcome.attempt(outcome.notUpdated, given, async () => {
      if (doomed.has(id)) throw new ObjectError('willDestroy');
      outcome.updated.set(id, await actions.update(id, patch));
    });
    await context.pause();
  }
  for (const id of doomed) {
    await outcome.attempt(outcome.notDestroyed, id, async () => {
      await actions.destroy(id);
      outcome.destroyed.push(id);
    });
    await context.pause();
  }
  const freed = outcome.notUpdated.size === 0 ? undefined : await actions.updateBlocked?.();
  for (const given of freed === undefined ? [] : outcome.notUpdated.keys()) {
    const id = resolveId(context, given);
    if (freed?.has(id) !== true) continue;
    outcome.notUpdated.delete(given);
    outcome.updated.set(id, null);
  }
  return outcome.answer(args.accountId, oldState, await actions.state());
}

/** What became of each object. */
export class SetOutcome<Created> {
  readonly created = new Map<Id, Created>();
  readonly updated = new Map<Id, object | null>();
  readonly destroyed: Id[] = [];
  readonly notCreated = new Map<Id, SetError>();
  readonly notUpdated = new Map<Id, SetError>();
  readonly notDestroyed = new Map<Id, SetError>();

  /** Notes in `failures` what is wrong with that object; what is wrong with the call is thrown on. */
  async attempt(failures: Map<Id, SetError>, id: Id, act: () => Promise<void> | void): Promise<void> {
    try {
      await act();
    } catch (error) {
      const own = toSetError(error);
      if (own === undefined && toMethodError(error) === undefined) throw error;
      // Others may have been changed already: the call cannot say that it did nothing.
      failures.set(id, own ?? { type: 'forbidden', description: (error as Error).message });
    }
  }

  answer(accountId: Id, oldState: string, newState: string): SetResponse<Created> {
    return {
      accountId,
      oldState,
      newState,
      created: toObject(this.created),
      updated: toObject(this.updated),
      destroyed: this.destroyed.length === 0 ? null : this.destroyed,
      notCreated: toObject(this.notCreated),
      notUpdated: toObject(this.notUpdated),
      notDestroyed: toObject(this.notDestroyed),
    };
  }
}

export function toObject<Value>(map: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> | null {
  return map.size === 0 ? null : Object.fromEntries(map);
}

/** What `#creationId` stands for; an Id, and what was not made, as they are. */
export function resolveId({ createdIds }: MethodContext, id: Id): Id {
  return id.startsWith('#') ? (createdIds.get(id.slice(1)) ?? id) : id;
}

/** The value, typed. Throws ObjectError `invalidProperties` naming the property. */
export function checkObject<Schema extends GenericSchema>(schema: Schema, value: unknown): InferOutput<Schema> {
  const result = check(schema, value);
  if (result.ok) return result.value;
  const property = /^\/([^/:]+)/.exec(result.why)?.[1];
  throw new ObjectError('invalidProperties', result.why, property === undefined ? {} : { properties: [property] });
}

/** Those first that others name as `#id`, so that a parent is there before its child. `namesIn`: where they may name them. */
export function creationOrder(
  create: Readonly<Record<Id, Patch>> | null,
  namesIn: (patch: Patch) => readonly unknown[] = Object.values,
): readonly (readonly [Id, Patch])[] {
  const left = new Map(Object.entries(create ?? {}));
  const ordered: (readonly [Id, Patch])[] = [];
  const namedBy = (patch: Patch): readonly string[] =>
    namesIn(patch).flatMap((value) => (typeof value === 'string' && value.startsWith('#') ? value.slice(1) : []));
  const take = (id: Id, patch: Patch): void => {
    if (!left.delete(id)) return;
    for (const name of namedBy(patch)) {
      const named = left.get(name);
      if (named !== undefined) take(name, named);
    }
    ordered.push([id, patch]);
  };
  for (const [id, patch] of Object.entries(create ?? {})) take(id, patch);
  return ordered;
}
