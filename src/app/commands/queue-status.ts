/** `campusmail queue status`: how much waits to leave, and where to. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { formatDue, formatTotals } from './arguments/delivery.ts';
import { countOption } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const queueStatus: StoreCommand = {
  name: 'queue status',
  usage: '[--limit N]',
  about: 'Show how much waits to leave, since when, and when each destination is tried next.',
  details: `
  --limit N  at most so many destinations, those due first; 50 by default`,
  options: { limit: { type: 'string' } },
  positionals: [0, 0],
  needs: 'store',
  async run({ queue, clock }, args, io) {
    const limit = countOption(args, 'limit', { byDefault: 50, most: 10_000 });
    const [totals, destinations] = await Promise.all([queue.totals(), queue.destinations()]);
    const nowMs = clock.now();
    io.out(`${formatTotals(totals)}.\n`);
    if (totals.oldestAt !== null) io.out(`The oldest came ${formatTime(totals.oldestAt)}.\n`);
    if (destinations.length === 0) return EXIT.ok;
    const shown = destinations.toSorted((a, b) => a.nextDueAt - b.nextDueAt).slice(0, limit);
    const lines = shown.map(({ destination, nextDueAt }) => [toPrintable(destination), formatDue(nextDueAt, nowMs)]);
    io.out(`\n${formatTable([['destination', 'next'], ...lines])}`);
    const others = destinations.length - shown.length;
    if (others > 0) io.out(`… and ${formatNumberOf(others, 'other destination')}\n`);
    return EXIT.ok;
  },
};
