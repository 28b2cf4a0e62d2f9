/**
 * Writes the trace as things happen. What happens in one turn is written together; a trace that cannot be written is
 * logged and given up: mail does not wait for it.
 */
import type { QueueId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { RecordArgs } from './operations.ts';
import type { TraceStore } from './ports/trace-store.ts';
import type { TraceEvent, TracedMessage } from './types.ts';

/** Events that wait to be written; beyond, the store is in trouble and they are dropped. */
const MAX_WAITING = 10_000;

export class TraceRecorder {
  readonly #store: TraceStore;
  readonly #log: Logger;
  #traces: RecordArgs['traces'][number][] = [];
  #events: RecordArgs['events'][number][] = [];
  #writing: Promise<void> | undefined;

  constructor(store: TraceStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** A message was taken, and what became of it at once. */
  message(message: TracedMessage, events: readonly TraceEvent[]): void {
    if (this.#traces.length < MAX_WAITING) this.#traces.push({ message, events });
    this.#writing ??= this.#write();
  }

  event(queueId: QueueId, event: TraceEvent): void {
    if (this.#events.length < MAX_WAITING) this.#events.push({ queueId, event });
    this.#writing ??= this.#write();
  }

  /** Resolves when all is written that was recorded so far. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // At the end of this microtask run: a delivery's append and its trace are then asked for in the same turn.
    await Promise.resolve();
    while (this.#traces.length + this.#events.length > 0) {
      const args: RecordArgs = { traces: this.#traces, events: this.#events };
      this.#traces = [];
      this.#events = [];
      try {
        await this.#store.run('record', args);
      } catch (error) {
        this.#log.error({ err: error, traces: args.traces.length, events: args.events.length }, 'a trace was lost');
      }
    }
    this.#writing = undefined;
  }
}
