/** TraceStore in memory: the readable model. */
import type { QueueId } from '#base/ids.ts';
import { timePrefix } from '#base/queue-id.ts';
import type { TraceQuery, TraceReader, TraceStore, TraceTransaction } from '#trace/ports/trace-store.ts';
import type { Trace, TraceEvent, TracedMessage } from '#trace/types.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

type TraceData = Map<QueueId, Trace>;

export class MemoryTraceStore implements TraceStore {
  readonly reader: TraceReader;
  readonly #section: MemorySection<TraceData>;

  constructor(options: Pick<MemorySectionOptions<TraceData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<TraceData>({
      ...options,
      section: 'trace',
      empty: new Map(),
      copy: (data) => new Map(data),
      open: (data, nowMs) => new MemoryTraceTransaction(data, nowMs),
    });
    this.reader = {
      trace: async (queueId) => structuredClone(this.#section.data.get(queueId)),
      find: async (query, limit) =>
        newestFirst(this.#section.data)
          .filter((message) => isMatch(message, query))
          .slice(0, limit),
      whoWrote: async (senders, recipients) => {
        const traces = [...this.#section.data.values()];
        return senders.filter((sender) =>
          traces.some(
            ({ message, events }) =>
              message.direction === 'in' &&
              recipients.some((recipient) => isMatch(message, { sender, recipient })) &&
              events.some(({ kind }) => kind === 'delivered'),
          ),
        );
      },
    };
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemoryTraceTransaction implements TraceTransaction {
  readonly nowMs: number;
  readonly #data: TraceData;

  constructor(data: TraceData, nowMs: number) {
    this.#data = data;
    this.nowMs = nowMs;
  }

  async insertTrace(message: TracedMessage, events: readonly TraceEvent[]): Promise<void> {
    this.#data.set(message.queueId, structuredClone({ message, events }));
  }

  async insertEvents(events: readonly { readonly queueId: QueueId; readonly event: TraceEvent }[]): Promise<void> {
    for (const { queueId, event } of events) {
      const trace = this.#data.get(queueId);
      if (trace !== undefined) this.#data.set(queueId, { ...trace, events: [...trace.events, event] });
    }
  }

  async forget(before: number, limit: number): Promise<number> {
    const old = [...this.#data.keys()].filter((queueId) => queueId < timePrefix(before)).toSorted();
    for (const queueId of old.slice(0, limit)) this.#data.delete(queueId);
    return Math.min(old.length, limit);
  }
}

function newestFirst(data: TraceData): TracedMessage[] {
  return Array.from(data.values(), ({ message }) => message).toSorted((a, b) => (a.queueId > b.queueId ? -1 : 1));
}

function isMatch(message: TracedMessage, query: TraceQuery): boolean {
  const { messageId, sender, recipient, from, to } = query;
  if (messageId === undefined && sender === undefined && recipient === undefined) return false;
  return (
    (messageId === undefined || message.messageId === messageId) &&
    (sender === undefined || message.sender.toLowerCase() === sender) &&
    (recipient === undefined || message.recipients.some((address) => address.toLowerCase() === recipient)) &&
    (from === undefined || message.queueId >= timePrefix(from)) &&
    (to === undefined || message.queueId < timePrefix(to))
  );
}
