/** `campusmail account delete`: an account with all its mail, for good. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { deleteAccount } from '#app/delete-account.ts';
import { findAccount, requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatMail } from './arguments/size.ts';

export const accountDelete: StoreCommand = {
  name: 'account delete',
  usage: 'ADDRESS --yes',
  about: 'Delete an account and all its mail, for good.',
  details: `
Only a backup brings the mail back. ADDRESS may be the account's number, as
#12: doctor names mail by it whose account is gone.

  --yes  do it; without, the command only says what would be deleted

If it fails half-way, run it again.`,
  options: { yes: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const text = positional(args, 0);
    const { accountId, address, row } =
      (text.startsWith('#') ? await findAccount(system, text) : undefined) ?? (await requireAccount(system, text));
    const mail = await system.mailStore.reader.account(accountId);
    const amount = formatMail(mail?.usedMessages ?? 0, mail?.usedBytes ?? 0);
    if (!hasOption(args, 'yes')) {
      throw new CommandFailure(`this would delete ${address} with ${amount} for good; add --yes to do it`, EXIT.usage);
    }
    if (row === undefined) await system.mail.account(accountId).deleteAll();
    else await deleteAccount(system, accountId);
    io.out(`Deleted ${address} with ${amount}. campusmail gc gives the space back, an hour from now.\n`);
    return EXIT.ok;
  },
};
