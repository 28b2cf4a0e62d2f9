/** Spares those who got this message at an earlier attempt that failed for others. */
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';

export function skipDelivered(delivery: Delivery, { partialDeliveries }: DeliverySurroundings): void {
  const haveIt = partialDeliveries.whoHas(delivery.transaction, delivery.received);
  if (haveIt.size === 0) return;
  for (const recipient of pendingRecipients(delivery)) {
    const { accountId } = recipient;
    if (accountId !== undefined && haveIt.has(accountId)) recipient.outcome = { kind: 'delivered', accountId };
  }
}
