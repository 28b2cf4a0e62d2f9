/** Two processes over one PostgreSQL store send from one queue: every message leaves once, and no process is missed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { FakeClock, systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { FakeResolver } from '#dns/testing/zone.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import { HostTroubles } from '#queue/host-troubles.ts';
import { LastSessions } from '#queue/last-sessions.ts';
import { OPPORTUNISTIC } from '#queue/plan-tls.ts';
import { Queue } from '#queue/queue.ts';
import { Reporter } from '#queue/reporter.ts';
import { Sender, SENDER_LIMITS, type SenderLimits } from '#queue/sender.ts';
import { FakeReceiver } from '#smtp/testing/fake-receiver.ts';
import { createSmtpServer } from '#smtp/server.ts';
import { openPostgresStore } from '#store/open-postgres.ts';
import { storeOperationsUrl } from '#test/contract/store-operations.ts';
import { eventually } from '#test/harness/campus.ts';
import { createTestDatabase } from '#test/harness/postgres.ts';
import { TraceRecorder } from '#trace/recorder.ts';

const DESTINATIONS = ['x.example', 'y.example', 'z.example'];
const MESSAGES = 60;

interface Process {
  readonly queue: Queue;
  readonly sender: Sender;
  /** As if it had been killed: its connections end, and it reaches the store no more. */
  kill(): Promise<void>;
}

async function openElsewhere(t: TestContext) {
  const receiver = new FakeReceiver();
  const parts = { hostname: 'mx.elsewhere.example', log: silentLog, clock: systemClock, random: systemRandom };
  const server = createSmtpServer({ protocol: 'smtp', receiver, ...parts });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close({ drainMs: 0 }));
  const subjects = (): string[] =>
    receiver.messages.map(({ message }) => /^Subject: (.*)\r$/m.exec(message.toString('latin1'))?.[1] ?? '');
  return { port, receiver, subjects };
}

