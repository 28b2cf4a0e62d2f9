/** `campusmail mailbox create`: a department box, which nobody has the password of. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { formatAddress } from '#directory/address.ts';
import { describeForeignDomain, requireAddress } from './arguments/account.ts';
import { provision, readNewQuota } from './account-create.ts';
import { readBox } from './arguments/box.ts';
import { positional, textOption } from './arguments/options.ts';

export const mailboxCreate: StoreCommand = {
  name: 'mailbox create',
  usage: 'ADDRESS --responsible ADDRESS [--name NAME] [--until TIME] [--purpose TEXT] [--quota SIZE]',
  about: 'Create a box of a department, opened by people with their own passwords.',
  details: `
Who answers for it may open it, write as it, and say who else may. Others are
let in by: campusmail mailbox grant

  --responsible ADDRESS  account of the person who answers for it
  --name NAME            the department's name, for people to read
  --until TIME           from then on nobody may open it; mail is still taken
  --purpose TEXT         what it is for, and at whose request
  --quota SIZE           500M, 10G … or none; limits.quota_bytes otherwise`,
  options: {
    responsible: { type: 'string' },
    name: { type: 'string' },
    until: { type: 'string' },
    purpose: { type: 'string' },
    quota: { type: 'string' },
  },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const address = requireAddress(positional(args, 0));
    const text = formatAddress(address);
    const quotaBytes = readNewQuota(system, args);
    const { responsibleId, endsAt = null, purpose = '' } = await readBox(system, args);
    if (responsibleId === undefined)
      throw new CommandFailure('say who answers for the box: --responsible and the address of an account', EXIT.usage);
    if (!(await system.directory.isLocalDomain(address.domain)))
      throw new CommandFailure(describeForeignDomain(address.domain));
    const displayName = textOption(args, 'name') ?? '';
    const box = { address: text, displayName, responsibleId, endsAt, purpose };
    const accountId = await system.directory.createBox(box);
    await provision(system, accountId, text, quotaBytes);
    io.out(
      `Created the box ${text} (#${accountId}). Let others in by: campusmail mailbox grant ${text} ADDRESS RIGHT …\n`,
    );
    return EXIT.ok;
  },
};
