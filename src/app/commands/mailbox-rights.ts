/** `campusmail mailbox grant` and `revoke`: what somebody may do with another account, a department's or a person's. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { requireAccount } from './arguments/account.ts';
import { BY_COMMAND, readRights, RIGHTS_HELP } from './arguments/box.ts';
import { positional } from './arguments/options.ts';
import { ACCOUNT_RIGHTS } from '#directory/types.ts';

export const mailboxGrant: StoreCommand = {
  name: 'mailbox grant',
  usage: 'BOX ADDRESS RIGHT …',
  about: 'Let somebody work with a department box or with the account of another person.',
  details: `
In place of what that one might do before:
${RIGHTS_HELP}`,
  options: {},
  positionals: [3, 2 + ACCOUNT_RIGHTS.length],
  needs: 'store',
  async run(system, args, io) {
    const [box, delegate] = [
      await requireAccount(system, positional(args, 0)),
      await requireAccount(system, positional(args, 1)),
    ];
    const rights = readRights(args.positionals.slice(2));
    await system.directory.setDelegation(box.accountId, delegate.accountId, rights, BY_COMMAND);
    io.out(`${delegate.address} may now ${rights.join(', ')} at ${box.address}.\n`);
    return EXIT.ok;
  },
};

export const mailboxRevoke: StoreCommand = {
  name: 'mailbox revoke',
  usage: 'BOX ADDRESS',
  about: 'Take back what somebody may do with another account.',
  details: `
Sessions that have it open end at once. What was shared of single mailboxes
goes as well.`,
  options: {},
  positionals: [2, 2],
  needs: 'store',
  async run(system, args, io) {
    const [box, delegate] = [
      await requireAccount(system, positional(args, 0)),
      await requireAccount(system, positional(args, 1)),
    ];
    const { directory } = system;
    const rows = await directory.delegationsOf(box.accountId);
    const row = rows.find(({ delegateId }) => delegateId === delegate.accountId);
    if (row === undefined) throw new CommandFailure(`${delegate.address} may do nothing with ${box.address}`);
    const between = { accountId: box.accountId, delegateId: delegate.accountId };
    await directory.setDelegation(between.accountId, between.delegateId, [], BY_COMMAND);
    for (const [mailboxId] of row.mailboxes)
      await directory.setMailboxRights({ ...between, mailboxId, rights: '', keeps: [] }, BY_COMMAND);
    io.out(`${delegate.address} may do nothing with ${box.address} any more.\n`);
    return EXIT.ok;
  },
};
