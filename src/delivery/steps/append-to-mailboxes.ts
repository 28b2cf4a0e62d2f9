/**
 * Puts the message into the mailboxes: one copy an account, one prepared message for all, one commit; and sends it on for
 * those who forward.
 */
import type { AccountId } from '#base/ids.ts';
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { describeAppendFailure } from '#delivery/outcome.ts';
import type { DeliveryOutcome } from '#delivery/outcome.ts';
import { deliverHere } from '#forwarding/deliver-here.ts';
import type { Incoming } from '#forwarding/forwarding.ts';

export async function appendToMailboxes(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  const recipients = pendingRecipients(delivery);
  const accountIds = [...new Set(recipients.flatMap((recipient) => recipient.accountIds))];
  if (accountIds.length === 0) return;
  const message = surroundings.mail.prepareMessage(delivery.stored);
  delivery.prepared = message;
  const into = delivery.verdict?.action === 'quarantine' ? 'junk' : 'inbox';
  const { stored, receivedAt, authentication } = delivery;
  const { peer, reversePath } = delivery.transaction;
  const { address, body, smtpUtf8, requireTls } = reversePath;
  const incoming: Incoming = {
    message,
    octets: stored,
    receivedAt,
    envelope: { reversePath: address, body, smtpUtf8, requireTls, priority: 0 },
    peer,
    authentication,
    into,
    staysHere: recipients.some(({ returnPath }) => returnPath !== undefined),
  };
  const { outcomes: answers, events } = await deliverHere(surroundings, incoming, accountIds, delivery.haveIt);
  delivery.events.push(...events);
  const outcomes = new Map<AccountId, DeliveryOutcome>();
  for (const [accountId, answer] of answers) {
    if (answer.ok) {
      outcomes.set(accountId, { kind: 'delivered', accountIds: [accountId] });
      continue;
    }
    const { code, message: reason } = answer.error;
    const outcome = describeAppendFailure(code);
    if (outcome.kind === 'fault') delivery.log.error({ accountId, code, reason }, 'append failed');
    outcomes.set(accountId, outcome);
  }
  for (const recipient of recipients) {
    const reached = recipient.accountIds.map((accountId) => outcomes.get(accountId));
    // Of a group's owners one is enough.
    recipient.outcome = reached.find((outcome) => outcome?.kind === 'delivered') ?? reached[0];
  }
}
