/** `campusmail idle status`, `idle freeze`: accounts that nobody uses, and what comes of them. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { openIdleKeeper } from '#app/keep-idles.ts';
import type { System } from '#app/system.ts';
import type { AccountId } from '#base/ids.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import type { IdleProspect } from '#roster/idle-keeper.ts';
import { LEAST_NOTICE_DAYS } from '#roster/idle-plan.ts';
import { primaryAddress } from './arguments/account.ts';
import { hasOption } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';
import { formatTable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

const NO_RULE = 'nothing comes of accounts that nobody uses: roster.idle has no rule';

export const idleStatus: StoreCommand = {
  name: 'idle status',
  usage: '[--json]',
  about: 'Show whom the next run of roster.idle warns and freezes.',
  details: `
The server runs once a day. Where it would freeze more than
roster.max_closed_percent of the active accounts it freezes none; look here
why, and let it pass by: campusmail idle freeze --yes

  --json  one JSON object a line`,
  options: { json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    if (system.config.roster.idle.length === 0) {
      io.out(`${NO_RULE}\n`);
      return EXIT.ok;
    }
    const { active, atMost, notices, shut, dormant } = await openIdleKeeper(system).look(() => io.signal.aborted);
    const due = [...notices, ...shut, ...dormant];
    const lines = await Promise.all(due.map((prospect) => toLine(system, prospect)));
    if (hasOption(args, 'json')) {
      io.out(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return EXIT.ok;
    }
    io.out(formatTable(lines.map(({ address, usedAt, next }) => [address, `used ${usedAt}`, next])));
    const refused = shut.length > atMost ? ': more than may be, so none is' : '';
    io.out(
      `Of ${formatNumberOf(active, 'active account')} ${shut.length} would be frozen, at most ${atMost}${refused}.\n`,
    );
    return EXIT.ok;
  },
};

export const idleFreeze: StoreCommand = {
  name: 'idle freeze',
  usage: '--yes',
  about: 'Run roster.idle now, however many accounts it freezes.',
  details: `
For when campusmail idle status shows that they are right: the first time that
a school freezes what nobody used for years. Owners were warned ${LEAST_NOTICE_DAYS} days before.

  --yes  do it`,
  options: { yes: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    if (system.config.roster.idle.length === 0) throw new CommandFailure(NO_RULE);
    if (!hasOption(args, 'yes'))
      throw new CommandFailure('say --yes when campusmail idle status shows what you want', EXIT.usage);
    const frozen = await openIdleKeeper(system).run(() => io.signal.aborted, { isForced: true });
    io.out(`Frozen: ${formatNumberOf(frozen, 'account')} that nobody used.\n`);
    return EXIT.ok;
  },
};

async function toLine(system: System, prospect: IdleProspect) {
  const { account, usedAt, event } = prospect;
  return {
    accountId: account.accountId,
    address: await primaryAddress(system, account.accountId),
    usedAt: new Date(usedAt).toISOString(),
    stage: account.stage,
    next: event.kind === 'notice' ? 'warned' : event.stage,
    at: new Date(event.at).toISOString(),
  };
}

/** What comes next for those of them that nobody uses, by roster.idle. */
export async function findProspects(
  system: System,
  accounts: readonly DirectoryAccountRow[],
): Promise<ReadonlyMap<AccountId, IdleProspect>> {
  const prospects = await openIdleKeeper(system).prospects(accounts);
  return new Map(prospects.map((prospect) => [prospect.account.accountId, prospect]));
}

/** What comes next for an account that nobody uses, in words; empty: nothing. */
export function describeProspect(prospect: IdleProspect | undefined): string {
  if (prospect === undefined) return '';
  const { event, row } = prospect;
  if (event.kind === 'step') return `${event.stage} from ${formatTime(event.at)}`;
  const told = event.number === 1 ? `warned ${formatTime(event.at)}` : `warned ${formatTime(row?.warnedAt ?? 0)}`;
  return `${told}, ${prospect.rule.shut.stage} from ${formatTime(event.shutAt)}`;
}
