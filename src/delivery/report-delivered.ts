/**
 * Tells a sender who asked for it that the message is in a mailbox here (RFC 3461 §4.1, NOTIFY=SUCCESS). Not where the
 * reverse path may be forged: a stranger would be told of mail that somebody else sent.
 */
import type { Reporter } from '#queue/reporter.ts';
import { LOCAL } from '#queue/types.ts';
import type { SmtpReply } from '#smtp/receiver.ts';
import { isShownByDomain } from '#trust/reverse-path.ts';
import type { Delivery } from './delivery.ts';

/**
 * Of those whose reply is a success: a message that comes again for others is reported when it has been taken. Never
 * rejects, for the message has arrived.
 */
export async function reportDelivered(
  { transaction, queueId, receivedAt, authentication, stored, recipients, log }: Delivery,
  replies: readonly SmtpReply[],
  { reporter }: { readonly reporter?: Pick<Reporter, 'report'> },
): Promise<void> {
  const reached = recipients.flatMap(({ forwardPath: { address, dsn }, outcome }, i) =>
    outcome?.kind === 'delivered' && (replies[i]?.code ?? 0) < 400
      ? [{ recipient: { address, ...dsn }, failure: null }]
      : [],
  );
  if (reporter === undefined || reached.length === 0) return;
  const { address: reversePath, requireTls, dsn } = transaction.reversePath;
  // What was not judged comes from machines of ours.
  if (authentication !== undefined && !isShownByDomain(reversePath, authentication)) return;
  const message = { queueId, createdAt: receivedAt, reversePath, requireTls, ...dsn };
  try {
    await reporter.report({ kind: 'delivered', message, destination: LOCAL, nowMs: receivedAt }, reached, stored);
  } catch (error) {
    log.error({ err: error }, 'a report could not be posted');
  }
}
