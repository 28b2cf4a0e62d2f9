/** Takes deliveries that are due for one destination, so that nobody else tries them meanwhile. */
import type { QueueTransaction } from '#queue/ports/queue-store.ts';
import { NEVER } from '#queue/types.ts';
import type { TakenDelivery } from '#queue/types.ts';

export interface LeaseArgs {
  readonly owner: string;
  readonly destination: string;
  readonly limit: number;
}

export interface Leased {
  /** The most urgent first. Their `attempts` count the one that follows. */
  readonly deliveries: readonly TakenDelivery[];
  /** When the destination has to be looked at again, if nothing more is heard of it; `NEVER`: nothing waits. */
  readonly nextDueAt: number;
}

export async function lease(tx: QueueTransaction, args: LeaseArgs): Promise<Leased> {
  const due = await tx.lockDue(args.destination, tx.nowMs, args.limit);
  const deliveries = due.map((row) => ({ ...row, owner: args.owner, dueAt: NEVER, attempts: row.attempts + 1 }));
  for (const row of deliveries) await tx.updateDelivery(row);
  // As many as asked for: there may be more, for another channel too.
  const isAll = due.length < args.limit;
  return { deliveries, nextDueAt: isAll ? await tx.nextDueAfter(args.destination, tx.nowMs) : tx.nowMs };
}
