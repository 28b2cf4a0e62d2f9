/** Sends reports on forwarded mail to its sender where whoever forwarded it is no longer here. */
import { pendingRecipients } from '#delivery/delivery.ts';
import type { Delivery, DeliverySurroundings } from '#delivery/delivery.ts';
import { queueTraced } from '#queue/queue-traced.ts';

export async function passOnReports(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  const { mail, directory, clock } = surroundings;
  for (const recipient of pendingRecipients(delivery)) {
    if (recipient.returnPath?.kind !== 'passOn') continue;
    const { to } = recipient.returnPath;
    const { body, smtpUtf8, requireTls } = delivery.transaction.reversePath;
    const isLocal = (await directory.resolveAddress(to)).kind !== 'unknownDomain';
    const queueId = await queueTraced(
      surroundings,
      {
        message: mail.prepareMessage(delivery.stored),
        envelope: { reversePath: '', body, smtpUtf8, requireTls, accountId: null, priority: 0 },
        recipients: [{ address: to, isLocal }],
      },
      delivery.transaction.peer,
    );
    const { address } = recipient.forwardPath;
    const text = `to ${to} (${queueId})`;
    delivery.events.push({ at: clock.now(), kind: 'redirected', recipients: [address], text });
    recipient.outcome = { kind: 'posted', address };
  }
}
