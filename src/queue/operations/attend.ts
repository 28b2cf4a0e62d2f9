/** The sender of a delivery nobody is trying has been told what was due to be told. */
import type { QueueId } from '#base/ids.ts';
import type { QueueTransaction } from '#queue/ports/queue-store.ts';
import { deleteIfDone } from './conclude.ts';

export interface AttendArgs {
  readonly queueId: QueueId;
  readonly destination: string;
  /** As it was when the sender was told. */
  readonly attentionAt: number;
  /** Absent: it was returned, and goes. */
  readonly nextAttentionAt?: number;
}

/** False when somebody tries it now, or attended to it meanwhile. */
export async function attend(tx: QueueTransaction, args: AttendArgs): Promise<boolean> {
  const { queueId, destination, attentionAt, nextAttentionAt } = args;
  const row = await tx.lockDelivery(queueId, destination);
  if (row === undefined || row.owner !== null || row.attentionAt !== attentionAt) return false;
  if (nextAttentionAt === undefined) {
    await tx.deleteDelivery(queueId, destination);
    await deleteIfDone(tx, queueId);
  } else {
    await tx.updateDelivery({ ...row, attentionAt: nextAttentionAt });
  }
  return true;
}
