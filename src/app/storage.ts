/** Which storage backend, by `store.url`; the only file that knows their names. */
import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import type { openPostgresStore } from '#store/open-postgres.ts';
import { openSqliteClient, startSqliteWriter } from '#store/open-sqlite.ts';
import type { Maintenance, StoreClient } from '#store/opened-store.ts';
import { ConfigError, type Config } from './config.ts';

export type { Maintenance, StoreClient };

/** How another thread gets at the store. */
export type StoreTicket = { readonly kind: 'sqlite'; readonly port: MessagePort } | { readonly kind: 'postgres' };

export interface Storage {
  readonly maintenance: Maintenance;
  /** The stores for this thread. */
  connect(): StoreClient;
  openTicket(): StoreTicket;
  /** Calls back once when the store has failed for good. */
  onBroken(callback: () => void): void;
  close(): Promise<void>;
}

/** Whether other processes may have the same store: the embedded one is one process's. */
export function isShared({ store }: Pick<Config, 'store'>): boolean {
  return store.url.startsWith('postgres');
}

/** Opens the store for this process. Throws `inUse` when another process has it, `unavailable` when it cannot be reached. */
export async function openStorage(config: Config, log: Logger): Promise<Storage> {
  return isShared(config) ? openPostgres(config, log) : openSqlite(config, log);
}

/** In a protocol thread: the stores that the ticket stands for. */
export async function openStores(config: Config, ticket: StoreTicket, log: Logger): Promise<StoreClient> {
  return ticket.kind === 'sqlite'
    ? openSqliteClient({ dataDir: sqliteFolder(config), port: ticket.port, clock: systemClock })
    : (await loadPostgres())(postgresOptions(config, log));
}

async function openSqlite(config: Config, log: Logger): Promise<Storage> {
  const dataDir = sqliteFolder(config);
  let tellBroken = (): void => undefined;
  const writer = await startSqliteWriter({ dataDir, log, clock: systemClock, onFailure: () => tellBroken() });
  return {
    maintenance: writer.maintenance,
    connect: () => openSqliteClient({ dataDir, port: writer.connect(), clock: systemClock }),
    openTicket: () => ({ kind: 'sqlite', port: writer.connect() }),
    onBroken: (callback) => {
      tellBroken = callback;
    },
    close: () => writer.close(),
  };
}

async function openPostgres(config: Config, log: Logger): Promise<Storage> {
  const open = await loadPostgres();
  const store = await open(postgresOptions(config, log));
  return {
    maintenance: store.maintenance,
    connect: () => ({ ...store, close: () => Promise.resolve() }),
    openTicket: () => ({ kind: 'postgres' }),
    // PostgreSQL comes back, and so do we.
    onBroken: () => undefined,
    close: () => store.close(),
  };
}

/** Loaded only where it is used: it costs an embedded server's start some 30 ms. */
async function loadPostgres(): Promise<typeof openPostgresStore> {
  return (await import('#store/open-postgres.ts')).openPostgresStore;
}

function sqliteFolder(config: Config): string {
  if (config.store.url !== 'sqlite:')
    throw new ConfigError('store.url "sqlite:" takes no path: the store is in data_dir');
  if (config.blobs.url !== 'file:')
    throw new ConfigError('blobs.url "file:/folder" goes with a postgres:// store only');
  return config.dataDir;
}

function postgresOptions(config: Config, log: Logger): Parameters<typeof openPostgresStore>[0] {
  const folder = config.blobs.url.slice('file:'.length);
  return { url: config.store.url, dataDir: folder === '' ? config.dataDir : folder, log, clock: systemClock };
}
