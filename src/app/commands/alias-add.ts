/** `campusmail alias add`: one more address for an account. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { isMailError } from '#base/errors.ts';
import { formatAddress } from '#directory/address.ts';
import { describeForeignDomain, primaryAddress, requireAccount, requireAddress } from './arguments/account.ts';
import { positional } from './arguments/options.ts';

export const aliasAdd: StoreCommand = {
  name: 'alias add',
  usage: 'ALIAS ADDRESS',
  about: 'Give an account one more address.',
  details: `
ALIAS is the new address, ADDRESS any that the account has. Mail to both
arrives in the same mailboxes, and one can sign in by both.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const alias = requireAddress(positional(args, 0));
    const text = formatAddress(alias);
    const { accountId, address } = await requireAccount(system, positional(args, 1));
    const owner = await system.directory.findAddress(text);
    if (owner?.accountId === accountId) {
      io.out(`${text} is an address of ${address} already.\n`);
      return EXIT.ok;
    }
    if (owner !== undefined) {
      throw new CommandFailure(`${text} belongs to ${await primaryAddress(system, owner.accountId)}`);
    }
    if (!(await system.directory.isLocalDomain(alias.domain))) {
      throw new CommandFailure(describeForeignDomain(alias.domain));
    }
    await system.directory.addAlias(accountId, text).catch((error: unknown) => {
      throw isMailError(error, 'forbidden') ? new CommandFailure(error.message) : error;
    });
    io.out(`Mail to ${text} arrives at ${address} from now on.\n`);
    return EXIT.ok;
  },
};
