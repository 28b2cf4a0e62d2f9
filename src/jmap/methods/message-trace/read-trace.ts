/** A message's trace as who sent it may see it, or who was to get it. */
import type { AccountId } from '#base/ids.ts';
import { isQueueId } from '#base/queue-id.ts';
import type { MessageTrace, RecipientState, RecipientTrace } from '#contract/jmap/message-trace.ts';
import type { Id } from '#contract/jmap/values.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import type { AddressResolution } from '#directory/address-resolution.ts';
import { lastNewsOf } from '#jmap/delivery-status.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import { FLAG } from '#mail/types.ts';
import { explainRefusal } from '#queue/explain-refusal.ts';
import { findDelivered } from '#submission/find-delivered.ts';
import { recallableUntil } from '#submission/recall-message.ts';
import { isMember } from '#trace/members.ts';
import type { Trace, TracedMessage, TraceEvent } from '#trace/types.ts';

export interface VisibleTrace {
  readonly trace: Trace;
  /** Whose it is: the account sent it. */
  readonly isOwn: boolean;
}

/** The account's own addresses, in lower case: the trace is asked by them. */
export async function ownAddresses({ services, accountId }: MethodContext): Promise<readonly string[]> {
  const standing = await services.directory.senderStanding(accountId);
  return (standing?.addresses ?? []).map((address) => address.toLowerCase());
}

/** Before then nothing is shown. */
export function keptSince({ services }: MethodContext): number {
  return services.clock.now() - services.messages.shownMs;
}

/** Undefined for what is not the account's business. */
export async function findVisible(
  context: MethodContext,
  id: Id,
  addresses: readonly string[],
): Promise<VisibleTrace | undefined> {
  const trace = isQueueId(id) ? await context.services.traces.trace(id) : undefined;
  if (trace === undefined || trace.message.at < keptSince(context)) return undefined;
  if (isSentBy(context.accountId, trace.message)) return { trace, isOwn: true };
  const isMine =
    ownAmong(trace.message.recipients, addresses).length > 0 || cameBy(trace, context.accountId).length > 0;
  return isMine ? { trace, isOwn: false } : undefined;
}

/**
 * What came to the account by groups it is a member of, the latest first: what was posted before it was one is not among
 * it. A group's many messages that it did not get end the search, for then there is nothing older either.
 */
export async function findByGroups(
  context: MethodContext,
  span: { readonly from: number; readonly to?: number },
  limit: number,
): Promise<readonly TracedMessage[]> {
  const { services, accountId } = context;
  const found: TracedMessage[] = [];
  let judged = 0;
  for (const address of await services.directory.groupsAbove(accountId)) {
    for (const message of await services.traces.find({ recipient: address.toLowerCase(), ...span }, limit)) {
      if (++judged > JMAP_LIMITS.groupTracesJudged) return found;
      const trace = await services.traces.trace(message.queueId);
      if (trace !== undefined && cameBy(trace, accountId).length > 0) found.push(message);
      await context.pause();
    }
  }
  return found;
}

/** The events by which a group's mail came to the account. */
function cameBy({ events }: Trace, accountId: AccountId): readonly TraceEvent[] {
  return events.filter(({ members }) => members !== undefined && isMember(members, accountId));
}

export function isSentBy(accountId: AccountId, message: TracedMessage): boolean {
  return message.direction === 'out' && message.accountId === accountId;
}

function ownAmong(recipients: readonly string[], addresses: readonly string[]): readonly string[] {
  return recipients.filter((address) => addresses.includes(address.toLowerCase()));
}

export async function toMessageTrace(
  context: MethodContext,
  { trace, isOwn }: VisibleTrace,
  addresses: readonly string[],
): Promise<MessageTrace> {
  const { message, events } = trace;
  // Who else got it is for its sender to know.
  const shown = isOwn ? message.recipients : ownAmong(message.recipients, addresses);
  const recipients: RecipientTrace[] = [];
  for (const [at, address] of shown.entries()) {
    const asksRead = isOwn && context.services.messages.showsRead && at < JMAP_LIMITS.readStatesOfTrace;
    recipients.push(await toRecipientTrace(context, message, address, events, asksRead));
    await context.pause();
  }
  if (!isOwn) for (const event of cameBy(trace, context.accountId)) recipients.push(ofGroup(event));
  const { recall } = context.services.messages;
  const until = isOwn ? recallableUntil(recall, message, context.services.clock.now()) : null;
  return {
    id: message.queueId,
    direction: isOwn ? 'out' : 'in',
    at: formatUtcDate(message.at),
    from: message.sender,
    subject: message.subject,
    messageId: message.messageId,
    size: message.sizeBytes,
    recipients,
    recallableUntil: until === null ? null : formatUtcDate(until),
  };
}

/** To its member what the group's address got was delivered. */
function ofGroup({ at, recipients }: TraceEvent): RecipientTrace {
  return {
    address: recipients?.[0] ?? '',
    state: 'delivered',
    at: formatUtcDate(at),
    isRead: null,
    server: null,
    words: null,
    reason: null,
    nextTryAt: null,
  };
}

async function toRecipientTrace(
  { services }: MethodContext,
  message: TracedMessage,
  address: string,
  events: readonly TraceEvent[],
  asksRead: boolean,
): Promise<RecipientTrace> {
  const last = lastNewsOf(address.toLowerCase(), events);
  const resolution = await services.directory.resolveAddress(address);
  const accountId = resolution.kind === 'account' ? resolution.accountId : undefined;
  const state = stateOf(last, resolution.kind);
  const isTrouble = state === 'failed' || (state === 'waiting' && last?.kind === 'deferred');
  const email =
    asksRead && state === 'delivered' && accountId !== undefined
      ? await findDelivered(services.mail.account(accountId), message)
      : undefined;
  return {
    address,
    state,
    at: last === undefined ? null : formatUtcDate(last.at),
    isRead: email === undefined ? null : (email.flags & FLAG.SEEN) !== 0,
    server: last?.remote ?? null,
    words: state === 'delivered' || state === 'posted' ? null : (last?.text ?? null),
    reason: isTrouble && last !== undefined ? explain(last) : null,
    nextTryAt: state === 'waiting' && last?.until !== undefined ? formatUtcDate(last.until) : null,
  };
}

/** What accounts do with their mail, such as to forward it, is not for who wrote to them. */
function stateOf(last: TraceEvent | undefined, is: AddressResolution['kind']): RecipientState {
  const isHere = is === 'account' || is === 'notReceiving';
  switch (last?.kind) {
    // By the queue a group is delivered to, too.
    case 'delivered':
      return is === 'group' ? 'posted' : 'delivered';
    case 'redirected':
      return isHere ? 'delivered' : 'posted';
    // By the queue, into a mailbox here.
    case 'relayed':
      return isHere ? 'delivered' : 'relayed';
    case 'queued':
    case 'deferred':
      return 'waiting';
    case 'failed':
    case 'managed':
      return 'failed';
    case 'recalled':
      return 'recalled';
    case 'judged':
    case 'answered':
    case 'reported':
    case undefined:
      return 'unknown';
  }
}

function explain({ at, enhanced = '', text = '', remote }: TraceEvent): { readonly zh: string; readonly en: string } {
  const code = /^([45]\d\d)\b/.exec(text)?.[1];
  const { zh, en } = explainRefusal({
    at,
    enhanced,
    text,
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(remote === undefined ? {} : { remote }),
  });
  return { zh, en };
}
