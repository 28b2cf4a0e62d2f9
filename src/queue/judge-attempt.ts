/** What an attempt means for each recipient of a delivery: gone, to be tried again, or failed for good. */
import type { RecipientOutcome, SendResult } from '#smtp/client/message.ts';
import type { ConnectionFailure, Reply } from '#smtp/client/reply.ts';
import type { TraceEvent } from '#trace/types.ts';
import type { ConnectResult, OpenConnection } from './connect-out.ts';
import type { MailHost, NoHost } from './find-hosts.ts';
import { describeProtection } from './plan-tls.ts';
import type { DeliveryFailure, QueuedRecipient } from './types.ts';

export type RecipientResult =
  | {
      readonly kind: 'gone';
      readonly recipient: QueuedRecipient;
      readonly reply: Reply;
      /** Who took it, and how the way there was protected; absent where it went to a mailbox here. */
      readonly by?: Pick<Required<TraceEvent>, 'remote' | 'tls'>;
    }
  | {
      readonly kind: 'later';
      readonly recipient: QueuedRecipient;
      readonly failure: DeliveryFailure;
      readonly isAtOnce: boolean;
    }
  | { readonly kind: 'failed'; readonly recipient: QueuedRecipient; readonly failure: DeliveryFailure };

const MAX_TEXT_CHARS = 1000;

/** One for each recipient, in order. */
export function judgeSending(
  recipients: readonly QueuedRecipient[],
  { recipients: outcomes, failure }: SendResult,
  { host, plan, connection }: OpenConnection,
  nowMs: number,
): RecipientResult[] {
  const lost = failure?.kind === 'connectionFailed' ? describeConnection(failure, host, nowMs) : undefined;
  const by = { remote: nameOf(host), tls: describeProtection(plan, connection.tls) };
  return recipients.map((recipient, i): RecipientResult => {
    const outcome: RecipientOutcome = outcomes[i] ?? { kind: 'notTried', why: 'connection' };
    switch (outcome.kind) {
      case 'accepted':
        return { kind: 'gone', recipient, reply: outcome.reply, by };
      case 'refused': {
        const reason = describeReply(outcome.reply, host, nowMs);
        return outcome.isPermanent
          ? { kind: 'failed', recipient, failure: reason }
          : { kind: 'later', recipient, failure: reason, isAtOnce: false };
      }
      case 'notTried':
      case 'unknown': {
        const isAtOnce = outcome.kind === 'notTried' && outcome.why === 'limit';
        return { kind: 'later', recipient, failure: lost ?? unanswered(host, nowMs), isAtOnce };
      }
    }
  });
}

export function describeReply(reply: Reply, host: MailHost, at: number): DeliveryFailure {
  const { code, enhanced, text } = reply;
  // Our own judgement is nobody's words.
  const remote = reply.answered === 'none' ? {} : { remote: nameOf(host), code };
  return { at, ...remote, enhanced, text: oneLine(text) };
}

/** Always temporary: another day the server may be well. */
export function describeConnection(failure: ConnectionFailure, host: MailHost, at: number): DeliveryFailure {
  const { reply, why, message } = failure;
  if (reply !== undefined) {
    const enhanced = reply.enhanced.startsWith('4') ? reply.enhanced : `4${reply.enhanced.slice(1)}`;
    return { at, remote: nameOf(host), code: reply.code, enhanced, text: oneLine(reply.text) };
  }
  const enhanced = why === 'tls' || why === 'noMechanism' ? '4.7.5' : why === 'timeout' ? '4.4.2' : '4.4.1';
  return { at, remote: nameOf(host), enhanced, text: oneLine(message) };
}

export function describeUnreachable(
  { failure, host, untried }: Extract<ConnectResult, { kind: 'unreachable' }>,
  at: number,
): DeliveryFailure {
  const described = describeConnection(failure, host, at);
  if (untried === 0) return described;
  return { ...described, text: `${described.text} (${untried} more addresses are left for the next attempt)` };
}

export function describeNoHost({ enhanced, text }: NoHost, at: number): DeliveryFailure {
  return { at, enhanced, text };
}

function unanswered(host: MailHost, at: number): DeliveryFailure {
  return { at, remote: nameOf(host), enhanced: '4.4.2', text: 'The connection was lost' };
}

function nameOf({ name, address }: MailHost): string {
  return name === address ? `[${address}]` : `${name} (${address})`;
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT_CHARS)
    .toWellFormed();
}
