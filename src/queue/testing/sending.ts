/** A queue in memory and senders over it, for tests: mail leaves to scripted servers, time stands still until told. */
import { setImmediate } from 'node:timers/promises';

import { FakeClock } from '#base/clock.ts';
import type { QueueId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import type { Logger } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { FakeResolver } from '#dns/testing/zone.ts';
import type { Zone } from '#dns/testing/zone.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import type { PreparedMessage } from '#mail/types.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import type { RecordArgs } from '#trace/operations.ts';
import { TraceRecorder } from '#trace/recorder.ts';
import type { TraceEvent } from '#trace/types.ts';
import type { TlsObservation } from '#trust/tls-report.ts';

import type { OutwardSettings } from '#queue/connect-out.ts';
import { HostTroubles } from '#queue/host-troubles.ts';
import { OPPORTUNISTIC } from '#queue/plan-tls.ts';
import type { QueueOperations } from '#queue/operations.ts';
import { Queue } from '#queue/queue.ts';
import type { NewQueuedMessage } from '#queue/queue.ts';
import { LastSessions } from '#queue/last-sessions.ts';
import { Reporter } from '#queue/reporter.ts';
import type { Post } from '#queue/reporter.ts';
import { Sender } from '#queue/sender.ts';
import type { SenderLimits, SenderParts } from '#queue/sender.ts';
import type { QueuedDelivery, QueuedEnvelope } from '#queue/types.ts';

const ENVELOPE: QueuedEnvelope = {
  reversePath: 'li@example.edu',
  body: '7BIT',
  smtpUtf8: false,
  requireTls: false,
  accountId: null,
  priority: 0,
};

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export interface SendingOptions {
  /** Domain, or `*`, to the port of its server on 127.0.0.1. */
  readonly servers?: Readonly<Record<string, number>>;
  readonly zone?: Zone;
  /** In place of what is usual here. */
  readonly outward?: Partial<OutwardSettings>;
  readonly limits?: Partial<SenderLimits>;
  readonly deliverLocally?: SenderParts['deliverLocally'];
}

export interface Sending extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly queue: Queue;
  readonly outward: OutwardSettings;
  /** What was posted: `to: octets`. */
  readonly posted: string[];
  /** What was logged as an error. */
  readonly errors: string[];
  readonly sessions: LastSessions;
  /** TLS sessions, for reports. */
  readonly observed: TlsObservation[];
  /** What happened to a message, as it was recorded. */
  traceOf(queueId: QueueId): readonly TraceEvent[];
  /** As `sender` would be in another process. */
  makeSender(): Sender;
  /** Made and started. */
  start(): Promise<Sender>;
  /** `more.recipients` stand for `to` where they are given. */
  add(to: readonly string[], patch?: Partial<QueuedEnvelope>, more?: Partial<NewQueuedMessage>): Promise<QueueId>;
  prepare(octets: Buffer): PreparedMessage;
  rows(): Promise<readonly QueuedDelivery[]>;
  /** Waits until so many deliveries are queued, and none is due or under way. */
  settled(deliveries: number): Promise<void>;
  /** Blobs that nothing refers to any more, dropped. */
  dropBlobs(): Promise<number>;
  /** Moves time forward and lets what falls due begin. */
  pass(ms: number): Promise<void>;
  /** Until it is cleared, operations of this name fail as if the store were away. */
  failing: keyof QueueOperations | undefined;
  /** The next operation of that name is done, and nobody hears of it. */
  losesAnswer: keyof QueueOperations | undefined;
  /** When set, what attempts come to is stored only after it. */
  gate: Promise<void> | undefined;
  /** Until it is cleared, reports to this address cannot be posted. */
  failsToPostTo: string | undefined;
  /** Until it is cleared, no message can be read. */
  isUnreadable: boolean;
  /** What was traced. */
  readonly traced: readonly TraceEvent[];
}

