/** `campusmail account quota`: sets what an account may hold. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { requireAccount } from './arguments/account.ts';
import { positional } from './arguments/options.ts';
import { formatQuota, formatSize, parseQuota } from './arguments/size.ts';

export const accountQuota: StoreCommand = {
  name: 'account quota',
  usage: 'ADDRESS SIZE',
  about: 'Set what an account may hold.',
  details: `
SIZE is 500M, 10G … (powers of 1024) or none. Mail over a lowered quota stays;
only new mail is refused.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const quotaBytes = parseQuota(positional(args, 1));
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const account = system.mail.account(accountId);
    // Makes the mailboxes of an account whose creation was interrupted.
    await account.provision({ quotaBytes });
    const { usedBytes, quotaMessages } = await account.status();
    await account.setQuota({ quotaBytes, quotaMessages });
    io.out(`The quota of ${address} is ${formatQuota(quotaBytes)}; it uses ${formatSize(usedBytes)}.\n`);
    return EXIT.ok;
  },
};
