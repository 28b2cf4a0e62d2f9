/** `campusmail forward show`, `set`, `off`: where else an account's mail goes. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import type { AccountId } from '#base/ids.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';

export const forwardShow: StoreCommand = {
  name: 'forward show',
  usage: 'ADDRESS [--json]',
  about: 'Show where else mail for an account goes.',
  details: `
  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const [row] = await system.directory.forwardings([accountId]);
    const { targets = [], keepsCopy = true } = row ?? {};
    if (hasOption(args, 'json')) io.out(`${JSON.stringify({ targets, keepsCopy })}\n`);
    else io.out(`${await describe(system, accountId, address)}\n`);
    return EXIT.ok;
  },
};

export const forwardSet: StoreCommand = {
  name: 'forward set',
  usage: 'ADDRESS TARGET … [--no-copy]',
  about: 'Forward mail for an account to other addresses.',
  details: `
TARGET is an address here or elsewhere, up to five of them, in place of what
was set. What may be forwarded to is in the settings under [forwarding]. Junk
is not forwarded, and nothing while the account may not send. A bounce of
forwarded mail comes to the account, not to the stranger who wrote.

  --no-copy  its own mailbox does not get it (forwarding.copy = "choice" only)`,
  options: { 'no-copy': { type: 'boolean' } },
  positionals: [2, Infinity],
  needs: 'store',
  async run(system, args, io) {
    const [name = '', ...targets] = args.positionals;
    const { accountId, address } = await requireAccount(system, name);
    await system.directory.setForwarding(accountId, targets, !hasOption(args, 'no-copy'));
    io.out(`${await describe(system, accountId, address)}\n`);
    return EXIT.ok;
  },
};

export const forwardOff: StoreCommand = {
  name: 'forward off',
  usage: 'ADDRESS',
  about: 'Stop forwarding mail for an account.',
  details: '',
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    await system.directory.setForwarding(accountId, [], true);
    io.out(`${await describe(system, accountId, address)}\n`);
    return EXIT.ok;
  },
};

async function describe({ directory }: System, accountId: AccountId, address: string): Promise<string> {
  const [row] = await directory.forwardings([accountId]);
  if (row === undefined) return `Mail for ${address} is not forwarded.`;
  const copy = row.keepsCopy ? 'and stays in its mailbox, too' : 'and does not stay in its mailbox';
  return `Mail for ${address} goes to ${row.targets.join(', ')}, ${copy}.`;
}
