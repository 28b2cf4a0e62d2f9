/** The protocol threads as the main thread sees them: starts them, has them listen, asks for their metrics, ends them. */
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { systemClock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { CommandFailure, EXIT } from './command.ts';
import { ConfigError, type CertificateFiles, type Config } from './config.ts';
import { GuessWindow, type Guesses } from './guesses.ts';
import { describePlan, listenTrouble } from './listen-trouble.ts';
import type { MetricsSnapshot } from './metrics.ts';
import type { StoreTicket } from './storage.ts';
import type { Answers, FromThread, ListenerPlan, ProtocolThreadData, ToThread } from './thread-messages.ts';

/** A thread that fails again within this time is not started a third time: something is wrong with the house. */
const RESTART_PAUSE_MS = 10_000;

/** What threads need once they listen. */
export interface ThreadSupplies {
  readonly certificates: readonly CertificateFiles[];
  /** A new connection to the store for each thread. */
  readonly openTicket: () => StoreTicket;
  readonly guesses: Guesses;
  readonly answers: { readonly [Name in keyof Answers]: () => Promise<Answers[Name]> };
}

interface ProtocolThread {
  readonly worker: Worker;
  readonly startedAt: number;
  readonly pending: Map<number, (snapshot: MetricsSnapshot) => void>;
  /** From when it listens. */
  window?: GuessWindow;
}

export interface ProtocolThreadsOptions {
  readonly config: Config;
  readonly count: number;
  readonly log: Logger;
  /** Called when the threads cannot be kept alive. */
  readonly onBroken: () => void;
}

export class ProtocolThreads {
  readonly #options: ProtocolThreadsOptions;
  readonly #threads = new Map<number, ProtocolThread>();
  #supplies: ThreadSupplies | undefined;
  #plans: readonly ListenerPlan[] = [];
  #nextQuestion = 1;
  #isClosing = false;

  /** Starts the threads; they load their code while the caller opens the store. */
  constructor(options: ProtocolThreadsOptions) {
    this.#options = options;
    for (let index = 0; index < options.count; index++) this.#startThread(index);
  }

  /** Has the threads listen; resolves to what is listened on, with real ports. Throws CommandFailure when a port is taken. */
  async listen(plans: readonly ListenerPlan[], supplies: ThreadSupplies): Promise<readonly ListenerPlan[]> {
    this.#supplies = supplies;
    for (const plan of plans) await requireFreePort(plan);
    // The first thread settles ports given as 0; the others then share them.
    const [first, ...others] = this.#threads.keys();
    this.#plans = await this.#listenOn(first as number, plans);
    await Promise.all(others.map((index) => this.#listenOn(index, this.#plans)));
    return this.#plans;
  }

  #startThread(index: number): void {
    const { config, log } = this.#options;
    const data: ProtocolThreadData = { name: `protocol-${index}`, config };
    const worker = new Worker(new URL('./protocol-thread.ts', import.meta.url), { workerData: data, name: data.name });
    const thread: ProtocolThread = { worker, startedAt: systemClock.monotonic(), pending: new Map() };
    this.#threads.set(index, thread);
    worker.on('error', (error) => {
      log.error(
        { failed: data.name, err: error instanceof Error ? error.stack : errorText(error) },
        'a protocol thread failed',
      );
    });
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'question')
        return void this.#answer(worker, message.id, message.name, this.#supplies?.answers[message.name]());
      if (message.kind === 'guess')
        return void this.#answer(worker, message.id, 'guesses', thread.window?.answer(message.call));
      if (message.kind !== 'metrics') return;
      thread.pending.get(message.id)?.(message.snapshot);
      thread.pending.delete(message.id);
    });
    worker.on('exit', () => {
      for (const answer of thread.pending.values()) answer([]);
      void thread.window?.close();
      this.#threads.delete(index);
      if (!this.#isClosing) this.#restart(index, systemClock.monotonic() - thread.startedAt);
    });
  }

  #listenOn(index: number, plans: readonly ListenerPlan[]): Promise<readonly ListenerPlan[]> {
    const thread = this.#threads.get(index);
    const supplies = this.#supplies;
    if (thread === undefined || supplies === undefined) return Promise.reject(new Error('a protocol thread is gone'));
    const { worker } = thread;
    thread.window = new GuessWindow(supplies.guesses);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'listening') resolve(message.plans);
        else if (message.kind === 'refused') {
          reject(
            message.isConfig ? new ConfigError(message.message) : new CommandFailure(message.message, EXIT.unavailable),
          );
        }
      });
      worker.once('exit', () => reject(new Error('a protocol thread ended before it listened')));
      const store = supplies.openTicket();
      const { certificates, guesses } = supplies;
      const message: ToThread = { kind: 'listen', plans, certificates, store, guessKey: guesses.key };
      worker.postMessage(message, store.kind === 'sqlite' ? [store.port] : []);
    });
  }

  async #answer(worker: Worker, id: number, name: string, found: Promise<unknown> | undefined): Promise<void> {
    let value: unknown;
    try {
      // Undefined is no answer; that something was done is one.
      value = found && ((await found) ?? null);
    } catch (error) {
      this.#options.log.error({ err: errorText(error), name }, 'a protocol thread could not be answered');
    }
    worker.postMessage({ kind: 'answer', id, value } satisfies ToThread);
  }

  /** A thread that died took its connections along; clients come back to its successor. */
  #restart(index: number, livedMs: number): void {
    // Before everything listens, whoever is starting the server is told instead.
    if (this.#plans.length === 0) return;
    if (livedMs < RESTART_PAUSE_MS) return this.#options.onBroken();
    this.#startThread(index);
    this.#listenOn(index, this.#plans).catch((error: unknown) => {
      this.#options.log.error({ err: errorText(error) }, 'a protocol thread could not be started again');
      this.#options.onBroken();
    });
  }

  async metrics(): Promise<MetricsSnapshot[]> {
    return Promise.all(
      Array.from(this.#threads.values(), ({ worker, pending }) => {
        const id = this.#nextQuestion++;
        return new Promise<MetricsSnapshot>((resolve) => {
          pending.set(id, resolve);
          worker.postMessage({ kind: 'metrics', id } satisfies ToThread);
        });
      }),
    );
  }

  /** Has every thread look at its certificate again. */
  reload(): void {
    for (const { worker } of this.#threads.values()) worker.postMessage({ kind: 'reload' } satisfies ToThread);
  }

  /** Lets what is under way finish for at most `drainMs`. */
  async close(drainMs: number): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      Array.from(this.#threads.values(), async ({ worker }) => {
        const isGone = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
        worker.postMessage({ kind: 'close', drainMs } satisfies ToThread);
        const late = setTimeout(() => void worker.terminate(), drainMs + 1_000);
        await isGone;
        clearTimeout(late);
      }),
    );
  }
}

/**
 * Shared ports (SO_REUSEPORT) would let a second server of ours take half of the first one's connections without a
 * word, so the port is tried alone first.
 */
async function requireFreePort(plan: ListenerPlan): Promise<void> {
  if (plan.port === 0) return;
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host: plan.host, port: plan.port }, resolve);
    });
  } catch (error) {
    const reason = listenTrouble(error);
    throw new CommandFailure(`cannot listen on ${describePlan(plan)}: ${reason}`, EXIT.unavailable);
  }
  await new Promise<void>((resolve) => probe.close(() => resolve()));
}
