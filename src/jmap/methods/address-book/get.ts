/** AddressBook/get and AddressBook/changes (RFC 9610 §2.1, 2.2). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  ADDRESS_BOOK_PROPERTIES,
  AddressBookChanges,
  AddressBookGet,
  type AddressBook,
} from '#contract/jmap/contacts.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { readRecordChanges } from '#jmap/core/record-changes.ts';
import { formatRowId } from '#jmap/row-ids.ts';
import type { AddressBookRow } from '#jmap/types.ts';

export const addressBookGet = defineMethod({
  name: 'AddressBook/get',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: AddressBookGet,
  async run(context, args) {
    const properties = chooseProperties(args.properties, ADDRESS_BOOK_PROPERTIES);
    const { state, rows } = await context.services.records.addressBooks(context.accountId);
    const books = rows.map((row) => toAddressBook(context, row));
    return answerGet(args, String(state), books, properties);
  },
});

export const addressBookChanges = defineMethod({
  name: 'AddressBook/changes',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: AddressBookChanges,
  run: (context, args) => readRecordChanges(context, args, 'AddressBook'),
});

export function toAddressBook({ accountId }: Pick<MethodContext, 'accountId'>, row: AddressBookRow): AddressBook {
  const { id, name, description, sortOrder, isDefault } = row;
  return {
    id: formatRowId('AddressBook', accountId, id),
    name,
    description,
    sortOrder,
    isDefault,
    isSubscribed: true,
    shareWith: null,
    myRights: { mayRead: true, mayWrite: true, mayShare: false, mayDelete: !isDefault },
  };
}
