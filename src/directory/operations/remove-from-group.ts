/** Members, posters or owners leave a group. */
import { MailError } from '#base/errors.ts';
import { MAX_ENTRIES_AT_ONCE } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { GroupId, GroupRole } from '#directory/types.ts';
import { findEntry, outsideEntry, requireAddress, requireGroup } from './require.ts';

export interface RemoveFromGroupArgs {
  readonly groupId: GroupId;
  readonly role: GroupRole;
  /** At most `MAX_ENTRIES_AT_ONCE`. */
  readonly addresses: readonly string[];
}

/** All or none. `invalid`, `notFound` (the group; who is not in it), `forbidden` for the last owner, `limit`. */
export async function removeFromGroup(tx: DirectoryTransaction, args: RemoveFromGroupArgs): Promise<void> {
  const { groupId, role, addresses } = args;
  if (addresses.length > MAX_ENTRIES_AT_ONCE) throw new MailError('limit', `${MAX_ENTRIES_AT_ONCE} addresses at once`);
  await requireGroup(tx, groupId);
  for (const text of addresses) {
    const address = requireAddress(text);
    const found = await findEntry(tx, address);
    const isGone =
      (found !== undefined && (await tx.deleteGroupEntry(groupId, role, found))) ||
      // Also from before its domain became ours.
      (await tx.deleteGroupEntry(groupId, role, outsideEntry(address)));
    if (!isGone) throw new MailError('notFound', `${text} is no ${role} of the group`, { data: { address: text } });
  }
  if (role === 'owner' && (await tx.countGroupEntries(groupId, 'owner')) === 0) {
    throw new MailError('forbidden', 'a group needs an account that answers for it');
  }
}
