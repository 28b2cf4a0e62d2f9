/** `campusmail queue show`: one message that waits to leave, and how far it came at each destination. */
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import type { LeasedDelivery, QueuedMessage } from '#queue/types.ts';
import { primaryAddress } from './arguments/account.ts';
import { formatFailure, formatTurn, requireQueueId } from './arguments/delivery.ts';
import { positional } from './arguments/options.ts';
import { formatNumberOf, formatSize } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

const PAGE = 100;

export const queueShow: StoreCommand = {
  name: 'queue show',
  usage: 'ID',
  about: 'Show a message that waits to leave: where to, how often tried, what went wrong.',
  details: `
ID is what queue list, replies and Received lines call it. Recipients that it
has reached are not shown any more: campusmail trace ID knows of them.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const queueId = requireQueueId(positional(args, 0));
    const nowMs = system.clock.now();
    let last: LeasedDelivery | undefined;
    do {
      const rows = await system.queue.list(
        { queueId },
        { limit: PAGE, ...(last === undefined ? {} : { after: last }) },
      );
      const [first] = rows;
      if (last === undefined) {
        if (first === undefined) {
          throw new CommandFailure(`${queueId} does not wait in the queue; campusmail trace ${queueId} may know of it`);
        }
        io.out(formatTable(await describeMessage(system, first.message)));
      }
      io.out(rows.map((row) => describeDelivery(row, nowMs)).join(''));
      last = rows.length < PAGE ? undefined : rows.at(-1);
    } while (last !== undefined && !io.signal.aborted);
    return EXIT.ok;
  },
};

async function describeMessage(system: System, message: QueuedMessage): Promise<string[][]> {
  const { queueId, reversePath, sizeBytes, createdAt, expiresAt, accountId, forwardedBy, deliverBy, envid } = message;
  return [
    ['message', queueId],
    ['from', toPrintable(`<${reversePath}>`)],
    ...(accountId === null ? [] : [['account', await primaryAddress(system, accountId)]]),
    ...(forwardedBy === undefined ? [] : [['forwarded by', await primaryAddress(system, forwardedBy)]]),
    ['size', formatSize(sizeBytes)],
    ['since', formatTime(createdAt)],
    ['given up', formatTime(expiresAt)],
    ...(deliverBy === undefined ? [] : [['deliver by', formatTime(deliverBy.until)]]),
    ...(envid === undefined ? [] : [['envelope id', toPrintable(envid)]]),
    ...(message.requireTls ? [['must', 'travel encrypted (REQUIRETLS)']] : []),
  ];
}

function describeDelivery(delivery: LeasedDelivery, nowMs: number): string {
  const { destination, recipients, attempts, lastFailure } = delivery;
  const facts = [
    ['  next', formatTurn(delivery, nowMs)],
    ['  tried', formatNumberOf(attempts, 'time')],
    ...recipients.map(({ address }) => ['  to', toPrintable(address, 400)]),
    ...(lastFailure === null ? [] : [['  trouble', `${formatTime(lastFailure.at)}  ${formatFailure(lastFailure)}`]]),
  ];
  return `\n${toPrintable(destination, 400)}\n${formatTable(facts)}`;
}
