/** `campusmail queue list`: what waits to leave, a line for each message and destination. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import type { LeasedDelivery } from '#queue/types.ts';
import { formatFailure, formatTotals, formatTurn, readSelection, selectionOptions } from './arguments/delivery.ts';
import { countOption } from './arguments/options.ts';
import { formatNumberOf, formatSize } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';

const HEAD = ['id', 'from', 'to', 'size', 'tried', 'next', 'last trouble'];

export const queueList: StoreCommand = {
  name: 'queue list',
  usage: '[--account ADDRESS] [--destination DOMAIN] [--limit N]',
  about: 'List what waits to leave: a line for each message and destination.',
  details: `
The oldest come first. Mail for mailboxes here that could not be put there yet
has the destination .local.

  --account ADDRESS     only what this account sent or forwards
  --destination DOMAIN  only what goes there
  --limit N             at most so many lines; 100 by default`,
  options: { ...selectionOptions, limit: { type: 'string' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const { queue, clock } = system;
    const limit = countOption(args, 'limit', { byDefault: 100, most: 1000 });
    const selection = await readSelection(system, args);
    const rows = await queue.list(selection, { limit: limit + 1 });
    const nowMs = clock.now();
    const lines = rows.slice(0, limit).map((row) => toCells(row, nowMs));
    if (lines.length > 0) io.out(`${formatTable([HEAD, ...lines])}\n`);
    else if (Object.keys(selection).length > 0) io.out('Nothing that waits is like that.\n');
    if (rows.length > limit) io.out('There are more; --limit N shows up to 1000.\n');
    io.out(`${formatTotals(await queue.totals())} in all.\n`);
    return EXIT.ok;
  },
};

function toCells(delivery: LeasedDelivery, nowMs: number): string[] {
  const { queueId, message, destination, recipients, attempts, lastFailure } = delivery;
  const [only] = recipients;
  const to = recipients.length === 1 && only !== undefined ? only.address : `${recipients.length} at ${destination}`;
  return [
    queueId,
    toPrintable(`<${message.reversePath}>`),
    toPrintable(to),
    formatSize(message.sizeBytes),
    formatNumberOf(attempts, 'time'),
    formatTurn(delivery, nowMs),
    formatFailure(lastFailure),
  ];
}
