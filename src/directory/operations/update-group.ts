/** A group's name, who may write to it, and whether it is a list. */
import { MailError } from '#base/errors.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { GroupId, GroupRow, PostingPolicy } from '#directory/types.ts';
import { requireDisplayName, requireGroup } from './require.ts';

export interface UpdateGroupArgs {
  readonly groupId: GroupId;
  /** What is left out stays as it is. */
  readonly displayName?: string;
  readonly posting?: PostingPolicy;
  readonly isList?: boolean;
  /** Members from which on not everybody may write. */
  readonly largeMembers: number;
}

/** `notFound`, `invalid`, `forbidden` (see `refuseLargeOpenGroup`). */
export async function updateGroup(tx: DirectoryTransaction, args: UpdateGroupArgs): Promise<void> {
  const current = await requireGroup(tx, args.groupId);
  const updated: GroupRow = {
    ...current,
    displayName: args.displayName === undefined ? current.displayName : requireDisplayName(args.displayName),
    posting: args.posting ?? current.posting,
    isList: args.isList ?? current.isList,
  };
  if (args.posting !== undefined) {
    refuseLargeOpenGroup(updated, await tx.countGroupEntries(args.groupId, 'member'), args.largeMembers);
  }
  await tx.updateGroup(updated);
}

/** `forbidden`: a stranger must not reach a crowd with one message. */
export function refuseLargeOpenGroup({ posting }: GroupRow, members: number, largeMembers: number): void {
  if (posting !== 'everyone' || members <= largeMembers) return;
  throw new MailError('forbidden', `a group of more than ${largeMembers} members is not open to everyone`, {
    data: { members, largeMembers },
  });
}
