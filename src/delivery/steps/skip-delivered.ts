/** Spares those who got this message at an earlier attempt that failed for others. */
import { formatAddress } from '#directory/address.ts';
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';

export function skipDelivered(delivery: Delivery, { partialDeliveries }: DeliverySurroundings): void {
  const haveIt = partialDeliveries.whoHas(delivery.transaction, delivery.received);
  if (haveIt.size === 0) return;
  for (const recipient of pendingRecipients(delivery)) {
    const { accountIds, group } = recipient;
    const address = group && formatAddress(group);
    if (accountIds.some((accountId) => haveIt.has(accountId))) {
      recipient.outcome = { kind: 'delivered', accountIds };
      // Nor by a group or a forward.
      for (const accountId of accountIds) delivery.haveIt.add(accountId);
    } else if (address !== undefined && haveIt.has(address)) recipient.outcome = { kind: 'posted', address };
  }
}
