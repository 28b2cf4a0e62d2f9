/**
 * A thread's line to the writer: gathers the requests of one turn into one message, matches answers to them, and
 * passes on notices of change.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '#base/clock.ts';
import type { AccountId, ModSeq } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type { OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import type { RanWith } from '#queue/ports/queue-store.ts';
import { findMessages } from '#store/messages-in-args.ts';
import type { SectionKey, SectionName } from '#store/operations.ts';
import { failure, valueOf } from '#store/outcomes.ts';
import { SectionWatchers, Watchers } from '#store/watchers.ts';
import type { ClientMessage, WireRequest, WriterMessage } from './messages.ts';
import { MessagePacker } from './packed-message.ts';

/** One `run`: its outcomes arrive group by group. */
interface Pending {
  readonly outcomes: OperationOutcome[];
  readonly settled: Promise<readonly OperationOutcome[]>;
  readonly resolve: (outcomes: readonly OperationOutcome[]) => void;
  readonly reject: (error: Error) => void;
  left: number;
}

const NOBODY = 0 as AccountId;

export class WriterLink {
  readonly #port: MessagePort;
  readonly #clock: Clock;
  readonly #packer = new MessagePacker();
  readonly #watchers = new Watchers();
  readonly #sections = new SectionWatchers();
  /** By request id: which run it belongs to and its place there. */
  readonly #pending = new Map<number, { readonly run: Pending; readonly index: number }>();
  #nextId = 1;
  #outbox: WireRequest[] = [];
  #watch: AccountId[] = [];
  #unwatch: AccountId[] = [];
  #watchSections: SectionName[] = [];
  #scheduled = false;
  #closed = false;

  constructor(port: MessagePort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    port.on('message', (message: WriterMessage) => this.#receive(message));
    port.on('close', () => this.#fail('The mail store has stopped'));
    port.unref();
  }

  runMail(requests: readonly OperationRequest[]): Promise<readonly OperationOutcome[]> {
    return this.#run('mail', requests);
  }

  /** The operation's value, or its MailError thrown. */
  async runSection(section: SectionName, name: string, args: unknown): Promise<unknown> {
    const [outcome] = await this.#run(section, [{ accountId: NOBODY, name, args }]);
    if (outcome === undefined) throw new Error('the writer did not answer');
    return valueOf(outcome);
  }

  /** The same, and then changes of mail in the same group. */
  async runSectionWith(
    section: SectionName,
    name: string,
    args: unknown,
    changes: readonly OperationRequest[],
  ): Promise<RanWith> {
    const [outcome] = await this.#run(section, [{ accountId: NOBODY, name, args }], changes);
    if (outcome === undefined) throw new Error('the writer did not answer');
    return valueOf(outcome) as RanWith;
  }

  watchAccount(accountId: AccountId, listener: (modSeq: ModSeq) => void): () => void {
    return this.#watchers.add(accountId, listener, {
      first: () => {
        this.#watch.push(accountId);
        this.#schedule();
      },
      last: () => {
        this.#unwatch.push(accountId);
        this.#schedule();
      },
    });
  }

  watchSection(section: SectionName, listener: (key: SectionKey) => void): () => void {
    if (!this.#sections.has(section)) {
      this.#watchSections.push(section);
      this.#schedule();
    }
    return this.#sections.add(section, listener);
  }

  /** Waits for what is under way, then hangs up. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await Promise.allSettled([...this.#pending.values()].map(({ run }) => run.settled));
    this.#closed = true;
    this.#port.close();
  }

  /** `changes`: of mail, beside each request. */
  #run(
    target: WireRequest[1],
    requests: readonly OperationRequest[],
    changes: readonly OperationRequest[] = [],
  ): Promise<readonly OperationOutcome[]> {
    if (requests.length === 0) return Promise.resolve([]);
    if (this.#closed) return Promise.reject(new MailError('unavailable', 'The mail store has stopped'));
    const { promise: settled, resolve, reject } = Promise.withResolvers<readonly OperationOutcome[]>();
    const run: Pending = { outcomes: [], settled, resolve, reject, left: requests.length };
    /** Hashes, and arguments: those of an announcement are the same object for each of thousands of accounts. */
    const counted = new Set<unknown>();
    if (this.#pending.size === 0) this.#port.ref();
    for (const [index, { accountId, name, args }] of requests.entries()) {
      const id = this.#nextId++;
      let sizeBytes = 0;
      for (const brought of new Set([args, ...changes.map((change) => change.args)])) {
        for (const { blob } of counted.has(brought) ? [] : findMessages(brought)) {
          if (counted.has(blob.hash)) continue;
          counted.add(blob.hash);
          sizeBytes += blob.encoded.length;
        }
        counted.add(brought);
      }
      this.#pending.set(id, { run, index });
      const request = [id, target, accountId, name, this.#packer.pack(args), sizeBytes] as const;
      if (changes.length === 0) this.#outbox.push(request);
      else this.#outbox.push([...request, changes.map((one) => ({ ...one, args: this.#packer.pack(one.args) }))]);
    }
    this.#schedule();
    return settled;
  }

  /** At the end of this turn of the event loop: everything asked for in it goes out together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#scheduled = false;
    if (this.#closed) return;
    const requests = this.#outbox;
    const message = {
      nowMs: this.#clock.now(),
      requests,
      watch: this.#watch,
      unwatch: this.#unwatch,
      watchSections: this.#watchSections,
    } satisfies ClientMessage;
    this.#outbox = [];
    this.#watch = [];
    this.#unwatch = [];
    this.#watchSections = [];
    try {
      this.#port.postMessage(message);
    } catch {
      this.#sendSingly(message);
    }
  }

  /** Something in the batch cannot cross threads: finds it, so that the rest still goes. */
  #sendSingly(message: ClientMessage): void {
    this.#port.postMessage({ ...message, requests: [] } satisfies ClientMessage);
    for (const request of message.requests) {
      try {
        this.#port.postMessage({ nowMs: message.nowMs, requests: [request], watch: [], unwatch: [] });
      } catch (error) {
        this.#answer(request[0], failure(error));
      }
    }
  }

  #receive(message: WriterMessage): void {
    for (const [index, id] of message.ids.entries()) {
      const outcome = message.outcomes[index];
      if (outcome !== undefined) this.#answer(id, outcome);
    }
    for (let at = 0; at < message.changed.length; at += 2)
      this.#watchers.notify(message.changed[at] as AccountId, message.changed[at + 1] as ModSeq);
    for (let at = 0; at < message.touched.length; at += 2)
      this.#sections.notify(message.touched[at] as SectionName, message.touched[at + 1] as SectionKey);
  }

  #answer(id: number, outcome: OperationOutcome): void {
    const entry = this.#pending.get(id);
    if (entry === undefined) return;
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#port.unref();
    const { run, index } = entry;
    run.outcomes[index] = outcome;
    if (--run.left === 0) run.resolve(run.outcomes);
  }

  #fail(message: string): void {
    this.#closed = true;
    const runs = new Set([...this.#pending.values()].map(({ run }) => run));
    this.#pending.clear();
    for (const run of runs) run.reject(new MailError('unavailable', message));
  }
}
