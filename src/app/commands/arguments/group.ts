/** The group that an argument names, and how groups and those in them are shown. */
import { CommandFailure, EXIT, type CommandArguments } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { isMailError } from '#base/errors.ts';
import { formatAddress } from '#directory/address.ts';
import type { GroupEntry, GroupId, GroupRole, GroupRow, PostingPolicy } from '#directory/types.ts';
import { describeForeignDomain, primaryAddress, requireAddress } from './account.ts';
import { hasOption, textOption } from './options.ts';

/** What each policy means, as the help has it. */
export const POSTING_HELP = `
  --posting WHO        everyone; inside: accounts here, signed in; members;
                       named: those added with --as poster`;

const POSTINGS: readonly PostingPolicy[] = ['everyone', 'inside', 'members', 'named'];

/** Throws CommandFailure (usage). */
export function readPosting(args: CommandArguments): PostingPolicy | undefined {
  const text = textOption(args, 'posting');
  if (text === undefined) return undefined;
  const posting = POSTINGS.find((one) => one === text);
  if (posting === undefined) throw new CommandFailure(`--posting is one of ${POSTINGS.join(', ')}`, EXIT.usage);
  return posting;
}

/** `--list` and `--no-list`. Throws CommandFailure (usage). */
export function readIsList(args: CommandArguments): boolean | undefined {
  const [list, noList] = [hasOption(args, 'list'), hasOption(args, 'no-list')];
  if (list && noList) throw new CommandFailure('give --list or --no-list, not both', EXIT.usage);
  return list || noList ? list : undefined;
}

/** Throws CommandFailure that says what there is instead. */
export async function requireGroup(system: System, text: string): Promise<GroupRow> {
  const group = await system.directory.findGroup(text);
  if (group !== undefined) return group;
  const { domain } = requireAddress(text);
  if (!(await system.directory.isLocalDomain(domain))) throw new CommandFailure(describeForeignDomain(domain));
  const isAccount = (await system.directory.findAddress(text)) !== undefined;
  throw new CommandFailure(
    isAccount ? `${text} is an account, not a group` : `there is no group ${text} (campusmail group list shows them)`,
  );
}

/** Addresses of those in a group, accounts by their primary ones. */
export async function listEntries(system: System, groupId: GroupId, role: GroupRole): Promise<string[]> {
  const entries = await system.directory.groupEntries(groupId, role);
  return Promise.all(entries.map((entry) => nameEntry(system, entry)));
}

async function nameEntry(system: System, entry: GroupEntry): Promise<string> {
  switch (entry.kind) {
    case 'account':
      return primaryAddress(system, entry.accountId);
    case 'group': {
      const group = await system.directory.group(entry.groupId);
      return group === undefined ? `group #${entry.groupId}` : formatAddress(group);
    }
    case 'outside':
      return entry.address;
  }
}

/** Says how to go on where a large group would be open to everyone. */
export async function explainLarge<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!isMailError(error, 'forbidden') || error.data['largeMembers'] === undefined) throw error;
    throw new CommandFailure(`${error.message}: set another --posting (campusmail group set), or add --force`);
  }
}
