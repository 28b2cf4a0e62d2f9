/** The server as a whole: opens the store, starts the threads, answers commands, and their questions, ends in good order. */
import { availableParallelism } from 'node:os';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { collectGarbageAtRest } from '#base/rest.ts';
import { ensureCertificates } from './certificates.ts';
import type { RunInside } from './command.ts';
import { LISTENERS, type Config, type ListenerName } from './config.ts';
import { ControlServer } from './control.ts';
import { prepareDataDir } from './data-dir.ts';
import { IndexWorker } from './index-worker.ts';
import { formatMetrics, ThreadMetrics } from './metrics.ts';
import { createPost, startOutbound } from './outbound.ts';
import { startPushLater } from './push-later.ts';
import { ProtocolThreads } from './protocol-threads.ts';
import { keepDkimKeys } from './keep-dkim.ts';
import { keepOwnReports } from './keep-own-reports.ts';
import { keepBoxes } from './keep-boxes.ts';
import { keepIdles } from './keep-idles.ts';
import { keepSunsets } from './keep-sunsets.ts';
import { keepLives, pullRoster } from './open-roster.ts';
import { openReportReader } from './read-report.ts';
import { sendReports } from './send-reports.ts';
import { startHousekeeping } from './housekeeping.ts';
import { StoreHealth } from './store-health.ts';
import type { StatusFacts } from './status-page.ts';
import { composeSystem, type System } from './system.ts';
import { openStorage } from './storage.ts';
import type { ListenerPlan } from './thread-messages.ts';
import { VERSION } from './version.ts';

/** Listeners that the protocol threads share. */
const PROTOCOL_LISTENERS: readonly ListenerName[] = [
  'smtp',
  'lmtp',
  'submission',
  'submissions',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'http',
  'https',
];
const LATER_LISTENERS: readonly ListenerName[] = ['managesieve'];

/** How long sessions may finish what they are at when the server ends, milliseconds. */
const DRAIN_MS = 10_000;

export interface RunningServer {
  readonly system: System;
  readonly listeners: readonly ListenerPlan[];
  /** Resolves when the server has ended, whoever ended it; false: it could not go on. */
  readonly ended: Promise<boolean>;
  reload(): void;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Runs a command line that came by the control socket. */
  readonly runCommand: RunInside;
}

/** Resolves once every listener is open. Throws CommandFailure, ConfigError or MailError with a clear message. */
export async function startServer({ config, log, runCommand }: ServeOptions): Promise<RunningServer> {
  for (const name of LATER_LISTENERS) {
    if (config.listen[name].length > 0) log.warn({ listener: name }, 'this version does not offer this listener yet');
  }
  prepareDataDir(config.dataDir);
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.toReversed()) {
      await close().catch((error: unknown) => log.error({ err: errorText(error) }, 'could not end in good order'));
    }
    closers.length = 0;
  };
  try {
    const ended = Promise.withResolvers<boolean>();
    const end = async (isWell: boolean): Promise<void> => {
      await closeAll();
      ended.resolve(isWell);
    };
    const threads = new ProtocolThreads({
      config,
      count: config.server.threads || Math.max(1, Math.min(8, availableParallelism() - 1)),
      log,
      onBroken: () => {
        log.error({}, 'protocol threads cannot be kept alive; ending');
        void end(false);
      },
    });
    closers.push(() => threads.close(DRAIN_MS));
    const [certificates, storage] = await Promise.all([ensureCertificates(config), openStorage(config, log)]);
    // Below the threads, which end before it.
    closers.unshift(() => storage.close());
    storage.onBroken(() => {
      log.error({}, 'the store is out of order; ending');
      void end(false);
    });
    const metrics = new ThreadMetrics();
    const indexing = new IndexWorker({ config, log, metrics, openTicket: () => storage.openTicket() });
    closers.splice(1, 0, () => indexing.close());
    const { maintenance } = storage;
    const system = composeSystem(config, storage.connect(), log, { maintenance, indexing });
    closers.splice(1, 0, () => system.close());
    const plans = PROTOCOL_LISTENERS.flatMap((name) => config.listen[name].map((address) => ({ name, ...address })));
    const startedAt = system.clock.now();
    const health = new StoreHealth(system);
    let listeners: readonly ListenerPlan[] = [];
    const answers = {
      status: async (): Promise<StatusFacts> => ({
        hostname: config.hostname,
        listeners,
        startedAt,
        now: system.clock.now(),
        troubles: await health.findTroubles(),
        version: VERSION,
      }),
      metrics: async () =>
        formatMetrics([await system.metrics.snapshot(), await metrics.snapshot(), ...(await threads.metrics())]),
    };
    const bound = await threads.listen(plans, {
      certificates,
      openTicket: () => storage.openTicket(),
      guesses: system.guesses,
      answers,
    });
    listeners = bound.toSorted((a, b) => LISTENERS.indexOf(a.name) - LISTENERS.indexOf(b.name));

    const sender = await startOutbound(system);
    closers.push(() => sender.stop(DRAIN_MS));
    const dkimKeys = keepDkimKeys(system);
    closers.push(async () => dkimKeys.stop());
    const reports = sendReports(system, keepOwnReports(system, createPost(system), openReportReader()));
    closers.push(async () => reports.stop());
    const push = startPushLater(system);
    closers.push(() => push.stop());
    const housekeeping = startHousekeeping(system);
    closers.push(() => housekeeping.stop());
    const sunsets = keepSunsets({
      ...system,
      traceReader: system.traceStore.reader,
      post: createPost(system),
      hostname: config.hostname,
    });
    closers.push(() => sunsets.stop());
    const lives = keepLives(system);
    closers.push(() => lives.stop());
    const boxes = keepBoxes(system);
    closers.push(() => boxes.stop());
    const idles = keepIdles(system);
    closers.push(() => idles.stop());
    const pulls = pullRoster(system);
    closers.push(() => pulls.stop());
    const rest = collectGarbageAtRest();
    closers.push(async () => rest.stop());

    const control = new ControlServer(config.dataDir, (words, io) => runCommand(system, words, io), log);
    closers.push(() => control.close());
    await control.listen();

    return { system, listeners, ended: ended.promise, reload: () => threads.reload(), close: () => end(true) };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
