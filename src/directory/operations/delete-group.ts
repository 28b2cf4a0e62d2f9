/** A group goes; its members stay what they are. */
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { GroupId } from '#directory/types.ts';
import { requireGroup } from './require.ts';

/** `notFound`. */
export async function deleteGroup(tx: DirectoryTransaction, args: { readonly groupId: GroupId }): Promise<void> {
  await requireGroup(tx, args.groupId);
  await tx.deleteGroup(args.groupId);
}
