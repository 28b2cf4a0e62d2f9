/** Ids of what JMAP keeps beside mail as clients know them: as those of mail, a letter of their own for each type. */
import type { AccountId } from '#base/ids.ts';
import { formatObjectId, parseObjectId } from '#mail/object-id.ts';
import type { JmapRows, JmapType } from './types.ts';

const LETTERS: Readonly<Record<JmapType, string>> = {
  Identity: 'I',
  EmailSubmission: 'S',
  PushSubscription: 'P',
  AddressBook: 'K',
  ContactCard: 'C',
};

export function formatRowId<Type extends JmapType>(type: Type, accountId: AccountId, id: JmapRows[Type]['id']): string {
  return formatObjectId(LETTERS[type], accountId, id);
}

/** Undefined for what is no id of that type in this account, however malformed. */
export function parseRowId<Type extends JmapType>(
  type: Type,
  accountId: AccountId,
  text: string,
): JmapRows[Type]['id'] | undefined {
  return parseObjectId(LETTERS[type], accountId, text) as JmapRows[Type]['id'] | undefined;
}
