/** `campusmail queue status`: how much waits to leave, and where to; and how the way to where it went was protected. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import type { DestinationSummary } from '#queue/ports/queue-store.ts';
import { formatDue, formatTotals } from './arguments/delivery.ts';
import { countOption } from './arguments/options.ts';
import { formatNumberOf } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

export const queueStatus: StoreCommand = {
  name: 'queue status',
  usage: '[--limit N]',
  about: 'Show how much waits to leave, when each destination is tried next, and how sessions were protected.',
  details: `
The last session with each destination is known since the server was started.

  --limit N  at most so many destinations, those due first, and sessions; 50 by
             default`,
  options: { limit: { type: 'string' } },
  positionals: [0, 0],
  needs: 'store',
  async run({ queue, lastSessions, clock }, args, io) {
    const limit = countOption(args, 'limit', { byDefault: 50, most: 10_000 });
    const [totals, destinations] = await Promise.all([queue.totals(), queue.destinations()]);
    const nowMs = clock.now();
    io.out(`${formatTotals(totals)}.\n`);
    if (totals.oldestAt !== null) io.out(`The oldest came ${formatTime(totals.oldestAt)}.\n`);
    if (destinations.length > 0) io.out(describeWaiting(destinations, limit, nowMs));
    const last = lastSessions
      .newest(limit)
      .map(({ destination, at, protection }) => [toPrintable(destination), formatTime(at), protection]);
    if (last.length > 0) io.out(`\n${formatTable([['last session with', 'at', 'protected by'], ...last])}`);
    return EXIT.ok;
  },
};

function describeWaiting(destinations: readonly DestinationSummary[], limit: number, nowMs: number): string {
  const shown = destinations.toSorted((a, b) => a.nextDueAt - b.nextDueAt).slice(0, limit);
  const lines = shown.map(({ destination, nextDueAt }) => [toPrintable(destination), formatDue(nextDueAt, nowMs)]);
  const others = destinations.length - shown.length;
  const rest = others > 0 ? `… and ${formatNumberOf(others, 'other destination')}\n` : '';
  return `\n${formatTable([['destination', 'next'], ...lines])}${rest}`;
}
