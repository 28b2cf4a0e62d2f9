/** Whether an account's owner has to bind a telephone before anything else: where the realm forces that, and none is bound (S-15). */
import type { AccountId } from '#base/ids.ts';
import type { Homes } from './homes.ts';
import type { DirectoryReader } from './ports/directory-store.ts';

export async function owesPhone(
  reader: Pick<DirectoryReader, 'phone'>,
  homes: Homes,
  accountId: AccountId,
): Promise<boolean> {
  if ((await homes.of(accountId))?.phone !== 'force') return false;
  return (await reader.phone(accountId)) === undefined;
}
