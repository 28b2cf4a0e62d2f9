/** A message accepted for sending: stored once, with a delivery for each destination. */
import type { QueueId } from '#base/ids.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { QueueTransaction } from '#queue/ports/queue-store.ts';
import { NEVER, urgencyOf } from '#queue/types.ts';
import type { QueuedEnvelope, QueuedRecipient } from '#queue/types.ts';

export interface EnqueueArgs {
  readonly queueId: QueueId;
  readonly message: PreparedMessage;
  readonly envelope: QueuedEnvelope;
  readonly expiresAt: number;
  /** When the first delay is to be told. */
  readonly attentionAt: number;
  /** Not before then; now when it is past. */
  readonly dueAt: number;
  readonly isHeld: boolean;
  readonly deliveries: readonly { readonly destination: string; readonly recipients: readonly QueuedRecipient[] }[];
}

/** `alreadyExists` for an id that is queued. */
export async function enqueue(tx: QueueTransaction, args: EnqueueArgs): Promise<void> {
  const { queueId, message, envelope, expiresAt, attentionAt, dueAt, isHeld, deliveries } = args;
  const blobKey = await tx.storeMessage(message);
  const { sizeBytes } = message.blob;
  await tx.insertMessage({ ...envelope, queueId, blobKey, sizeBytes, createdAt: tx.nowMs, expiresAt });
  for (const { destination, recipients } of deliveries) {
    await tx.insertDelivery({
      queueId,
      destination,
      urgency: urgencyOf(envelope.priority),
      state: isHeld ? 'held' : 'waiting',
      dueAt: isHeld ? NEVER : dueAt,
      attentionAt: isHeld ? NEVER : attentionAt,
      attempts: 0,
      owner: null,
      recipients,
      lastFailure: null,
    });
    tx.touch(destination);
  }
}
