/**
 * Who is sending. A worker says from time to time that it lives; what a dead one had under way falls due again, so
 * that no message waits for a process that is gone.
 */
import type { QueueTransaction } from '#queue/ports/queue-store.ts';

export interface KeepAliveArgs {
  readonly owner: string;
  readonly aliveUntil: number;
  /** No other process can have this store: whoever was a worker before is dead. */
  readonly isAlone: boolean;
}

/** Deliveries freed by one operation: the writer's other work waits no longer than that takes. */
const FREED_AT_ONCE = 500;

/** Answers how many deliveries of dead workers fell due; as many as it frees at once: there may be more. */
export async function keepAlive(tx: QueueTransaction, { owner, aliveUntil, isAlone }: KeepAliveArgs): Promise<number> {
  if (isAlone) await tx.removeWorkers();
  await tx.putWorker(owner, aliveUntil);
  return freeOrphans(tx);
}

/** The worker ends in good order; what it had under way falls due again. */
export async function stopWorker(tx: QueueTransaction, { owner }: { readonly owner: string }): Promise<void> {
  await tx.removeWorkers(owner);
  await freeOrphans(tx);
}

async function freeOrphans(tx: QueueTransaction): Promise<number> {
  const orphans = await tx.orphans(tx.nowMs, FREED_AT_ONCE);
  for (const row of orphans) {
    await tx.updateDelivery({ ...row, owner: null, dueAt: tx.nowMs });
    tx.touch(row.destination);
  }
  return orphans.length;
}
