/** An account goes, as far as the directory knows it. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { requireAccount } from './require.ts';

/** With its addresses and credentials; its mail is not the directory's to delete. `notFound`. */
export async function deleteAccount(tx: DirectoryTransaction, args: { readonly accountId: AccountId }): Promise<void> {
  await requireAccount(tx, args.accountId);
  await tx.deleteAccount(args.accountId);
}
