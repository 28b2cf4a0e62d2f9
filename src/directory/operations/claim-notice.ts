/** Notices that are sent once, whoever of several machines comes first. */
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AccountId } from '#directory/types.ts';

/** Whether the notice of that name is to be sent to the account now: true once. `accountId` null: to nobody in particular. */
export async function claimNotice(
  tx: DirectoryTransaction,
  { name, accountId }: { readonly name: string; readonly accountId: AccountId | null },
): Promise<boolean> {
  if (await tx.isNoticeClaimed(name, accountId)) return false;
  await tx.insertNoticeClaim(name, accountId);
  return true;
}