export async function openSending(options: SendingOptions = {}): Promise<Sending> {
  const {
    servers = {},
    zone = {},
    limits = {},
    deliverLocally = () => Promise.reject(new Error('nobody is here')),
  } = options;
  const clock = new FakeClock();
  const store = await openMemoryStore({ clock });
  const senders: Sender[] = [];
  const happened: RecordArgs['events'][number][] = [];
  const traced: TraceEvent[] = [];
  const record = (name: string, args: unknown): Promise<unknown> => {
    const { events } = args as RecordArgs;
    happened.push(...events);
    traced.push(...events.map(({ event }) => event));
    return store.trace.run(name, args);
  };
  const posted: string[] = [];
  const errors: string[] = [];
  const observed: TlsObservation[] = [];
  const log: Logger = { ...silentLog, error: (_, message) => void errors.push(message) };
  const run = async (name: string, args: unknown): Promise<unknown> => {
    if (name === sending.failing) throw new Error('the store is away');
    if (name === 'conclude') await sending.gate;
    const value = await store.queue.run(name, args);
    if (name !== sending.losesAnswer) return value;
    sending.losesAnswer = undefined;
    throw new Error('the store did not answer');
  };
  const queue = new Queue({
    clock,
    store: {
      reader: store.queue.reader,
      run,
      runWith: (...args) => store.queue.runWith(...args),
      watch: (listener) => store.queue.watch(listener),
    },
  });
  const readStored = queue.readOctets.bind(queue);
  queue.readOctets = (queueId) => (sending.isUnreadable ? Promise.reject(new Error('damaged')) : readStored(queueId));
  const post: Post = async (octets, to) => {
    if (to === sending.failsToPostTo) throw new Error('no place for reports');
    posted.push(`${to}: ${octets.toString()}`);
  };
  const readOctets = (queueId: QueueId): Promise<Buffer> => queue.readOctets(queueId);
  const hostname = 'mail.example.edu';
  const reporter = new Reporter({ hostname, post, readOctets, addressOf: async () => 'forwarder@example.edu' });
  const outward: OutwardSettings = {
    clock,
    random: systemRandom,
    hostname,
    resolver: new FakeResolver(zone),
    port: 25,
    allowsPrivate: true,
    prefersIPv6: false,
    routes: Object.entries(servers).map(([domain, port]) => ({
      domains: [domain],
      relays: [
        {
          host: '127.0.0.1',
          port,
        },
      ],
      security: 'opportunistic',
    })),
    planTls: async () => OPPORTUNISTIC,
    troubles: new HostTroubles(clock),
    observeTls: (observation) => void observed.push(observation),
    ownAddresses: () => new Set(),
    ...options.outward,
  };
  const sessions = new LastSessions();
  const sending: Sending = {
    sessions,
    clock,
    queue,
    outward,
    posted,
    errors,
    observed,
    traceOf: (queueId) => happened.flatMap((one) => (one.queueId === queueId ? [one.event] : [])),
    failing: undefined,
    losesAnswer: undefined,
    gate: undefined,
    failsToPostTo: undefined,
    isUnreadable: false,
    traced,
    makeSender() {
      const trace = new TraceRecorder({ reader: store.trace.reader, run: record }, silentLog);
      const sender = new Sender({
        queue,
        outward,
        reporter,
        trace,
        deliverLocally,
        clock,
        random: systemRandom,
        log,
        metrics: noMetrics,
        sessions,
        isAlone: false,
        limits,
      });
      senders.push(sender);
      return sender;
    },
    async start() {
      const sender = sending.makeSender();
      await sender.start();
      return sender;
    },
    async add(to, patch = {}, more = {}) {
      const queueId = newQueueId(clock.now(), systemRandom);
      const message = sending.prepare(Buffer.from(`Subject: ${queueId}\r\n\r\nbody\r\n`));
      const recipients = to.map((address) => ({ address }));
      await queue.enqueue({
        queueId,
        message,
        envelope: {
          ...ENVELOPE,
          ...patch,
        },
        recipients,
        ...more,
      });
      return queueId;
    },
    prepare: (octets) => prepareMessage(octets, (blob) => store.mail.prepareBlob(blob)),
    rows: () => queue.list({}, { limit: 1e3 }),
    async settled(deliveries) {
      await until(async () => {
        const rows = await sending.rows();
        return rows.length === deliveries && rows.every(({ owner, dueAt }) => owner === null && dueAt > clock.now());
      });
    },
    dropBlobs: async () => (await store.maintenance.collectGarbage()).droppedBlobs,
    async pass(ms) {
      clock.advance(ms);
      await turns();
    },
    async [Symbol.asyncDispose]() {
      sending.failing = undefined;
      const stopped = Promise.all(senders.map((sender) => sender.stop(0)));
      clock.advance(1);
      await stopped;
      await store.close();
    },
  };
  return sending;
}

/** Waits for what others bring about; the test's own time limit ends it. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setImmediate();
}

/** Gives what should not happen the time to happen. */
export async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await setImmediate();
}
