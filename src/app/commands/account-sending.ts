/** `campusmail account sending`: stops and allows an account's sending; it goes on receiving. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { suspendSending } from '#submission/overuse.ts';
import { requireAccount } from './arguments/account.ts';
import { formatDeliveries } from './arguments/delivery.ts';
import { positional, textOption } from './arguments/options.ts';

export const accountSending: StoreCommand = {
  name: 'account sending',
  usage: 'ADDRESS suspend|allow [--reason TEXT]',
  about: 'Stop or allow the sending of an account.',
  details: `
A suspended account receives and reads its mail, and sends none, not even to
people here. What it has in the queue is held.

allow lets it send again, as if it had sent nothing today. What was held stays
so: look at it by campusmail queue list --account ADDRESS, and let it go or
drop it by campusmail queue release or cancel --account ADDRESS.

  --reason TEXT  shown to its owner who tries to send; in both languages as
                 "Chinese / English"`,
  options: { reason: { type: 'string' } },
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const action = positional(args, 1);
    const reason = textOption(args, 'reason');
    if (action !== 'suspend' && action !== 'allow')
      throw new CommandFailure(`say suspend or allow, not "${action}"`, EXIT.usage);
    if (action === 'allow' && reason !== undefined)
      throw new CommandFailure('--reason goes with suspend only', EXIT.usage);
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    if (action === 'suspend') {
      const { held } = await suspendSending(system, accountId, reason ?? '');
      io.out(`${address} may not send any more; it still receives. Held in the queue: ${formatDeliveries(held)}.\n`);
      return EXIT.ok;
    }
    // Before it may send: what is counted from then on counts.
    await system.ledger.forgive(accountId);
    await system.directory.allowSending(accountId);
    io.out(`${address} may send again.\n`);
    const held = (await system.queue.list({ accountId }, { limit: 1000 })).filter(({ state }) => state === 'held');
    if (held.length > 0) {
      io.out(
        `${formatDeliveries(held.length)} of it held: campusmail queue release --account ${address} lets them go, queue cancel drops them.\n`,
      );
    }
    return EXIT.ok;
  },
};
