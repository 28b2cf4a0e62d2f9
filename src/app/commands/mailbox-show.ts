/** `campusmail mailbox show`: who answers for an account, and who may do what with it. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { primaryAddress, requireAccount } from './arguments/account.ts';
import { describeBox } from './arguments/box.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatTable } from './arguments/table.ts';

export const mailboxShow: StoreCommand = {
  name: 'mailbox show',
  usage: 'BOX [--json]',
  about: 'Show who may do what with a department box or with somebody’s account.',
  details: `
  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address, row } = await requireAccount(system, positional(args, 0));
    const [box, rows] = await Promise.all([system.directory.box(accountId), system.directory.delegationsOf(accountId)]);
    const about = box && { ...(await describeBox(system, box)), purpose: box.purpose };
    const mailboxes = new Map(
      (await system.mail.account(accountId).mailboxes()).map(({ mailboxId, path }) => [mailboxId, path]),
    );
    const delegates = await Promise.all(
      rows.map(async ({ delegateId, rights, mailboxes: single }) => ({
        address: await primaryAddress(system, delegateId),
        rights,
        mailboxes: single.flatMap(([mailboxId, letters]) => {
          const path = mailboxes.get(mailboxId);
          return path === undefined ? [] : [{ path, rights: letters }];
        }),
      })),
    );
    if (hasOption(args, 'json')) {
      io.out(`${JSON.stringify({ address, name: row.displayName, ...about, delegates })}\n`);
      return EXIT.ok;
    }
    io.out(
      formatTable([
        ['box', address],
        ['name', row.displayName === '' ? '-' : row.displayName],
        ...Object.entries(about ?? {}).map(([name, value]) => [name, value === '' ? '-' : value]),
        ...delegates.map(({ address: delegate, rights, mailboxes: single }) => {
          const letters = single.map(({ path, rights: some }) => `${path}: ${some}`);
          return ['may', `${delegate}: ${[...rights, ...letters].join(', ')}`];
        }),
      ]),
    );
    return EXIT.ok;
  },
};
