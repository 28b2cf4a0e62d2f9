/**
 * Whether mail to an address can be accepted: asked at RCPT, so that what is accepted need not be bounced to a sender
 * who may be forged.
 */

import type { DeliverySurroundings } from './delivery.ts';
import type { DeliveryOutcome } from './outcome.ts';
import type { SmtpTransaction } from '#smtp/receiver.ts';
import { keepsNoCopy } from '#forwarding/deliver-here.ts';
import { MAX_REPORT_MAIL_OCTETS } from '#trust/limits.ts';
import { mayClaimToPost } from './group-sender.ts';
import { resolveRecipient } from './resolve-recipient.ts';

/** The path's size is the client's word (RFC 1870). Undefined: yes. Rejects for outages of the directory or the store. */
export async function checkRecipient(
  surroundings: DeliverySurroundings,
  address: string,
  transaction: Pick<SmtpTransaction, 'peer' | 'reversePath'>,
): Promise<DeliveryOutcome | undefined> {
  const { mail, limits } = surroundings;
  const resolution = await resolveRecipient(surroundings, address, transaction.reversePath.address);
  switch (resolution.kind) {
    case 'account':
    case 'forwarder': {
      if (resolution.kind === 'account' && (await keepsNoCopy(surroundings, resolution.accountId))) return undefined;
      const hasRoom = await mail
        .account(resolution.accountId)
        .hasRoomFor((transaction.reversePath.sizeBytes ?? 0) + limits.traceBytes);
      return hasRoom ? undefined : { kind: 'overQuota' };
    }
    case 'group':
      return (await mayClaimToPost(surroundings, resolution.group, transaction))
        ? undefined
        : { kind: 'mayNotPost', posting: resolution.group.posting };
    case 'reports':
      return (transaction.reversePath.sizeBytes ?? 0) > MAX_REPORT_MAIL_OCTETS ? { kind: 'tooLarge' } : undefined;
    case 'groupOwners':
    case 'passOn':
      return undefined;
    case 'badReturnPath':
      return resolution;
    case 'moved':
      return { kind: 'moved', address: resolution.address, successor: resolution.successor };
    case 'resting':
      return { kind: 'resting' };
    case 'unknownDomain':
    case 'unknownUser':
    case 'notReceiving':
      return { kind: resolution.kind };
  }
}
