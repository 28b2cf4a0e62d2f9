/** `campusmail mailbox set`: who answers for a box, until when, what for. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { requireAccount } from './arguments/account.ts';
import { readBox } from './arguments/box.ts';
import { hasOption, positional } from './arguments/options.ts';

export const mailboxSet: StoreCommand = {
  name: 'mailbox set',
  usage: 'BOX [--responsible ADDRESS] [--until TIME | none] [--purpose TEXT] [--reviewed]',
  about: 'Change who answers for a department box, and until when it may be opened.',
  details: `
Who answered for it before may still open it: campusmail mailbox revoke

  --responsible ADDRESS  account of the person who answers for it
  --until TIME           from then on nobody may open it; none: no end
  --purpose TEXT         what it is for, and at whose request
  --reviewed             it is still needed, and its people are right`,
  options: {
    responsible: { type: 'string' },
    until: { type: 'string' },
    purpose: { type: 'string' },
    reviewed: { type: 'boolean' },
  },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const changes = { ...(await readBox(system, args)), ...(hasOption(args, 'reviewed') ? { isReviewed: true } : {}) };
    if (Object.keys(changes).length === 0) throw new CommandFailure('say what is to be changed', EXIT.usage);
    await system.directory.updateBox({ accountId, ...changes });
    io.out(`Changed ${address}.\n`);
    return EXIT.ok;
  },
};
