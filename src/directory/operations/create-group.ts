/** A new group, with those who answer for it. */
import { MailError } from '#base/errors.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { GroupId, PostingPolicy } from '#directory/types.ts';
import { requireDisplayName, requireEntry, requireNewAddress } from './require.ts';

export interface CreateGroupArgs {
  readonly address: string;
  readonly displayName: string;
  readonly posting: PostingPolicy;
  readonly isList: boolean;
  /** Addresses of accounts here, at least one. */
  readonly owners: readonly string[];
}

/** A group without members. `invalid` (address, name, owners), `notFound` (domain, owner), `alreadyExists`. */
export async function createGroup(
  tx: DirectoryTransaction,
  args: CreateGroupArgs,
): Promise<{ readonly groupId: GroupId }> {
  const { displayName, posting, isList, owners } = args;
  if (owners.length === 0) throw new MailError('invalid', 'a group needs an account that answers for it');
  const groupId = await tx.allocateGroupId();
  await tx.insertGroup({
    groupId,
    ...requireNewAddress(args.address),
    displayName: requireDisplayName(displayName),
    posting,
    isList,
    createdAt: tx.nowMs,
  });
  for (const owner of owners) {
    const entry = await requireEntry(tx, owner);
    if (entry.kind !== 'account') throw new MailError('invalid', `${owner} is no account here`);
    await tx.insertGroupEntry(groupId, 'owner', entry);
  }
  return { groupId };
}
