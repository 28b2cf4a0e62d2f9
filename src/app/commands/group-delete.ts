/** `campusmail group delete`: a group address, for good; its members stay. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { formatAddress } from '#directory/address.ts';
import { requireGroup } from './arguments/group.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';

export const groupDelete: StoreCommand = {
  name: 'group delete',
  usage: 'GROUP --yes',
  about: 'Delete a group; its members and their mail stay.',
  details: `
Mail to it is refused from then on.

  --yes  do it; without, the command only says what would be deleted`,
  options: { yes: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const group = await requireGroup(system, positional(args, 0));
    const text = formatAddress(group);
    if (!hasOption(args, 'yes')) {
      const members = formatNumberOf(await system.directory.countGroupEntries(group.groupId, 'member'), 'member');
      throw new CommandFailure(`this would delete the group ${text} of ${members}; add --yes to do it`, EXIT.usage);
    }
    await system.directory.deleteGroup(group.groupId);
    io.out(`Deleted the group ${text}.\n`);
    return EXIT.ok;
  },
};
