/** What became of a submission, recipient by recipient (RFC 8621 §7), as the trace of its messages tells. */
import type { DeliveryStatus } from '#contract/jmap/submission.ts';
import type { TraceEvent } from '#trace/types.ts';

/** By recipient, as written there. `events`: of all the submission's messages, in the order they happened. */
export function deliveryStatusOf(
  recipients: readonly string[],
  events: readonly TraceEvent[],
): Readonly<Record<string, DeliveryStatus>> {
  return Object.fromEntries(recipients.map((address) => [address, statusOf(address.toLowerCase(), events)]));
}

function statusOf(address: string, events: readonly TraceEvent[]): DeliveryStatus {
  const last = lastNewsOf(address, events);
  const [code, delivered] = last === undefined ? FORGOTTEN : OUTCOMES[last.kind];
  const enhanced = last?.enhanced ?? `${code[0]}.0.0`;
  const words = last?.text ?? last?.kind ?? 'nothing is known any more';
  // Whether it was displayed, nobody tells us.
  return { smtpReply: `${code} ${enhanced} ${words}`, delivered, displayed: 'unknown' };
}

/** The last that says what became of it for this recipient, an address in lower case. */
export function lastNewsOf(address: string, events: readonly TraceEvent[]): TraceEvent | undefined {
  return events.findLast((event) => isNews(event) && concerns(event, address));
}

type Outcome = readonly [code: string, delivered: DeliveryStatus['delivered']];

const FORGOTTEN: Outcome = ['250', 'unknown'];

/** The trace keeps enhanced codes and words; the code before them says no more than their first digit. */
const OUTCOMES: Readonly<Record<TraceEvent['kind'], Outcome>> = {
  queued: ['250', 'queued'],
  deferred: ['451', 'queued'],
  delivered: ['250', 'yes'],
  relayed: ['250', 'unknown'],
  redirected: ['250', 'unknown'],
  recalled: ['250', 'unknown'],
  failed: ['550', 'no'],
  // Of these only that a person took it out of the queue.
  managed: ['550', 'no'],
  judged: FORGOTTEN,
  answered: FORGOTTEN,
  reported: FORGOTTEN,
};

function isNews({ kind, text = '' }: TraceEvent): boolean {
  if (kind === 'managed') return text.startsWith('cancel');
  return kind !== 'judged' && kind !== 'answered' && kind !== 'reported';
}

function concerns({ recipients }: TraceEvent, address: string): boolean {
  return recipients?.some((one) => one.toLowerCase() === address) ?? true;
}
