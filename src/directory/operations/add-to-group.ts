/** Members, posters or owners join a group. */
import { MailError } from '#base/errors.ts';
import { walkGroups } from '#directory/expand-group.ts';
import { MAX_ENTRIES_AT_ONCE, MAX_GROUP_DEPTH } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { GroupId, GroupRole } from '#directory/types.ts';
import { requireEntry, requireGroup } from './require.ts';
import { refuseLargeOpenGroup } from './update-group.ts';

export interface AddToGroupArgs {
  readonly groupId: GroupId;
  readonly role: GroupRole;
  /** Of accounts, groups, or people elsewhere; at most `MAX_ENTRIES_AT_ONCE`. */
  readonly addresses: readonly string[];
  /** Members a group may have. */
  readonly maxMembers: number;
  /** Members from which on not everybody may write. */
  readonly largeMembers: number;
}

/**
 * All or none; who is in already stays. `invalid`, `notFound` (the group; an address of ours that nobody has),
 * `forbidden` (see `refuseLargeOpenGroup`), `limit`.
 */
export async function addToGroup(tx: DirectoryTransaction, args: AddToGroupArgs): Promise<{ readonly added: number }> {
  const { groupId, role, addresses, maxMembers, largeMembers } = args;
  if (addresses.length > MAX_ENTRIES_AT_ONCE) throw new MailError('limit', `${MAX_ENTRIES_AT_ONCE} addresses at once`);
  const group = await requireGroup(tx, groupId);
  let added = 0;
  for (const address of addresses) {
    const entry = await requireEntry(tx, address);
    if (role === 'owner' && entry.kind !== 'account') throw new MailError('invalid', `${address} is no account here`);
    if (role === 'member' && entry.kind === 'group') await requireNesting(tx, groupId, entry.groupId);
    if (await tx.insertGroupEntry(groupId, role, entry)) added++;
  }
  const count = await tx.countGroupEntries(groupId, role);
  if (count > maxMembers) throw new MailError('limit', `a group has at most ${maxMembers} of a kind`);
  if (role === 'member') refuseLargeOpenGroup(group, count, largeMembers);
  return { added };
}

/** `invalid` for a group that would come to be in itself, or too many one in another. */
async function requireNesting(tx: DirectoryTransaction, outer: GroupId, inner: GroupId): Promise<void> {
  const below = await walkGroups([inner], async (groupId) => {
    const entries = await tx.groupEntries(groupId, 'member');
    return entries.flatMap((entry) => (entry.kind === 'group' ? [entry.groupId] : []));
  });
  if (below.reached.has(outer)) throw new MailError('invalid', 'a group cannot be a member of itself');
  const above = await walkGroups([outer], (groupId) => tx.groupsWith({ kind: 'group', groupId }, 'member'));
  if (below.levels + above.levels > MAX_GROUP_DEPTH)
    throw new MailError('invalid', `groups stand one in another ${MAX_GROUP_DEPTH} deep at most`);
}
