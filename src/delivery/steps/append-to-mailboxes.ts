/** Puts the message into the mailboxes: one copy an account, one prepared message for all, one commit. */
import type { AccountId } from '#base/ids.ts';
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { describeAppendFailure } from '#delivery/outcome.ts';
import type { DeliveryOutcome } from '#delivery/outcome.ts';

export async function appendToMailboxes(delivery: Delivery, { mail }: DeliverySurroundings): Promise<void> {
  const recipients = pendingRecipients(delivery);
  const accountIds = [...new Set(recipients.flatMap(({ accountId }) => (accountId === undefined ? [] : [accountId])))];
  if (accountIds.length === 0) return;
  const message = mail.prepareMessage(delivery.stored);
  delivery.prepared = message;
  const into = delivery.verdict?.action === 'quarantine' ? 'junk' : 'inbox';
  const answers = await mail.deliver(message, accountIds, delivery.receivedAt, into);
  const outcomes = new Map<AccountId, DeliveryOutcome>();
  for (const [accountId, answer] of answers) {
    if (answer.ok) {
      outcomes.set(accountId, { kind: 'delivered', accountId });
      continue;
    }
    const { code, message: reason } = answer.error;
    const outcome = describeAppendFailure(code);
    if (outcome.kind === 'fault') delivery.log.error({ accountId, code, reason }, 'append failed');
    outcomes.set(accountId, outcome);
  }
  for (const recipient of recipients) {
    if (recipient.accountId !== undefined) recipient.outcome = outcomes.get(recipient.accountId);
  }
}
