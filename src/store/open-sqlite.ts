/**
 * The embedded store: SQLite for rows, segment files for octets, one writer thread. One folder is the whole store.
 *
 * A server starts the writer once (`startSqliteWriter`), hands each protocol thread a port from `connect()`, and each
 * thread opens its own `openSqliteClient`. Tools and tests use `openSqliteStore`, which does both.
 */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { type Logger, silentLog } from '#base/log.ts';
import type { Maintenance, OpenedStore } from './opened-store.ts';
import { thrownBy } from './outcomes.ts';
import { openSqliteClient } from './sqlite/client.ts';
import { openSqliteMaintenance } from './sqlite/maintenance.ts';
import type { ControlMessage, ControlReply, MaintenanceStep, WriterSettings } from './sqlite/messages.ts';

export { openSqliteClient } from './sqlite/client.ts';

export interface SqliteStoreOptions {
  /** Created when missing. */
  readonly dataDir: string;
  readonly log?: Logger;
  readonly clock?: Clock;
  /** For tests: a module that exports `mailOperations` and `directoryOperations` in place of the real ones. */
  readonly operationsUrl?: string;
  /** Told when the writer thread ends by itself, which is a bug: nothing can be written any more. */
  readonly onFailure?: (error: Error) => void;
}

export interface SqliteWriter {
  /** A line to the writer for one thread; give it to that thread's `openSqliteClient`. */
  connect(): MessagePort;
  readonly maintenance: Maintenance;
  /** Commits what waits, answers it, empties the WAL and ends the thread. */
  close(): Promise<void>;
}

/** Throws `inUse` (data.pid) when another process has the store open for writing. */
export async function startSqliteWriter(options: SqliteStoreOptions): Promise<SqliteWriter> {
  const { dataDir, log = silentLog, clock = systemClock, operationsUrl } = options;
  const settings: WriterSettings = {
    dataDir,
    nowMs: clock.now(),
    ...(operationsUrl === undefined ? {} : { operationsUrl }),
  };
  const worker = new Worker(new URL('./sqlite/writer-thread.ts', import.meta.url), {
    workerData: settings,
    name: 'store-writer',
  });
  const steps = new Map<number, { resolve: (value: number) => void; reject: (error: Error) => void }>();
  let nextStep = 1;
  let closing = false;
  const send = (message: ControlMessage, transfer: MessagePort[] = []): void => worker.postMessage(message, transfer);
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  await new Promise<void>((resolve, reject) => {
    worker.on('error', (error: Error) => {
      log.error({ err: error }, 'the writer thread failed');
      reject(error);
      options.onFailure?.(error);
    });
    worker.on('exit', () => {
      const error = new MailError('unavailable', 'The mail store has stopped');
      for (const step of steps.values()) step.reject(error);
      steps.clear();
      reject(error);
      if (!closing) options.onFailure?.(error);
    });
    worker.on('message', (message: ControlReply) => {
      switch (message.kind) {
        case 'ready':
          return resolve();
        case 'failed':
          closing = true;
          return reject(thrownBy(message.error));
        case 'log':
          return log[message.level](message.fields, message.message);
        case 'stepped':
          steps.get(message.id)?.resolve(message.value);
          return void steps.delete(message.id);
        case 'stepFailed':
          steps.get(message.id)?.reject(new MailError('unavailable', message.message));
          return void steps.delete(message.id);
      }
    });
  });
  // Work under way keeps the process alive by its own port; an idle writer does not.
  worker.unref();

  const runStep = (step: MaintenanceStep): Promise<number> =>
    new Promise((resolve, reject) => {
      const id = nextStep++;
      steps.set(id, { resolve, reject });
      send({ kind: 'step', id, step });
    });
  return {
    connect() {
      const { port1, port2 } = new MessageChannel();
      send({ kind: 'connect', port: port1 }, [port1]);
      return port2;
    },
    maintenance: openSqliteMaintenance({ dataDir, clock, log, runStep }),
    async close() {
      if (!closing) {
        closing = true;
        worker.ref();
        send({ kind: 'close' });
      }
      await ended;
    },
  };
}

/** Writer and client in one. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<OpenedStore> {
  const { dataDir, clock = systemClock } = options;
  const writer = await startSqliteWriter(options);
  const client = openSqliteClient({ dataDir, port: writer.connect(), clock });
  const close = async (): Promise<void> => {
    await client.close();
    await writer.close();
  };
  return {
    mail: { ...client.mail, close },
    audit: client.audit,
    directory: client.directory,
    jmap: client.jmap,
    oauth: client.oauth,
    queue: client.queue,
    sending: client.sending,
    signin: client.signin,
    migration: client.migration,
    notices: client.notices,
    sso: client.sso,
    guesses: client.guesses,
    sms: client.sms,
    trace: client.trace,
    trust: client.trust,
    search: client.search,
    maintenance: writer.maintenance,
    close,
  };
}
