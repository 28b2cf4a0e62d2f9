/** What types have in common of which an account has one object, always there (RFC 8621 §8): `singleton`. */
import type { GetResponse, SetResponse } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { contentState } from './content-state.ts';
import { ObjectError } from './errors.ts';
import { answerGet, chooseProperties } from './get.ts';
import type { MethodContext } from './method.ts';
import { applyPatch, type Patch } from './patch.ts';
import { runSet, type SetArguments } from './set.ts';

export const SINGLETON = 'singleton';

interface GetArguments {
  readonly accountId: Id;
  readonly ids: readonly Id[] | null;
  readonly properties: readonly string[] | null;
}

/** Its state is its content. */
export async function getSingleton<Item extends { readonly id: Id }>(
  args: GetArguments,
  known: readonly string[],
  read: () => Promise<Item>,
): Promise<GetResponse<Partial<Item>>> {
  const properties = chooseProperties(args.properties, known);
  const item = await read();
  return answerGet(args, contentState(item), [item], properties);
}

/** It can be changed, and neither made nor removed. `update` answers what the server set beside what was asked. */
export function setSingleton(
  context: MethodContext,
  args: SetArguments,
  actions: { readonly read: () => Promise<object>; readonly update: (patch: Patch) => Promise<object | null> },
): Promise<SetResponse<{ readonly id: Id }>> {
  const refuse = async (): Promise<never> => {
    throw new ObjectError('singleton');
  };
  return runSet(context, args, {
    state: async () => contentState(await actions.read()),
    create: refuse,
    async update(id, patch) {
      if (id !== SINGLETON) throw new ObjectError('notFound');
      return actions.update(patch);
    },
    destroy: refuse,
  });
}

/** The properties that an owner may change, as the patch wants them. ObjectError where it changes one of those that the server alone decides. */
export function patchOwn(own: object, fixed: object, patch: Patch): Readonly<Record<string, unknown>> {
  const changed: Readonly<Record<string, unknown>> = applyPatch({ ...own, ...fixed }, patch);
  const touched = Object.entries(fixed).find(
    ([name, value]) => JSON.stringify(changed[name]) !== JSON.stringify(value),
  );
  if (touched !== undefined) throw new ObjectError('invalidProperties', undefined, { properties: [touched[0]] });
  return Object.fromEntries(Object.entries(changed).filter(([name]) => !Object.hasOwn(fixed, name)));
}
