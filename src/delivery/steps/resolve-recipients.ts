/**
 * Finds each recipient's account, or group, or that it is where reports go. Asked again although RCPT asked already: an account removed since then would come
 * back to life as a mailbox without an owner.
 */
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { resolveRecipient } from '#delivery/resolve-recipient.ts';

export async function resolveRecipients(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  await Promise.all(
    pendingRecipients(delivery).map(async (recipient) => {
      const resolution = await resolveRecipient(
        surroundings,
        recipient.forwardPath.address,
        delivery.transaction.reversePath.address,
      );
      if (resolution.kind === 'account' || resolution.kind === 'forwarder')
        recipient.accountIds = [resolution.accountId];
      else if (resolution.kind === 'groupOwners') recipient.accountIds = resolution.accountIds;
      else if (resolution.kind === 'group') recipient.group = resolution.group;
      else if (resolution.kind === 'reports') recipient.reportKind = resolution.reportKind;
      else if (resolution.kind === 'badReturnPath' || resolution.kind === 'moved') recipient.outcome = resolution;
      else if (resolution.kind !== 'passOn') recipient.outcome = { kind: resolution.kind };
      if (resolution.kind === 'forwarder' || resolution.kind === 'passOn') recipient.returnPath = resolution;
    }),
  );
}