/** What two processes share: the database, the folder of blobs, and the time. */
async function openShared(t: TestContext, port: number) {
  const database = await createTestDatabase();
  t.after(database.drop);
  const dataDir = mkdtempSync(join(tmpdir(), 'campusmail-senders-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const clock = new FakeClock(systemClock.now());
  const stop = async (...senders: readonly Sender[]): Promise<void> => {
    const stopped = Promise.all(senders.map((sender) => sender.stop(1)));
    clock.advance(1);
    await stopped;
  };
  const openProcess = async (
    limits: Partial<SenderLimits> = {},
  ): Promise<Process & { add(subject: string): Promise<void> }> => {
    // How long the database may take does not go by a time that the test moves.
    const storeClock = { now: () => clock.now(), monotonic: systemClock.monotonic, after: systemClock.after };
    const store = await openPostgresStore({
      url: database.url,
      dataDir,
      operationsUrl: storeOperationsUrl,
      clock: storeClock,
    });
    t.after(() => store.close());
    let isKilled = false;
    const asked: Promise<unknown>[] = [];
    const queue = new Queue({
      clock,
      store: {
        reader: store.queue.reader,
        run(name, args) {
          if (isKilled) return Promise.reject(new Error('this process is no more'));
          const running = store.queue.run(name, args);
          asked.push(running);
          return running;
        },
        runWith: () => assert.fail('nobody is here'),
        watch: (listener) => store.queue.watch((destination) => isKilled || listener(destination)),
      },
    });
    const sender = new Sender({
      queue,
      outward: {
        clock,
        random: systemRandom,
        hostname: 'mail.example.edu',
        resolver: new FakeResolver({}),
        port: 25,
        allowsPrivate: true,
        prefersIPv6: false,
        routes: [{ domains: ['*'], relays: [{ host: '127.0.0.1', port }], security: 'opportunistic' }],
        planTls: async () => OPPORTUNISTIC,
        troubles: new HostTroubles(clock),
        observeTls: () => undefined,
        ownAddresses: () => new Set(),
      },
      reporter: new Reporter({
        hostname: 'mail.example.edu',
        post: () => assert.fail('nothing is to be reported'),
        readOctets: (queueId) => queue.readOctets(queueId),
        addressOf: async () => undefined,
      }),
      trace: new TraceRecorder(store.trace, silentLog),
      deliverLocally: () => assert.fail('nobody is here'),
      clock,
      random: systemRandom,
      log: silentLog,
      metrics: noMetrics,
      sessions: new LastSessions(),
      isAlone: false,
      limits,
    });
    return {
      queue,
      sender,
      /** Resolves when what it had asked of the store is done, or not. */
      async kill() {
        isKilled = true;
        // A far side lets in only so many connections from one address: the dead must not keep theirs.
        await assert.rejects(stop(sender), /this process is no more/);
        await Promise.allSettled(asked);
      },
      async add(subject) {
        await queue.enqueue({
          queueId: newQueueId(clock.now(), systemRandom),
          message: prepareMessage(Buffer.from(`Subject: ${subject}\r\n\r\n你好\r\n`), (octets) =>
            store.mail.prepareBlob(octets),
          ),
          envelope: {
            reversePath: 'li@example.edu',
            body: '8BITMIME',
            smtpUtf8: false,
            requireTls: false,
            accountId: null,
            priority: 0,
          },
          recipients: DESTINATIONS.map((domain) => ({ address: `friend@${domain}` })),
        });
      },
    };
  };
  return { clock, openProcess, stop };
}

test('two senders over one queue: every delivery leaves once', { timeout: 120_000 }, async (t) => {
  const elsewhere = await openElsewhere(t);
  const { openProcess, stop } = await openShared(t, elsewhere.port);
  const [one, two] = await Promise.all([openProcess(), openProcess()]);
  const subjects = Array.from({ length: MESSAGES }, (_, index) => `letter ${index}`);
  const half = MESSAGES / 2;
  await Promise.all(subjects.slice(0, half).map((subject) => one.add(subject)));
  await Promise.all([one.sender.start(), two.sender.start()]);
  await Promise.all(subjects.slice(half).map((subject, index) => (index % 2 === 0 ? one : two).add(subject)));
  await eventually('an empty queue', async () => (await one.queue.totals()).messages === 0);
  assert.deepEqual(
    elsewhere.subjects().toSorted(),
    subjects.flatMap((subject) => DESTINATIONS.map(() => subject)).toSorted(),
  );
  await stop(one.sender, two.sender);
});

test('what a killed sender had under way the other sends once its time is over', { timeout: 120_000 }, async (t) => {
  const gate = Promise.withResolvers<void>();
  // Whatever happens, so that the far side can end.
  t.after(() => gate.resolve());
  const elsewhere = await openElsewhere(t);
  const { clock, openProcess, stop } = await openShared(t, elsewhere.port);
  const [doomed, other] = await Promise.all([openProcess({ leasedAtOnce: 2 }), openProcess()]);
  const subjects = Array.from({ length: MESSAGES }, (_, index) => `letter ${index}`);
  await Promise.all(subjects.map((subject) => doomed.add(subject)));
  elsewhere.receiver.gate = gate.promise;
  await doomed.sender.start();
  await eventually('messages under way', () => elsewhere.receiver.events.some((event) => event.startsWith('data')));
  await doomed.kill();
  elsewhere.receiver.gate = undefined;
  const { underWay } = await other.queue.totals();
  assert.ok(underWay > 0 && underWay < MESSAGES * DESTINATIONS.length, String(underWay));
  await other.sender.start();
  await eventually('all but those', async () => (await other.queue.totals()).deliveries === underWay);
  clock.advance(SENDER_LIMITS.aliveMs / 2);
  assert.equal((await other.queue.totals()).underWay, underWay);
  await eventually('an empty queue', async () => {
    // In small steps, so that the living one can say that it lives, and no server seems slow.
    clock.advance(1000);
    return (await other.queue.totals()).deliveries === 0;
  });
  assert.deepEqual(
    elsewhere.subjects().toSorted(),
    subjects.flatMap((subject) => DESTINATIONS.map(() => subject)).toSorted(),
  );
  await stop(other.sender);
});
