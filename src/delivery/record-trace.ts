/** Leaves a trace of each message from outside: what came, and what became of it for whom. */
import { traceMessage } from '#trace/traced-message.ts';
import type { TraceEvent } from '#trace/types.ts';
import { formatMethods } from '#trust/authentication-results.ts';
import { digestMessage } from '#mime/digest.ts';
import type { Delivery, DeliverySurroundings } from './delivery.ts';
import { toReply } from './outcome.ts';
import type { DeliveryOutcome } from './outcome.ts';

export function recordTrace(delivery: Delivery, { trace }: DeliverySurroundings): void {
  if (trace === undefined) return;
  const { queueId, receivedAt: at, transaction, received, recipients } = delivery;
  const { summary } = delivery.prepared?.digest ?? digestMessage(received);
  // An announcement's recipients share what became of it.
  const byText = new Map<string, { readonly outcome: DeliveryOutcome; readonly addresses: string[] }>();
  for (const { outcome: reached, forwardPath } of recipients) {
    const outcome: DeliveryOutcome = reached ?? { kind: 'fault' };
    // What became of it is among the delivery's own events.
    if (outcome.kind === 'posted' || outcome.kind === 'read') continue;
    const known = byText.get(outcome.kind);
    if (known === undefined) byText.set(outcome.kind, { outcome, addresses: [forwardPath.address] });
    else known.addresses.push(forwardPath.address);
  }
  const outcomes = Array.from(byText.values(), ({ outcome, addresses }): TraceEvent => {
    if (outcome.kind === 'delivered') return { at, kind: 'delivered', recipients: addresses };
    const { code, enhanced, text } = toReply(outcome, { address: addresses[0] ?? '', utf8: true, queueId });
    const kind = code < 500 ? 'deferred' : 'failed';
    return {
      at,
      kind,
      recipients: addresses,
      text: `${code} ${text}`,
      ...(enhanced === undefined ? {} : { enhanced }),
    };
  });
  const sizeBytes = received.length;
  const events = [...describeVerdict(delivery), ...outcomes, ...delivery.events];
  trace.message(traceMessage({ queueId, at, direction: 'in', transaction, summary, sizeBytes }), events);
}

/** What was found about who sent it, and what was done about it. */
function describeVerdict({ authentication, verdict, receivedAt: at }: Delivery): TraceEvent[] {
  if (authentication === undefined || verdict === undefined) return [];
  return [
    { at, kind: 'judged', text: `${verdict.action}: ${verdict.reason}; ${formatMethods(authentication).join('; ')}` },
  ];
}
