/** `campusmail group set`: a group's name, who may write to it, and whether it is a list. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { formatAddress } from '#directory/address.ts';
import { explainLarge, POSTING_HELP, readIsList, readPosting, requireGroup } from './arguments/group.ts';
import { hasOption, positional, textOption } from './arguments/options.ts';

export const groupSet: StoreCommand = {
  name: 'group set',
  usage: 'GROUP [--posting WHO] [--name NAME] [--list | --no-list] [--force]',
  about: 'Change who may write to a group, its name, whether it is a list.',
  details: `
What is not given stays as it is.
${POSTING_HELP}
  --name NAME          for people to read
  --list, --no-list    whether its mail says that it comes by a list
  --force              open a large group to everyone all the same`,
  options: {
    posting: { type: 'string' },
    name: { type: 'string' },
    list: { type: 'boolean' },
    'no-list': { type: 'boolean' },
    force: { type: 'boolean' },
  },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const group = await requireGroup(system, positional(args, 0));
    const [posting, isList, displayName] = [readPosting(args), readIsList(args), textOption(args, 'name')];
    const changes = {
      ...(posting === undefined ? {} : { posting }),
      ...(isList === undefined ? {} : { isList }),
      ...(displayName === undefined ? {} : { displayName }),
    };
    if (Object.keys(changes).length === 0) {
      throw new CommandFailure('say what to change: --posting, --name, --list or --no-list', EXIT.usage);
    }
    const isForced = hasOption(args, 'force');
    await explainLarge(system.directory.updateGroup(group.groupId, { ...changes, isForced }));
    io.out(`Changed ${formatAddress(group)}.\n`);
    return EXIT.ok;
  },
};
