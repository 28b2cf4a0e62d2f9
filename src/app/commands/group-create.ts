/** `campusmail group create`: an address whose mail goes to many. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { formatAddress } from '#directory/address.ts';
import { describeForeignDomain, requireAccount, requireAddress } from './arguments/account.ts';
import { POSTING_HELP, readPosting } from './arguments/group.ts';
import { hasOption, positional, textOption } from './arguments/options.ts';

export const groupCreate: StoreCommand = {
  name: 'group create',
  usage: 'ADDRESS --owner ADDRESS [--posting WHO] [--name NAME] [--list]',
  about: 'Create a group address, whose mail goes to its members.',
  details: `
Members are added by: campusmail group add

  --owner ADDRESS      account that answers for it and gets its bounces; mail
                       to NAME-request and NAME-bounces arrives there${POSTING_HELP}
                       (inside unless given)
  --name NAME          for people to read
  --list               its mail says that it comes by a list (List-Id …)`,
  options: {
    owner: { type: 'string' },
    posting: { type: 'string' },
    name: { type: 'string' },
    list: { type: 'boolean' },
  },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const address = requireAddress(positional(args, 0));
    const text = formatAddress(address);
    const owner = textOption(args, 'owner');
    if (owner === undefined) {
      throw new CommandFailure('say who answers for the group: --owner and the address of an account', EXIT.usage);
    }
    if (!(await system.directory.isLocalDomain(address.domain))) {
      throw new CommandFailure(describeForeignDomain(address.domain));
    }
    const posting = readPosting(args) ?? 'inside';
    await system.directory.createGroup({
      address: text,
      displayName: textOption(args, 'name') ?? '',
      posting,
      isList: hasOption(args, 'list'),
      owners: [(await requireAccount(system, owner)).address],
    });
    io.out(`Created the group ${text}, open to: ${posting}. Add members by: campusmail group add ${text} ADDRESS …\n`);
    return EXIT.ok;
  },
};
