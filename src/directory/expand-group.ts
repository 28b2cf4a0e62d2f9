/** Who is in a group, by way of groups in it too; and whether somebody may write to it. Reads only. */
import { MailError } from '#base/errors.ts';
import { formatAddress } from './address.ts';
import { MAX_GROUP_DEPTH, MAX_GROUP_RECIPIENTS } from './limits.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import type { AccountId, GroupEntry, GroupId, GroupRow } from './types.ts';

/** Those that a message reaches by one of the groups it comes to. */
export interface GroupPart {
  /** The group's. */
  readonly address: string;
  readonly accountIds: readonly AccountId[];
  readonly outside: readonly string[];
}

/**
 * The group and each group in it, with the members it adds: nobody comes twice, nor an account that takes no mail, and a
 * ring of groups ends where it began. Who may write to the outermost reaches them all. `limit` when they are more than
 * `MAX_GROUP_RECIPIENTS`.
 */
export async function expandGroup(reader: DirectoryReader, group: GroupRow): Promise<readonly GroupPart[]> {
  const parts: GroupPart[] = [];
  const accountIds = new Set<AccountId>();
  const outside = new Set<string>();
  await walkGroups([group.groupId], async (groupId) => {
    const row = groupId === group.groupId ? group : await reader.groupById(groupId);
    if (row === undefined) return [];
    const inner: GroupId[] = [];
    const part = { address: formatAddress(row), accountIds: [] as AccountId[], outside: [] as string[] };
    for (const entry of await reader.receivingEntries(groupId, 'member')) {
      if (entry.kind === 'group') inner.push(entry.groupId);
      else if (entry.kind === 'account' && isNew(accountIds, entry.accountId)) part.accountIds.push(entry.accountId);
      else if (entry.kind === 'outside' && isNew(outside, entry.address)) part.outside.push(entry.address);
    }
    parts.push(part);
    if (accountIds.size + outside.size > MAX_GROUP_RECIPIENTS) {
      const address = formatAddress(group);
      throw new MailError('limit', `${address} reaches more than ${MAX_GROUP_RECIPIENTS} people`, {
        data: { address },
      });
    }
    return inner;
  });
  return parts;
}

function isNew<T>(seen: Set<T>, item: T): boolean {
  if (seen.has(item)) return false;
  seen.add(item);
  return true;
}

/** Who writes, as far as that is proven; undefined for anybody. */
export type ProvenSender = Exclude<GroupEntry, { kind: 'group' }> | undefined;

/** Whether the group's policy lets `sender` write to it. */
export async function mayPost(reader: DirectoryReader, group: GroupRow, sender: ProvenSender): Promise<boolean> {
  if (group.posting === 'everyone') return true;
  if (sender === undefined) return false;
  if (group.posting === 'inside') return sender.kind === 'account';
  // Upwards: somebody is in few groups, and a group may have thousands.
  const { reached } = await walkUp(reader, sender);
  if (group.posting === 'members') return reached.has(group.groupId);
  if ((await reader.groupsWith(sender, 'poster')).includes(group.groupId)) return true;
  const posters = await reader.groupEntries(group.groupId, 'poster');
  return posters.some((poster) => poster.kind === 'group' && reached.has(poster.groupId));
}

/** The addresses of the groups that an account's mail may come by: those it is a member of, and those that have them as members. */
export async function groupsAbove(reader: DirectoryReader, accountId: AccountId): Promise<readonly string[]> {
  const { reached } = await walkUp(reader, { kind: 'account', accountId });
  const rows = await Promise.all(Array.from(reached, (groupId) => reader.groupById(groupId)));
  return rows.flatMap((row) => (row === undefined ? [] : formatAddress(row)));
}

export interface GroupWalk {
  readonly reached: ReadonlySet<GroupId>;
  /** How many steps there were, the start's own included. */
  readonly levels: number;
}

/** The groups that somebody is a member of, directly or through others. */
async function walkUp(reader: DirectoryReader, member: GroupEntry): Promise<GroupWalk> {
  return walkGroups(await reader.groupsWith(member, 'member'), (groupId) =>
    reader.groupsWith({ kind: 'group', groupId }, 'member'),
  );
}

/** Goes from group to group, each once, level by level; stops when there are more levels than there can be. */
export async function walkGroups(
  start: readonly GroupId[],
  next: (groupId: GroupId) => Promise<readonly GroupId[]>,
): Promise<GroupWalk> {
  const reached = new Set(start);
  let levels = 0;
  for (let level = [...reached]; level.length > 0 && levels <= MAX_GROUP_DEPTH; levels++) {
    const following: GroupId[] = [];
    for (const groupId of level) for (const one of await next(groupId)) if (isNew(reached, one)) following.push(one);
    level = following;
  }
  return { reached, levels };
}
