/** The index thread as the main thread sees it: kept running, asked for steps, its backlog counted. */
import { Worker } from 'node:worker_threads';
import { systemClock } from '#base/clock.ts';
import { MailError, errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Config } from './config.ts';
import type { Indexing } from './indexing.ts';
import type { StoreTicket } from './storage.ts';
import type { FromIndexThread, IndexThreadData, ToIndexThread } from './thread-messages.ts';

/** A thread that failed is started again after this. */
const RESTART_PAUSE_MS = 10_000;
/** On a busy machine its low priority may keep it from ending for longer than anybody should wait. */
const CLOSE_MS = 1_000;

export interface IndexWorkerOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly openTicket: () => StoreTicket;
}

export class IndexWorker implements Indexing {
  readonly #options: IndexWorkerOptions;
  readonly #steps = new Map<number, { resolve: (waiting: number) => void; reject: (error: Error) => void }>();
  #worker: Worker | undefined;
  #nextStep = 1;
  #waiting = 0;
  #isClosing = false;

  constructor(options: IndexWorkerOptions) {
    this.#options = options;
    this.#start();
  }

  step(): Promise<number> {
    return new Promise((resolve, reject) => {
      const worker = this.#worker;
      if (worker === undefined) return reject(new MailError('unavailable', 'The index thread is not running'));
      const id = this.#nextStep++;
      this.#steps.set(id, { resolve, reject });
      worker.postMessage({ kind: 'step', id } satisfies ToIndexThread);
    });
  }

  /** Ends after the slice under way, or in the midst of it: what is not committed is indexed after the next start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const isGone = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
    worker.postMessage({ kind: 'close' } satisfies ToIndexThread);
    const cancel = systemClock.after(CLOSE_MS, () => void worker.terminate());
    await isGone;
    cancel();
  }

  #start(): void {
    const { config, log, metrics, openTicket } = this.#options;
    const ticket = openTicket();
    const data: IndexThreadData = { config, store: ticket };
    const worker = new Worker(new URL('./index-thread.ts', import.meta.url), {
      workerData: data,
      name: 'index',
      transferList: ticket.kind === 'sqlite' ? [ticket.port] : [],
    });
    this.#worker = worker;
    worker.on('message', (message: FromIndexThread) => {
      if (message.kind === 'waiting') {
        metrics.gauge('campusmail_search_waiting_messages', message.waiting - this.#waiting);
        this.#waiting = message.waiting;
        return;
      }
      const step = this.#steps.get(message.id);
      this.#steps.delete(message.id);
      if (message.kind === 'stepped') step?.resolve(message.waiting);
      else step?.reject(new MailError('unavailable', message.message));
    });
    worker.on('error', (error) => log.error({ err: errorText(error) }, 'the index thread failed'));
    worker.on('exit', () => {
      this.#worker = undefined;
      for (const step of this.#steps.values()) step.reject(new MailError('unavailable', 'The index thread has ended'));
      this.#steps.clear();
      if (!this.#isClosing) systemClock.after(RESTART_PAUSE_MS, () => this.#isClosing || this.#start());
    });
  }
}
