/** What the trace needs from a storage backend. */
import type { QueueId } from '#base/ids.ts';
import type { Trace, TraceEvent, TracedMessage } from '#trace/types.ts';

/** What to look for; all that is given must hold. At least one of the first three has to be. */
export interface TraceQuery {
  readonly messageId?: string;
  /** Lower case. */
  readonly sender?: string;
  /** Lower case. */
  readonly recipient?: string;
  /** From this instant on, up to and without that one. */
  readonly from?: number;
  readonly to?: number;
}

export interface TraceReader {
  trace(queueId: QueueId): Promise<Trace | undefined>;
  /** The newest first, each without its later events. One index is walked, never the table. */
  find(query: TraceQuery, limit: number): Promise<readonly TracedMessage[]>;
  /**
   * Those of `senders` from whom mail was delivered here to one of `recipients`; both in lower case. Only the latest of
   * what each has sent is looked at, a thousand messages.
   */
  whoWrote(senders: readonly string[], recipients: readonly string[]): Promise<readonly string[]>;
}

export interface TraceTransaction {
  readonly nowMs: number;
  insertTrace(message: TracedMessage, events: readonly TraceEvent[]): Promise<void>;
  /** Those of a message that is not traced (any more) are never seen. */
  insertEvents(events: readonly { readonly queueId: QueueId; readonly event: TraceEvent }[]): Promise<void>;
  /** Forgets the oldest from before `before`, at most `limit`; answers how many. */
  forget(before: number, limit: number): Promise<number>;
}

export interface TraceStore {
  readonly reader: TraceReader;
  /** Runs a trace operation (names and arguments: #trace/operations.ts) atomically. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface TraceOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: TraceTransaction, args: never): Promise<unknown>;
}
