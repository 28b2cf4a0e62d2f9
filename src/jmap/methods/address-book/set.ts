/** AddressBook/set (RFC 9610 §2.3). */
import { isMailError } from '#base/errors.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { AddressBookChange, AddressBookSet } from '#contract/jmap/contacts.ts';
import type { Id } from '#contract/jmap/values.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { applyPatch, type Patch } from '#jmap/core/patch.ts';
import { checkObject, resolveId, runSet } from '#jmap/core/set.ts';
import { parseRowId } from '#jmap/row-ids.ts';
import type { AddressBookId } from '#jmap/types.ts';
import { toAddressBook } from './get.ts';

export const addressBookSet = defineMethod({
  name: 'AddressBook/set',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: AddressBookSet,
  async run(context, args) {
    const { accountId, services } = context;
    const answer = await runSet(context, args, {
      state: async () => String((await services.records.addressBooks(accountId)).state),
      create: (properties) => create(context, properties),
      update: (id, patch) => update(context, id, patch),
      destroy: (id) => destroy(context, id, args.onDestroyRemoveContents),
    });
    // RFC 9610 §2.3: only where all else was done; of a book that is not there it is ignored.
    if (args.onSuccessSetIsDefault === null || answer.notCreated || answer.notUpdated || answer.notDestroyed)
      return answer;
    const id = parseRowId('AddressBook', accountId, resolveId(context, args.onSuccessSetIsDefault));
    const { rows } = await services.records.addressBooks(accountId);
    const before = rows.find(({ isDefault }) => isDefault);
    if (before === undefined || before.id === id || !rows.some((row) => row.id === id)) return answer;
    await services.records.updateAddressBook({ accountId, id: id as AddressBookId, becomesDefault: true });
    const after = await services.records.addressBooks(accountId);
    const changed = after.rows
      .filter((row) => row.id === id || row.id === before.id)
      .map((row) => toAddressBook(context, row));
    const updated = Object.fromEntries(changed.map((book) => [book.id, { isDefault: book.isDefault }]));
    return { ...answer, newState: String(after.state), updated: { ...answer.updated, ...updated } };
  },
});

async function create(context: MethodContext, properties: Patch) {
  const { isSubscribed: _, shareWith: __, ...words } = checkObject(AddressBookChange, properties);
  const row = await context.services.records.createAddressBook({ accountId: context.accountId, words });
  const { name: ___, ...rest } = toAddressBook(context, row);
  return rest;
}

async function update(context: MethodContext, id: Id, patch: Patch): Promise<null> {
  const { accountId, services } = context;
  const rowId = requireId(context, id);
  const row = (await services.records.addressBooks(accountId)).rows.find((one) => one.id === rowId);
  if (row === undefined) throw new ObjectError('notFound');
  const before = toAddressBook(context, row);
  const { id: newId, isDefault, myRights, ...changed } = applyPatch(before, patch);
  if (newId !== before.id || isDefault !== before.isDefault || myRights !== before.myRights)
    throw new ObjectError('invalidProperties', 'these cannot be changed', { properties: ['isDefault', 'myRights'] });
  const { isSubscribed: _, shareWith: __, ...words } = checkObject(AddressBookChange, changed);
  await services.records.updateAddressBook({ accountId, id: rowId, words });
  return null;
}

async function destroy(context: MethodContext, id: Id, withCards: boolean): Promise<void> {
  const { accountId, services } = context;
  try {
    await services.records.destroyAddressBook({ accountId, id: requireId(context, id), withCards });
  } catch (error) {
    if (isMailError(error, 'inUse')) throw new ObjectError('addressBookHasContents', error.message);
    throw error;
  }
}

function requireId({ accountId }: MethodContext, id: Id): AddressBookId {
  const rowId = parseRowId('AddressBook', accountId, id);
  if (rowId === undefined) throw new ObjectError('notFound');
  return rowId;
}
