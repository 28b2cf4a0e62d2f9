/** `campusmail account stage`, `account hold`: where an account stands in its life, and whether its end may come. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { ACCOUNT_STAGES } from '#directory/types.ts';
import type { AccountId, AccountStage } from '#directory/types.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const accountStage: StoreCommand = {
  name: 'account stage',
  usage: 'ADDRESS [STAGE]',
  about: 'Show where an account stands in its life, or set it.',
  details: `
The stages: pending (not activated), active, frozen and dormant (nobody used
it: takes mail, or none, until its owner comes), restricted (sends only
inside), receive-only, forward-only, suspended, deleting. Where its people
have left, the next step of roster.life comes all the same; where they return
it is what it was before.`,
  options: {},
  positionals: [1, 2],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const text = positional(args, 1);
    if (text !== '') await system.directory.setStage(accountId, requireStage(text));
    io.out(await describe(system, accountId, address));
    return EXIT.ok;
  },
};

/** Throws CommandFailure (usage), which names those there are. */
export function requireStage(text: string): AccountStage {
  const stage = ACCOUNT_STAGES.find((one) => one === text);
  if (stage === undefined)
    throw new CommandFailure(`the stages are ${ACCOUNT_STAGES.join(', ')}, not "${text}"`, EXIT.usage);
  return stage;
}

export const accountHold: StoreCommand = {
  name: 'account hold',
  usage: 'ADDRESS REASON | ADDRESS --off',
  about: 'Keep the mail of an account whatever happens, or let it go.',
  details: `
Other stages of its end come all the same; it is not deleted, however long it
waits, until it is let go.

  --off  let it go`,
  options: { off: { type: 'boolean' } },
  positionals: [1, 2],
  needs: 'store',
  async run(system, args, io) {
    const { accountId, address } = await requireAccount(system, positional(args, 0));
    const reason = positional(args, 1).trim();
    if (hasOption(args, 'off') === (reason !== ''))
      throw new CommandFailure('say why it is held, or --off to let it go', EXIT.usage);
    await system.directory.setHold(accountId, reason);
    io.out(await describe(system, accountId, address));
    return EXIT.ok;
  },
};

async function describe({ directory }: System, accountId: AccountId, address: string): Promise<string> {
  const [account, life] = await Promise.all([directory.account(accountId), directory.life(accountId)]);
  return formatTable([
    ['address', address],
    ['stage', account?.stage ?? 'gone'],
    ['left', life === undefined || life.leftAt === null ? 'no' : formatTime(life.leftAt)],
    ['held', life === undefined || life.hold === '' ? 'no' : toPrintable(life.hold)],
  ]);
}
