/** `campusmail account enable`: undoes `account disable`. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { requireAccount } from './arguments/account.ts';
import { positional } from './arguments/options.ts';

export const accountEnable: StoreCommand = {
  name: 'account enable',
  usage: 'ADDRESS',
  about: 'Allow sign-ins to an account again, and mail to it.',
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    await system.directory.enableAccount(accountId);
    await system.directory.setReceives(accountId, true);
    io.out(`${address} can be signed in to, and takes mail.\n`);
    return EXIT.ok;
  },
};
