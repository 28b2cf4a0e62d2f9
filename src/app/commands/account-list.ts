/** `campusmail account list`: every account, one line each. */
import { DAY_MS } from '#base/clock.ts';
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import type { Cohort } from '#directory/domain-lives.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import { describeProspect, findProspects } from './idle.ts';
import { requireStage } from './account-stage.ts';
import { describeForeignDomain } from './arguments/account.ts';
import { hasOption, textOption } from './arguments/options.ts';
import { formatQuota, formatSize } from './arguments/size.ts';
import { formatTable } from './arguments/table.ts';
import { requireDomain } from './domain-add.ts';

const PAGE = 500;

export const accountList: StoreCommand = {
  name: 'account list',
  usage: '[--domain DOMAIN] [--cohort new|legacy] [--stage STAGE] [--idle DAYS] [--addresses | --json]',
  about: 'List the accounts.',
  details: `
Shows number, primary address, class, state, use, quota and name.

  --domain DOMAIN  only accounts with an address in it
  --cohort COHORT  only those that have an address in a domain that is given
                   up (legacy), or that have none (new)
  --stage STAGE    only those that stand there (campusmail account stage):
                   pending for who has not activated
  --idle DAYS      only those to which nobody has signed in for so many days,
                   by whatever program, and that have been there for longer;
                   with what comes of them by roster.idle, and when
  --addresses      only primary addresses, one a line, as campusmail group add
                   --stdin takes them
  --json           one JSON object a line, with all addresses`,
  options: {
    domain: { type: 'string' },
    cohort: { type: 'string' },
    stage: { type: 'string' },
    idle: { type: 'string' },
    addresses: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const domain = await readDomain(system, textOption(args, 'domain'));
    const isJson = hasOption(args, 'json');
    const isBare = hasOption(args, 'addresses');
    const cohort = readCohort(textOption(args, 'cohort'));
    const stageText = textOption(args, 'stage');
    const stage = stageText === undefined ? undefined : requireStage(stageText);
    const idleBefore = readIdle(textOption(args, 'idle'), system.clock.now());
    const { lives } = system.directory;
    let after = 0;
    while (!io.signal.aborted) {
      const { accounts, next } = await system.directory.listAccounts({ after, limit: PAGE });
      const lastSignIns = await system.journal.lastSignIns(accounts.map(({ accountId }) => accountId));
      const wanted = accounts.filter(
        (row) =>
          (stage === undefined || row.stage === stage) &&
          (lastSignIns.get(row.accountId) ?? row.createdAt) < idleBefore,
      );
      const prospects = await findProspects(system, idleBefore === Infinity ? [] : wanted);
      const lines = await Promise.all(
        wanted.map(async (row) => ({
          ...(await describe(system, row, lastSignIns.get(row.accountId))),
          ...(idleBefore === Infinity ? {} : { idle: describeProspect(prospects.get(row.accountId)) }),
        })),
      );
      const shown = lines.filter(
        ({ addresses }) =>
          (domain === undefined || addresses.some(isIn(domain))) &&
          (cohort === undefined || lives.cohortOf(addresses) === cohort),
      );
      if (isBare) io.out(shown.flatMap(({ addresses }) => addresses.slice(0, 1).map((one) => `${one}\n`)).join(''));
      else if (isJson) io.out(shown.map((line) => `${JSON.stringify(line)}\n`).join(''));
      else io.out(formatTable(shown.map(toCells)));
      if (next === null) break;
      after = next;
    }
    return EXIT.ok;
  },
};

async function readDomain(system: System, text: string | undefined): Promise<string | undefined> {
  if (text === undefined) return undefined;
  const domain = requireDomain(text);
  if (!(await system.directory.isLocalDomain(domain))) throw new CommandFailure(describeForeignDomain(domain));
  return domain;
}

function readCohort(text: string | undefined): Cohort | undefined {
  if (text !== undefined && text !== 'new' && text !== 'legacy')
    throw new CommandFailure(`a cohort is new or legacy, not "${text}"`, EXIT.usage);
  return text;
}

/** Sign-ins from then on are what keeps an account out of the list; without a number of days, all are in it. */
function readIdle(text: string | undefined, nowMs: number): number {
  if (text === undefined) return Infinity;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new CommandFailure(`--idle takes days, 1 to 9999, not "${text}"`, EXIT.usage);
  return nowMs - Number(text) * DAY_MS;
}

function isIn(domain: string): (address: string) => boolean {
  return (address) => address.endsWith(`@${domain}`);
}

type AccountLine = Awaited<ReturnType<typeof describe>> & { readonly idle?: string };

async function describe(system: System, row: DirectoryAccountRow, lastSignIn: number | undefined) {
  const [standing, mail] = await Promise.all([
    system.directory.senderStanding(row.accountId),
    system.mailStore.reader.account(row.accountId),
  ]);
  return {
    accountId: row.accountId,
    addresses: standing?.addresses ?? [],
    name: row.displayName,
    createdAt: new Date(row.createdAt).toISOString(),
    lastSignIn: lastSignIn === undefined ? null : new Date(lastSignIn).toISOString(),
    state: row.state,
    stage: row.stage,
    receives: row.receives,
    serviceClass: standing?.serviceClass ?? row.serviceClass,
    sending: row.sending,
    usedBytes: mail?.usedBytes ?? 0,
    usedMessages: mail?.usedMessages ?? 0,
    quotaBytes: mail?.quotaBytes ?? null,
    hasMailboxes: mail !== undefined,
  };
}

function toCells(line: AccountLine): string[] {
  const state = [
    line.hasMailboxes ? line.state : 'no mailboxes',
    ...(line.stage === 'active' ? [] : [line.stage]),
    ...(line.hasMailboxes && !line.receives ? ['refuses mail'] : []),
    ...(line.sending === 'suspended' ? ['may not send'] : []),
  ];
  return [
    `#${line.accountId}`,
    line.addresses[0] ?? '-',
    line.serviceClass ?? '-',
    state.join(', '),
    `${formatSize(line.usedBytes)} of ${formatQuota(line.quotaBytes)}`,
    line.name,
    ...(line.idle === undefined ? [] : [line.idle]),
  ];
}
