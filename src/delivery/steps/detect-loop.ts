/**
 * Refuses a message that goes round in circles (RFC 5321 §6.3). Counting hops is enough here: what is put into a
 * mailbox goes nowhere else. Delivered-To is for whoever forwards, and would make each recipient's copy another blob.
 */
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { countReceived } from '#smtp/trace.ts';

export function detectLoop(delivery: Delivery, { limits }: DeliverySurroundings): void {
  if (countReceived(delivery.received) <= limits.receivedFields) return;
  for (const recipient of pendingRecipients(delivery)) recipient.outcome = { kind: 'loop' };
}
