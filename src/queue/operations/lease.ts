/** Takes deliveries that are due for one destination, so that nobody else tries them meanwhile. */
import type { QueueTransaction } from '#queue/ports/queue-store.ts';
import { NEVER } from '#queue/types.ts';
import type { TakenDelivery } from '#queue/types.ts';

export interface LeaseArgs {
  readonly owner: string;
  readonly destination: string;
  readonly limit: number;
}

/** The most urgent first. Their `attempts` count the one that follows. */
export async function lease(tx: QueueTransaction, args: LeaseArgs): Promise<readonly TakenDelivery[]> {
  const due = await tx.lockDue(args.destination, tx.nowMs, args.limit);
  const leased = due.map((row) => ({ ...row, owner: args.owner, dueAt: NEVER, attempts: row.attempts + 1 }));
  for (const row of leased) await tx.updateDelivery(row);
  return leased;
}
