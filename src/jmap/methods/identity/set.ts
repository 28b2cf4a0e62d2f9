/** Identity/set (RFC 8621 §6.3). */
import { isMailError } from '#base/errors.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { IdentityChange, IdentityCreation, IdentitySet } from '#contract/jmap/identity.ts';
import type { Id } from '#contract/jmap/values.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { applyPatch, type Patch } from '#jmap/core/patch.ts';
import { checkObject, runSet } from '#jmap/core/set.ts';
import type { IdentityId, IdentityRow } from '#jmap/types.ts';
import { findDefault, readIdentities, toIdentity, type DefaultIdentity } from './read-identities.ts';
import { parseRowId } from '#jmap/row-ids.ts';

export const identitySet = defineMethod({
  name: 'Identity/set',
  capability: CAPABILITIES.submission,
  arguments: IdentitySet,
  run: (context, args) =>
    runSet(context, args, {
      state: async () => (await readIdentities(context)).state,
      create: (properties) => create(context, properties),
      update: (id, patch) => update(context, id, patch),
      destroy: (id) =>
        context.services.records.destroyIdentity({ accountId: context.accountId, id: requireId(context, id) }),
    }),
});

async function create(context: MethodContext, properties: Patch) {
  const { accountId, services } = context;
  const { email, ...words } = checkObject(IdentityCreation, properties);
  const { addresses } = await readIdentities(context);
  const spelled = email.toLowerCase();
  const address = addresses.find((one) => one === spelled);
  if (address === undefined)
    throw new ObjectError('forbiddenFrom', 'the address is not one of the account', { properties: ['email'] });
  const row = await naming(() => services.records.createIdentity({ accountId, addresses, email: address, words }));
  if (words.isDefault) await chooseDefault(context, address);
  const { id, mayDelete, isDefault, isFixed } = toIdentity(context, row, await readDefault(context));
  return { id, mayDelete, isDefault, isFixed, email: address };
}

async function update(context: MethodContext, id: Id, patch: Patch): Promise<null> {
  const { accountId, services } = context;
  const row = await findRow(context, id);
  const found = await readDefault(context);
  const before = toIdentity(context, row, found);
  const after = applyPatch(before, patch);
  const { id: _, mayDelete: __, isFixed, email, ...changed } = after;
  const isSame = email === before.email && after.id === before.id && isFixed === before.isFixed;
  if (!isSame || after.mayDelete !== before.mayDelete)
    throw new ObjectError('invalidProperties', 'these cannot be changed', { properties: ['email'] });
  const words = checkObject(IdentityChange, changed);
  // What stays as it was is not said: an identity that was never named follows the account's name.
  const said = Object.fromEntries(Object.entries(words).filter(([name]) => name in patch || isPatched(patch, name)));
  await naming(() => services.records.updateIdentity({ accountId, id: row.id, words: said }));
  if (words.isDefault !== before.isDefault || (words.isDefault && !before.isFixed && 'isDefault' in patch)) {
    await chooseDefault(context, words.isDefault ? row.email : null);
    // The one that was the default is another now, too.
    if (found.id !== undefined && found.id !== row.id)
      await services.records.updateIdentity({ accountId, id: found.id, words: {} });
  }
  return null;
}

/** Null: the address that signs in. In an account of others the mark alone counts. */
async function chooseDefault({ services, accountId, share }: MethodContext, email: string | null): Promise<void> {
  if (share === undefined) await services.directory.setDefaultSender(accountId, email);
}

async function readDefault(context: MethodContext): Promise<DefaultIdentity> {
  return findDefault(context, (await readIdentities(context)).rows);
}

function isPatched(patch: Patch, name: string): boolean {
  return Object.keys(patch).some((path) => path.startsWith(`${name}/`));
}

async function findRow(context: MethodContext, id: Id): Promise<IdentityRow> {
  const rowId = requireId(context, id);
  const row = (await readIdentities(context)).rows.find((one) => one.id === rowId);
  if (row === undefined) throw new ObjectError('notFound');
  return row;
}

function requireId({ accountId }: MethodContext, id: Id): IdentityId {
  const rowId = parseRowId('Identity', accountId, id);
  if (rowId === undefined) throw new ObjectError('notFound');
  return rowId;
}

async function naming<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (isMailError(error, 'forbidden')) throw new ObjectError('forbiddenFrom', error.message);
    throw error;
  }
}
