/** What an attempt came to. */
import type { QueueId } from '#base/ids.ts';
import type { QueueTransaction } from '#queue/ports/queue-store.ts';
import type { DeliveryFailure, QueuedRecipient } from '#queue/types.ts';

export interface ConcludeArgs {
  readonly owner: string;
  readonly queueId: QueueId;
  readonly destination: string;
  /** Absent: every recipient there is settled. */
  readonly later?: {
    readonly recipients: readonly QueuedRecipient[];
    readonly dueAt: number;
    readonly lastFailure: DeliveryFailure | null;
    /** The attempt was none (its connection was never made): it does not count. */
    readonly isUntried?: boolean;
  };
}

/** False when the delivery is no longer the owner's: it was cancelled, or the owner was taken for dead. */
export async function conclude(tx: QueueTransaction, args: ConcludeArgs): Promise<boolean> {
  const { owner, queueId, destination, later } = args;
  const row = await tx.lockDelivery(queueId, destination);
  if (row?.owner !== owner) return false;
  if (later === undefined) {
    await tx.deleteDelivery(queueId, destination);
    await deleteIfDone(tx, queueId);
    return true;
  }
  const { recipients, dueAt, lastFailure, isUntried = false } = later;
  await tx.updateDelivery({
    ...row,
    owner: null,
    recipients,
    dueAt,
    lastFailure: lastFailure ?? row.lastFailure,
    attempts: isUntried ? row.attempts - 1 : row.attempts,
  });
  return true;
}

/** A message goes when its last delivery has. */
export async function deleteIfDone(tx: QueueTransaction, queueId: QueueId): Promise<void> {
  if ((await tx.deliveries(queueId)).length > 0) return;
  const message = await tx.message(queueId);
  if (message !== undefined) await tx.deleteMessage(message);
}
