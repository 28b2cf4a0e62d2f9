/**
 * Whether mail to an address can be accepted: asked at RCPT, so that what is accepted need not be bounced to a sender
 * who may be forged.
 */

import type { DeliverySurroundings } from './delivery.ts';
import type { DeliveryOutcome } from './outcome.ts';
import { resolveRecipient } from './resolve-recipient.ts';

/** `sizeBytes`: as declared by the client (RFC 1870). Undefined: yes. Rejects for outages of the directory or the store. */
export async function checkRecipient(
  surroundings: DeliverySurroundings,
  address: string,
  sizeBytes: number | undefined,
): Promise<DeliveryOutcome | undefined> {
  const { mail, limits } = surroundings;
  const resolution = await resolveRecipient(surroundings, address);
  if (resolution.kind !== 'account') return { kind: resolution.kind };
  const hasRoom = await mail.account(resolution.accountId).hasRoomFor((sizeBytes ?? 0) + limits.traceBytes);
  return hasRoom ? undefined : { kind: 'overQuota' };
}
