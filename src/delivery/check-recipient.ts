/**
 * Whether mail to an address can be accepted: asked at RCPT, so that what is accepted need not be bounced to a sender
 * who may be forged.
 */
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';

import type { DeliverySurroundings, MailTarget } from './delivery.ts';
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
  const hasRoom = await isRoomFor(mail, resolution.accountId, (sizeBytes ?? 0) + limits.traceBytes);
  return hasRoom ? undefined : { kind: 'overQuota' };
}

async function isRoomFor(mail: MailTarget, accountId: AccountId, bytes: number): Promise<boolean> {
  try {
    const { usedBytes, quotaBytes, usedMessages, quotaMessages } = await mail.account(accountId).status();
    if (quotaMessages !== null && usedMessages >= quotaMessages) return false;
    return quotaBytes === null || usedBytes + bytes <= quotaBytes;
  } catch (error) {
    // The first message ever makes the account's mailboxes.
    if (isMailError(error, 'notFound')) return true;
    throw error;
  }
}
