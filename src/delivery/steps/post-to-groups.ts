/** Sends the message on to those in groups, once those addressed themselves have it: nobody gets it twice. */
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { mayPostFromOutside } from '#delivery/group-sender.ts';
import type { DeliveryOutcome } from '#delivery/outcome.ts';
import { formatAddress } from '#directory/address.ts';
import type { GroupRow } from '#directory/types.ts';
import { postToGroup } from '#groups/post-to-group.ts';

export async function postToGroups(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  for (const recipient of pendingRecipients(delivery)) {
    const { group } = recipient;
    if (group === undefined) continue;
    recipient.outcome = await post(delivery, surroundings, group).catch((error: unknown): DeliveryOutcome => {
      // Others have the message: it must not end as if nobody had.
      delivery.log.error({ err: error, group: formatAddress(group) }, 'posting to a group failed');
      return { kind: 'fault' };
    });
  }
}

async function post(delivery: Delivery, surroundings: DeliverySurroundings, group: GroupRow): Promise<DeliveryOutcome> {
  if (!(await mayPostFromOutside(delivery, surroundings, group))) return { kind: 'mayNotPost', posting: group.posting };
  // What a domain does not stand by is not for a group to spread; into one mailbox's junk it may go.
  const { verdict } = delivery;
  if (verdict?.action === 'quarantine') return { kind: 'unauthenticated', reason: verdict.reason };
  const { stored, transaction } = delivery;
  const { body, smtpUtf8, requireTls } = transaction.reversePath;
  const outcome = await postToGroup(surroundings, {
    group,
    octets: stored,
    envelope: { body, smtpUtf8, requireTls, priority: 0, accountId: null },
    peer: transaction.peer,
    authentication: delivery.authentication,
    haveIt: delivery.haveIt,
  });
  const address = formatAddress(group);
  switch (outcome.kind) {
    case 'posted':
      delivery.events.push(...outcome.events);
      return { kind: 'posted', address };
    case 'loop':
      return { kind: 'listLoop' };
    case 'nobody':
      return { kind: 'nobody' };
    case 'tooMany':
      delivery.log.error({ group: address }, 'a group reaches too many');
      return { kind: 'fault' };
    case 'failed':
      return { kind: 'fault' };
  }
}
