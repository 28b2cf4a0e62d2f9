/** `campusmail queue …`: what waits to leave, and what people do about it. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import { canonicalDestination } from '#queue/destination.ts';
import type { Queue } from '#queue/queue.ts';
import { NEVER } from '#queue/types.ts';
import type { LeasedDelivery } from '#queue/types.ts';
import type { System } from '#app/system.ts';
import { isQueueId } from '#base/queue-id.ts';

type Selection = Parameters<Queue['manage']>[1];

const SELECTORS = { account: { type: 'string' }, destination: { type: 'string' } } as const;
const SELECTORS_HELP = `
  --account ADDRESS     what this account sent
  --destination DOMAIN  what goes there`;

export const queueList: StoreCommand = {
  name: 'queue list',
  usage: '[ID] [--account ADDRESS] [--destination DOMAIN] [--limit N]',
  about: 'List what waits to leave: a line for each message and destination.',
  details: `${SELECTORS_HELP}
  --limit N             at most so many; 100 by default`,
  options: { ...SELECTORS, limit: { type: 'string' } },
  positionals: [0, 1],
  needs: 'store',
  async run(system, { positionals, values }, io) {
    const limit = Number(values['limit'] ?? 100);
    if (!Number.isSafeInteger(limit) || limit < 1) throw new CommandFailure('--limit takes a number', EXIT.usage);
    const selection = await readSelection(system, positionals[0], values);
    const rows = await system.queue.list(selection, { limit });
    io.out(rows.map(describe).join(''));
    const { messages, deliveries, held, underWay } = await system.queue.totals();
    io.out(`${messages} messages for ${deliveries} destinations in all, ${held} held, ${underWay} under way.\n`);
    return EXIT.ok;
  },
};

export const queueHold = manageCommand('hold', 'Hold messages back until they are released.');
export const queueRelease = manageCommand('release', 'Let held messages go.');
export const queueRetry = manageCommand('retry', 'Try messages again now.');
export const queueCancel = manageCommand('cancel', 'Take messages out of the queue; nobody is told.');

function manageCommand(action: Parameters<Queue['manage']>[0], about: string): StoreCommand {
  return {
    name: `queue ${action}`,
    usage: '[ID] [--account ADDRESS] [--destination DOMAIN] [--all]',
    about,
    details: `${SELECTORS_HELP}
  --all                 everything`,
    options: { ...SELECTORS, all: { type: 'boolean' } },
    positionals: [0, 1],
    needs: 'store',
    async run(system, { positionals, values }, io) {
      const selection = await readSelection(system, positionals[0], values);
      if (Object.keys(selection).length === 0 && values['all'] !== true)
        throw new CommandFailure('say which: an ID, --account, --destination or --all', EXIT.usage);
      const { changed, busy } = await system.queue.manage(action, selection);
      io.out(`${changed} changed${busy === 0 ? '' : `, ${busy} are being sent just now`}.\n`);
      return EXIT.ok;
    },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

async function readSelection(
  { directory }: System,
  id: string | undefined,
  values: Readonly<Record<string, unknown>>,
): Promise<Selection> {
  const account = textOf(values['account']);
  const destination = textOf(values['destination']);
  if (id !== undefined && !isQueueId(id)) throw new CommandFailure('that is no id of a message', EXIT.usage);
  const row = account === undefined ? undefined : await directory.findAddress(account);
  if (account !== undefined && row === undefined) throw new CommandFailure('there is no such account', EXIT.failed);
  return {
    ...(id === undefined ? {} : { queueId: id }),
    ...(row === undefined ? {} : { accountId: row.accountId }),
    ...(destination === undefined ? {} : { destination: canonicalDestination(destination) }),
  };
}

function describe({
  queueId,
  destination,
  recipients,
  state,
  dueAt,
  owner,
  attempts,
  lastFailure,
  message,
}: LeasedDelivery): string {
  const when =
    state === 'held'
      ? 'held'
      : owner !== null
        ? 'being sent'
        : dueAt === NEVER
          ? '-'
          : `next ${new Date(dueAt).toISOString()}`;
  const to = recipients.length === 1 ? recipients[0]?.address : `${recipients.length} at ${destination}`;
  const failure =
    lastFailure === null
      ? ''
      : `\n    ${lastFailure.remote ?? ''} ${lastFailure.code ?? ''} ${lastFailure.enhanced} ${lastFailure.text}`;
  const line = `${queueId}  <${message.reversePath}> to ${to}  ${message.sizeBytes} octets  ${attempts} attempts  ${when}${failure}`;
  // What strangers wrote never steers the terminal.
  return `${line.replaceAll(/[^\P{Cc}\n]|\p{Cf}/gu, '?')}\n`;
}
