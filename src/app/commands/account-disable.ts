/** `campusmail account disable`: no sign-in; mail goes on arriving unless that is stopped too. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';

export const accountDisable: StoreCommand = {
  name: 'account disable',
  usage: 'ADDRESS [--refuse-mail]',
  about: 'Stop sign-ins to an account.',
  details: `
Mail to it goes on arriving.

  --refuse-mail  refuse mail to it as well`,
  options: { 'refuse-mail': { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    await system.directory.disableAccount(accountId);
    const refuses = hasOption(args, 'refuse-mail');
    if (refuses) await system.directory.setReceives(accountId, false);
    io.out(`Nobody can sign in to ${address} now; mail to it is ${refuses ? 'refused' : 'still taken'}.\n`);
    return EXIT.ok;
  },
};
