/**
 * Asks who sent the message (trust/), writes it down in one Authentication-Results field, and does what the author's
 * domain wants done with what it does not stand by (DMARC), as far as the settings go.
 */
import { formatMethods, removeForgedResults } from '#trust/authentication-results.ts';
import { decideByDmarc } from '#trust/dmarc-policy.ts';
import { observe } from '#trust/dmarc-report.ts';
import { pendingRecipients, type Delivery, type DeliverySurroundings } from '#delivery/delivery.ts';

export async function authenticate(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  const { authentication, hostname, clock, random, metrics } = surroundings;
  if (authentication === undefined) return;
  const { transaction, received, log } = delivery;
  // RFC 8601 §5: whatever else comes, nobody but us says what we found.
  delivery.content = removeForgedResults(received, hostname);
  const { remoteAddress, helo } = transaction.peer;
  if (authentication.isExempt(remoteAddress)) return;
  // Loaded by the first message that is judged: it takes longer than all the rest of a thread's start.
  const { authenticateMessage } = await import('#trust/authenticate.ts');
  const found = await authenticateMessage(
    { octets: received, remoteAddress, helo, reversePath: transaction.reversePath.address, hostname },
    { resolver: authentication.resolver, clock },
  );
  for (const fault of found.faults) log.error({ err: fault }, 'a check of who sent a message broke down');
  const decision = decideByDmarc(found, authentication.dmarc, random);
  delivery.authentication = found;
  delivery.verdict = decision;
  metrics.count('campusmail_messages_judged_total', { dmarc: found.dmarc.result, action: decision.action });
  log.info({ found: formatMethods(found), action: decision.action, reason: decision.reason }, 'message judged');

  const observation = observe(found, decision);
  const policy = found.dmarc.published;
  if (observation !== undefined && policy !== undefined) authentication.observer?.dmarc(policy, observation);

  if (decision.action !== 'reject' && decision.action !== 'tempfail') return;
  const kind = decision.action === 'reject' ? 'unauthenticated' : 'unverified';
  for (const recipient of pendingRecipients(delivery)) recipient.outcome = { kind, reason: decision.reason };
}
