/** The mail system behind the SMTP and LMTP engines for mail from outside: answers RCPT, takes messages, tells what became of them. */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import type { Metrics } from '#base/metrics.ts';
import { newQueueId } from '#base/queue-id.ts';
import type { Random } from '#base/random.ts';
import type { Reporter } from '#queue/reporter.ts';
import type { Receiver, SmtpReply } from '#smtp/receiver.ts';
import type { TraceRecorder } from '#trace/recorder.ts';

import { checkRecipient } from './check-recipient.ts';
import type {
  AddressDirectory,
  AuthenticationSurroundings,
  Delivery,
  DeliverySurroundings,
  MailTarget,
  ReportSurroundings,
} from './delivery.ts';
import { DELIVERY_LIMITS } from './limits.ts';
import type { DeliveryLimits } from './limits.ts';
import { toReply } from './outcome.ts';
import type { DeliveryOutcome } from './outcome.ts';
import { PartialDeliveries } from './partial-deliveries.ts';
import { runPipeline } from './pipeline.ts';
import { recordTrace } from './record-trace.ts';
import { RefusalTraces } from './refusal-traces.ts';
import { reportDelivered } from './report-delivered.ts';

export interface DeliveryReceiverOptions {
  readonly directory: AddressDirectory;
  readonly mail: MailTarget;
  readonly queue: DeliverySurroundings['queue'];
  /** Absent: nobody forwards. */
  readonly forwarding?: NonNullable<DeliverySurroundings['forwarding']>;
  /** Our name in Received. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly trace?: TraceRecorder;
  /** Absent: nothing is judged. */
  readonly authentication?: AuthenticationSurroundings;
  /** Absent: reports have no address. */
  readonly reports?: ReportSurroundings;
  /** Absent: nobody is told that a message arrived. */
  readonly reporter?: Pick<Reporter, 'report'>;
  /** What differs from `DELIVERY_LIMITS`. */
  readonly limits?: Partial<DeliveryLimits>;
}

/** One for all sessions of a thread. It rejects only for bugs and outages, which the engine answers with 451. */
export function createDeliveryReceiver(options: DeliveryReceiverOptions): Receiver {
  const { clock, random, metrics = noMetrics } = options;
  const limits = { ...DELIVERY_LIMITS, ...options.limits };
  const partialDeliveries = new PartialDeliveries(clock, limits.partialDeliveries, limits.partialDeliveryMs);
  const surroundings: DeliverySurroundings = { ...options, metrics, limits, partialDeliveries };
  const refusalTraces = new RefusalTraces(surroundings);

  return {
    async mail() {
      // Any sender, also none: who may send what is for trust/ and spam/ to say, once they see the message.
      return undefined;
    },

    async rcpt(transaction, { address }) {
      const { reversePath } = transaction;
      const refusal = await checkRecipient(surroundings, address, transaction);
      if (refusal === undefined) return undefined;
      metrics.count('campusmail_recipients_refused_total', { outcome: refusal.kind });
      const reply = toReply(refusal, { address, utf8: reversePath.smtpUtf8 });
      refusalTraces.record(transaction, address, reply);
      return reply;
    },

    async data(transaction, message) {
      const queueId = newQueueId(clock.now(), random);
      const delivery: Delivery = {
        transaction,
        queueId,
        receivedAt: clock.now(),
        received: message,
        content: message,
        authentication: undefined,
        verdict: undefined,
        stored: message,
        events: [],
        haveIt: new Set(),
        prepared: undefined,
        recipients: transaction.forwardPaths.map((forwardPath) => ({
          forwardPath,
          accountIds: [],
          group: undefined,
          reportKind: undefined,
          returnPath: undefined,
          outcome: undefined,
        })),
        log: options.log.child({ queueId, session: transaction.peer.sessionId }),
      };
      await runPipeline(delivery, surroundings);
      recordTrace(delivery, surroundings);
      const replies = conclude(delivery, surroundings);
      await reportDelivered(delivery, replies, options);
      return replies;
    },
  };
}

function conclude(delivery: Delivery, { metrics, limits, partialDeliveries }: DeliverySurroundings): SmtpReply[] {
  const { transaction, queueId, log, received } = delivery;
  const outcomes = delivery.recipients.map(({ outcome }): DeliveryOutcome => outcome ?? { kind: 'fault' });
  const counts: Partial<Record<DeliveryOutcome['kind'], number>> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  for (const [outcome, count] of Object.entries(counts))
    metrics.count('campusmail_deliveries_total', { outcome }, count);
  const to = transaction.forwardPaths.slice(0, limits.recipientsLogged).map(({ address }) => address);
  const from = transaction.reversePath.address;
  log.info({ from, to, sizeBytes: received.length, outcomes: counts }, 'message taken');

  const replies = outcomes.map((outcome, i) =>
    toReply(outcome, {
      address: transaction.forwardPaths[i]?.address ?? '',
      utf8: transaction.reversePath.smtpUtf8,
      queueId,
    }),
  );
  const deliveredTo = listDelivered(outcomes);
  const failed = replies.find(({ code }) => code >= 300);
  // RFC 2033 §4.2: LMTP has a reply for each. SMTP has one for all, and a success would be the end of the others.
  if (failed === undefined) partialDeliveries.forget(transaction, received);
  if (failed === undefined || deliveredTo.length === 0 || transaction.peer.protocol === 'lmtp') return replies;
  partialDeliveries.remember(transaction, received, deliveredTo);
  const later = failed.code < 500 ? failed : laterReply(queueId);
  return replies.map(() => later);
}

/** For a recipient refused for good next to others who took the message: RCPT will say so at the next attempt. */
function laterReply(queueId: string): SmtpReply {
  return { code: 451, enhanced: '4.3.0', text: `Not all recipients could be served, try again later (id ${queueId})` };
}

/** Accounts; groups and where reports go by their address. */
function listDelivered(outcomes: readonly DeliveryOutcome[]): (AccountId | string)[] {
  return outcomes.flatMap((outcome): readonly (AccountId | string)[] => {
    if (outcome.kind === 'posted' || outcome.kind === 'read') return [outcome.address];
    return outcome.kind === 'delivered' ? outcome.accountIds : [];
  });
}
