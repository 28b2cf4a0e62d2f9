/** `campusmail group add` and `group remove`: members, posters and owners come and go. */
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type StoreCommand } from '#app/command.ts';
import { formatAddress } from '#directory/address.ts';
import type { GroupRole } from '#directory/types.ts';
import { explainLarge, requireGroup } from './arguments/group.ts';
import { hasOption, positional, textOption } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';

/** Addresses of one command line: a table of members comes by --stdin. */
const MOST_NAMED = 1000;

export const groupAdd: StoreCommand = {
  name: 'group add',
  usage: 'GROUP [ADDRESS …] [--as ROLE] [--stdin] [--force]',
  about: 'Add members to a group: accounts, other groups, people elsewhere.',
  details: `
Who has an account here is in by whatever address is named, once.

  --as ROLE  member (unless given); poster: may write where posting is named;
             owner: an account that answers for the group
  --stdin    read addresses from standard input, one a line
  --force    let a group that is open to everyone become large`,
  options: { as: { type: 'string' }, stdin: { type: 'boolean' }, force: { type: 'boolean' } },
  positionals: [1, 1 + MOST_NAMED],
  needs: 'store',
  async run(system, args, io) {
    const group = await requireGroup(system, positional(args, 0));
    const role = readRole(args);
    const addresses = await readAddresses(args, io);
    const isForced = hasOption(args, 'force');
    const added = await explainLarge(system.directory.addToGroup(group.groupId, role, addresses, { isForced }));
    const there = addresses.length === added ? '' : ` (${addresses.length - added} there already)`;
    io.out(`Added ${formatNumberOf(added, role)} to ${formatAddress(group)}${there}.\n`);
    return EXIT.ok;
  },
};

export const groupRemove: StoreCommand = {
  name: 'group remove',
  usage: 'GROUP [ADDRESS …] [--as ROLE] [--stdin]',
  about: 'Take members out of a group.',
  details: `
All that are named, or none.

  --as ROLE  member (unless given), poster or owner
  --stdin    read addresses from standard input, one a line`,
  options: { as: { type: 'string' }, stdin: { type: 'boolean' } },
  positionals: [1, 1 + MOST_NAMED],
  needs: 'store',
  async run(system, args, io) {
    const group = await requireGroup(system, positional(args, 0));
    const role = readRole(args);
    const addresses = await readAddresses(args, io);
    await system.directory.removeFromGroup(group.groupId, role, addresses);
    io.out(`Took ${formatNumberOf(addresses.length, role)} out of ${formatAddress(group)}.\n`);
    return EXIT.ok;
  },
};

function readRole(args: CommandArguments): GroupRole {
  const text = textOption(args, 'as') ?? 'member';
  if (text === 'member' || text === 'poster' || text === 'owner') return text;
  throw new CommandFailure('--as is one of member, poster, owner', EXIT.usage);
}

async function readAddresses(args: CommandArguments, io: CommandIo): Promise<string[]> {
  const input = hasOption(args, 'stdin') ? await io.readInput() : '';
  const lines = input.split(/\r?\n/).map((line) => line.trim());
  const addresses = [...args.positionals.slice(1), ...lines.filter((line) => line !== '')];
  if (addresses.length === 0) throw new CommandFailure('name somebody, or give --stdin', EXIT.usage);
  return addresses;
}
