/** Sends reports on forwarded mail to its sender where whoever forwarded it is no longer here. */
import { newQueueId } from '#base/queue-id.ts';
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';

export async function passOnReports(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  const { queue, mail, directory, clock, random } = surroundings;
  for (const recipient of pendingRecipients(delivery)) {
    if (recipient.returnPath?.kind !== 'passOn') continue;
    const { to } = recipient.returnPath;
    const { body, smtpUtf8, requireTls } = delivery.transaction.reversePath;
    const queueId = newQueueId(clock.now(), random);
    const isLocal = (await directory.resolveAddress(to)).kind !== 'unknownDomain';
    await queue.enqueue({
      queueId,
      message: mail.prepareMessage(delivery.stored),
      envelope: { reversePath: '', body, smtpUtf8, requireTls, accountId: null, priority: 0 },
      recipients: [{ address: to, isLocal }],
    });
    const { address } = recipient.forwardPath;
    const text = `to ${to} (${queueId})`;
    delivery.events.push({ at: clock.now(), kind: 'redirected', recipients: [address], text });
    recipient.outcome = { kind: 'posted', address };
  }
}
