/** One more address. Who may have which name is asked before; that nobody else has it is settled here. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { insertNewAddress, requireAccount } from './require.ts';

/** One more address for the account. `invalid`, `notFound` (account or domain), `alreadyExists` (whoever has it). */
export async function addAlias(
  tx: DirectoryTransaction,
  args: { readonly accountId: AccountId; readonly address: string },
): Promise<void> {
  await requireAccount(tx, args.accountId);
  await insertNewAddress(tx, args.address, args.accountId, 'alias');
}
