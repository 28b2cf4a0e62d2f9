/** MessageTrace/get, /query and /recall, ours: did it arrive, and may it come back? */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  MESSAGE_TRACE_PROPERTIES,
  MessageTraceGet,
  MessageTraceQuery,
  MessageTraceRecall,
  type MessageTrace,
  type MessageTraceQueryResponse,
  type MessageTraceRecallResponse,
} from '#contract/jmap/message-trace.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { chooseIds, chooseProperties, pick } from '#jmap/core/get.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import { recallableUntil, recallMessage } from '#submission/recall-message.ts';
import type { TracedMessage } from '#trace/types.ts';
import { findByGroups, findVisible, isSentBy, keptSince, ownAddresses, toMessageTrace } from './read-trace.ts';

export const messageTraceGet = defineMethod({
  name: 'MessageTrace/get',
  access: 'own',
  capability: CAPABILITIES.trace,
  arguments: MessageTraceGet,
  async run(context, args) {
    const properties = chooseProperties(args.properties, MESSAGE_TRACE_PROPERTIES);
    const ids = chooseIds(args.ids);
    if (ids.length > JMAP_LIMITS.tracesAtOnce)
      throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.tracesAtOnce} ids`);
    const addresses = await ownAddresses(context);
    const list: Partial<MessageTrace>[] = [];
    const notFound: string[] = [];
    for (const id of ids) {
      const visible = await findVisible(context, id, addresses);
      if (visible === undefined) notFound.push(id);
      else list.push(pick(await toMessageTrace(context, visible, addresses), properties));
      await context.pause();
    }
    return { accountId: args.accountId, state: contentState(list), list, notFound };
  },
});

export const messageTraceQuery = defineMethod({
  name: 'MessageTrace/query',
  access: 'own',
  capability: CAPABILITIES.trace,
  arguments: MessageTraceQuery,
  async run(context, { accountId, filter, ...args }): Promise<MessageTraceQueryResponse> {
    const { direction, messageIds, after, before } = filter;
    const since = keptSince(context);
    const span = {
      from: Math.max(since, after === undefined ? since : Date.parse(after)),
      ...(before === undefined ? {} : { to: Date.parse(before) }),
    };
    const limit = Math.min(args.limit, JMAP_LIMITS.tracesAtOnce);
    if ((messageIds ?? []).length > JMAP_LIMITS.tracesAtOnce)
      throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.tracesAtOnce} Message-IDs`);
    const found = new Map<string, TracedMessage>();
    for (const address of await ownAddresses(context)) {
      const who = direction === 'out' ? { sender: address } : { recipient: address };
      for (const messageId of messageIds ?? [undefined]) {
        const which = messageId === undefined ? {} : { messageId };
        for (const message of await context.services.traces.find({ ...who, ...which, ...span }, limit))
          if (direction === 'in' || isSentBy(context.accountId, message)) found.set(message.queueId, message);
        await context.pause();
      }
    }
    if (direction === 'in' && messageIds === undefined)
      for (const message of await findByGroups(context, span, limit)) found.set(message.queueId, message);
    const ids = [...found.keys()].toSorted().toReversed().slice(0, limit);
    return { accountId, ids, keptSince: formatUtcDate(since) };
  },
});

export const messageTraceRecall = defineMethod({
  name: 'MessageTrace/recall',
  access: 'own',
  capability: CAPABILITIES.trace,
  arguments: MessageTraceRecall,
  async run(context, { accountId, id, notifies, position }): Promise<MessageTraceRecallResponse> {
    const { services } = context;
    const message = await requireRecallable(context, id);
    const { unreadOnly } = services.messages.recall;
    const slice = await recallMessage(services, message, { unreadOnly, notifies, position });
    return { accountId, ...slice };
  },
});

async function requireRecallable(context: MethodContext, id: string): Promise<TracedMessage> {
  const visible = await findVisible(context, id, []);
  if (visible === undefined) throw new MethodError('invalidArguments', '/id: no message of yours');
  const { message } = visible.trace;
  const { messages, clock } = context.services;
  if (recallableUntil(messages.recall, message, clock.now()) === null)
    throw new MethodError('forbidden', 'it cannot be recalled (any more), by the rules of this site');
  return message;
}
