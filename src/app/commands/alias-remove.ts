/** `campusmail alias remove`: takes an additional address from its account. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { formatAddress } from '#directory/address.ts';
import { primaryAddress, requireAddress } from './arguments/account.ts';
import { positional } from './arguments/options.ts';

export const aliasRemove: StoreCommand = {
  name: 'alias remove',
  usage: 'ALIAS',
  about: 'Take an additional address from its account.',
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const text = formatAddress(requireAddress(positional(args, 0)));
    const row = await system.directory.findAddress(text);
    if (row === undefined) throw new CommandFailure(`there is no address ${text}`);
    if (row.kind === 'primary') {
      throw new CommandFailure(
        `${text} is the primary address of its account and goes with it (campusmail account delete)`,
      );
    }
    await system.directory.removeAlias(text);
    io.out(`${text} is no longer an address of ${await primaryAddress(system, row.accountId)}.\n`);
    return EXIT.ok;
  },
};
