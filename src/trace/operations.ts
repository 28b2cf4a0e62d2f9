/** Every change that can be made to the trace, by name: the one list that backends run from. */
import type { QueueId } from '#base/ids.ts';
import type { TraceOperation, TraceTransaction } from './ports/trace-store.ts';
import type { TraceEvent, TracedMessage } from './types.ts';

export interface RecordArgs {
  readonly traces: readonly { readonly message: TracedMessage; readonly events: readonly TraceEvent[] }[];
  readonly events: readonly { readonly queueId: QueueId; readonly event: TraceEvent }[];
}

const operations = {
  // A trace is written beside the commit that it tells of, and shares its sync; alone it can wait for the next.
  record: {
    durable: false,
    async run(tx: TraceTransaction, { traces, events }: RecordArgs): Promise<void> {
      for (const { message, events } of traces) await tx.insertTrace(message, events);
      if (events.length > 0) await tx.insertEvents(events);
    },
  },
  forget: {
    durable: false,
    run: (tx: TraceTransaction, args: { readonly before: number; readonly limit: number }): Promise<number> =>
      tx.forget(args.before, args.limit),
  },
} satisfies Record<string, TraceOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type TraceOperations = typeof operations;

export const traceOperations: Readonly<Record<string, TraceOperation>> = operations;
