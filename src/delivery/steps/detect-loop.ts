/**
 * Refuses a message that goes round in circles (RFC 5321 §6.3). Counting hops is enough here: what an account
 * has forwarded bears its Delivered-To and is not forwarded by it again (forwarding/), and what is put into a mailbox has
 * none, as it would make each recipient's copy another blob.
 */
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { countReceived } from '#smtp/trace.ts';

export function detectLoop(delivery: Delivery, { limits }: DeliverySurroundings): void {
  if (countReceived(delivery.received) <= limits.receivedFields) return;
  for (const recipient of pendingRecipients(delivery)) recipient.outcome = { kind: 'loop' };
}
