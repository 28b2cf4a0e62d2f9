/** `campusmail account password`: sets an account's password. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';
import { PASSWORD_DETAILS, PASSWORD_OPTIONS, readNewPassword } from './arguments/password.ts';

export const accountPassword: StoreCommand = {
  name: 'account password',
  usage: 'ADDRESS [--password PASSWORD | --password-stdin]',
  about: "Set an account's password.",
  details: `
${PASSWORD_DETAILS}
  --json               answer in JSON`,
  options: { ...PASSWORD_OPTIONS, json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address, row } = await requireAccount(system, positional(args, 0));
    const [localPart = '', domain = ''] = address.split(/@(?=[^@]*$)/);
    const { password, isMade } = await readNewPassword(args, io, system.random, { localPart, domain });
    await system.directory.setPassword(accountId, password);
    if (hasOption(args, 'json')) {
      io.out(`${JSON.stringify({ accountId, address, ...(isMade ? { password } : {}) })}\n`);
      return EXIT.ok;
    }
    io.out(`The password of ${address} is changed.\n`);
    if (isMade) io.out(`Password: ${password}\n`);
    if (row.stage === 'pending') {
      io.err(
        `It opens nothing yet: its owner has to activate the account, or by: campusmail account stage ${address} active\n`,
      );
    }
    return EXIT.ok;
  },
};
