/**
 * The distributed store: rows in PostgreSQL, octets in segment files of a folder that all front-ends share. Any
 * number of processes may have it open.
 */
import { join } from 'node:path';
import { type Clock, systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { type Logger, silentLog } from '#base/log.ts';
import { type Random, systemRandom } from '#base/random.ts';
import { BlobFiles } from './files/blob-files.ts';
import { BlobWriter } from './files/blob-writer.ts';
import { SegmentAppender } from './files/segment-appender.ts';
import { createBlobDir } from './files/segments.ts';
import { POSTGRES_CONNECTIONS, SEGMENT_OPEN_MS, SIDE_CONNECTIONS } from './limits.ts';
import type { OpenedStore } from './opened-store.ts';
import { loadOperations } from './operations.ts';
import { Pool, PostgresSession, toStoreError } from './postgres/connection.ts';
import { PostgresMailStore } from './postgres/mail-store.ts';
import { openPostgresMaintenance } from './postgres/maintenance.ts';
import { MessageStorage } from './postgres/message-storage.ts';
import { ANY_ACCOUNT, Notices } from './postgres/notices.ts';
import { OperationRunner } from './postgres/operation-runner.ts';
import { PostgresSearchDatabase } from './postgres/search-database.ts';
import { SectionRunner } from './postgres/section-runner.ts';
import { readerAround } from './reader-around.ts';
import { SqlAuditReader } from './sql/audit-rows.ts';
import { SqlDirectoryReader, allocateNumber } from './sql/directory-rows.ts';
import { SqlGrantReader } from './sql/grant-rows.ts';
import { SqlGuessReader } from './sql/guess-rows.ts';
import { SqlJmapReader } from './sql/jmap-rows.ts';
import { SqlMailReader } from './sql/mail-reader.ts';
import { SqlMigrationReader } from './sql/migration-rows.ts';
import { SqlNoticeReader } from './sql/notice-rows.ts';
import { SqlQueueReader } from './sql/queue-rows.ts';
import { SqlSearchIndex } from './sql/search-index.ts';
import { SqlSendingReader } from './sql/sending-rows.ts';
import { SqlSessionReader } from './sql/session-rows.ts';
import { SqlSsoReader } from './sql/sso-rows.ts';
import { SqlSmsReader } from './sql/sms-rows.ts';
import { SqlTraceReader } from './sql/trace-rows.ts';
import { SqlTrustReader } from './sql/trust-rows.ts';
import { migrate } from './sql/migrate.ts';

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`; `?host=/folder` for a Unix socket. */
  readonly url: string;
  /** Segment files go to its `blobs` folder; created when missing. Shared by all front-ends. */
  readonly dataDir: string;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly connections?: number;
  /** For tests: a module that exports `mailOperations` and `directoryOperations` in place of the real ones. */
  readonly operationsUrl?: string;
  /** For tests: see PostgresMaintenanceOptions. */
  readonly segmentQuietMs?: number;
}

/** Any number that nothing else in the database locks. */
const MIGRATION_LOCK = 7_246_000;

/** Throws `unavailable` when the database cannot be reached. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<OpenedStore> {
  const { url, dataDir, log = silentLog, clock = systemClock, random = systemRandom } = options;
  const blobDir = join(dataDir, 'blobs');
  createBlobDir(blobDir);
  await migratePostgres(url, clock);
  const operations = await loadOperations(options.operationsUrl);
  const pool = new Pool(url, { connections: options.connections ?? POSTGRES_CONNECTIONS });
  // Operations wait for what goes on here, holding connections of the pool: it must never wait for one of those.
  const sidePool = new Pool(url, { connections: SIDE_CONNECTIONS });
  const session = new PostgresSession(pool);
  const runner = new OperationRunner({ pool, clock });
  const inTime = <T>(_name: string, read: () => Promise<T>): Promise<T> => runner.within(read);
  const notices = new Notices({ url, pool: sidePool, clock, random, log });
  try {
    await runner.within(() => notices.listen());
  } catch (error) {
    await notices.close();
    await Promise.all([pool.end(0), sidePool.end(0)]);
    throw error;
  }
  const appender = new SegmentAppender({
    blobDir,
    nextSegment: () => allocateNumber(new PostgresSession(sidePool), 'segment'),
    clock,
    openMs: SEGMENT_OPEN_MS,
  });
  const writer = new BlobWriter(appender);
  const blobs = new BlobFiles(blobDir);
  const messages = new MessageStorage(sidePool, writer, clock);
  const mail = new PostgresMailStore({
    operations,
    runner,
    messages,
    notices,
    reader: readerAround(new SqlMailReader(session, blobs), inTime),
    clock,
    log,
  });
  const sections = new SectionRunner({ operations, runner, messages, notices, clock, log, mail });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      await mail.close();
      await writer.close();
      await notices.close();
      await Promise.all([pool.end(5), sidePool.end(5)]);
      blobs.close();
    })());
  return {
    mail: {
      reader: mail.reader,
      prepareBlob: (octets) => mail.prepareBlob(octets),
      run: (requests) => mail.run(requests),
      watch: (accountId, listener) => mail.watch(accountId, listener),
      checkInvariants: () => mail.checkInvariants(),
      close,
    },
    directory: {
      reader: readerAround(new SqlDirectoryReader(session), inTime),
      run: (name, args) => sections.run('directory', name, args),
      watch: (listener) => notices.watchSection('directory', (key) => listener(key as AccountId)),
    },
    audit: {
      reader: readerAround(new SqlAuditReader(session), inTime),
      run: (name, args) => sections.run('audit', name, args),
    },
    guesses: {
      reader: readerAround(new SqlGuessReader(session), inTime),
      run: (name, args) => sections.run('guesses', name, args),
    },
    jmap: {
      reader: readerAround(new SqlJmapReader(session, blobs), inTime),
      run: (name, args) => sections.run('jmap', name, args),
      watch: (listener) =>
        notices.watchSection('jmap', (key) => listener(key === ANY_ACCOUNT ? null : (key as AccountId))),
    },
    oauth: {
      reader: readerAround(new SqlGrantReader(session), inTime),
      run: (name, args) => sections.run('oauth', name, args),
      watch: (listener) => notices.watchSection('oauth', (key) => listener(key as AccountId)),
    },
    queue: {
      reader: readerAround(new SqlQueueReader(session, blobs), inTime),
      run: (name, args) => sections.run('queue', name, args),
      runWith: (name, args, changes) => sections.runWith('queue', name, args, changes),
      watch: (listener) => notices.watchSection('queue', (key) => listener(String(key))),
    },
    sending: {
      reader: readerAround(new SqlSendingReader(session), inTime),
      run: (name, args) => sections.run('sending', name, args),
    },
    signin: {
      reader: readerAround(new SqlSessionReader(session), inTime),
      run: (name, args) => sections.run('signin', name, args),
      watch: (listener) => notices.watchSection('signin', (key) => listener(key as AccountId)),
    },
    migration: {
      reader: readerAround(new SqlMigrationReader(session), inTime),
      run: (name, args) => sections.run('migration', name, args),
    },
    notices: {
      reader: readerAround(new SqlNoticeReader(session), inTime),
      run: (name, args) => sections.run('notices', name, args),
    },
    sso: {
      reader: readerAround(new SqlSsoReader(session), inTime),
      run: (name, args) => sections.run('sso', name, args),
    },
    sms: {
      reader: readerAround(new SqlSmsReader(session), inTime),
      run: (name, args) => sections.run('sms', name, args),
    },
    trace: {
      reader: readerAround(new SqlTraceReader(session), inTime),
      run: (name, args) => sections.run('trace', name, args),
    },
    trust: {
      reader: readerAround(new SqlTrustReader(session), inTime),
      run: (name, args) => sections.run('trust', name, args),
      watch: (listener) => notices.watchSection('trust', (key) => listener(String(key))),
    },
    search: new SqlSearchIndex(new PostgresSearchDatabase(runner)),
    maintenance: openPostgresMaintenance({
      pool,
      blobDir,
      writer,
      clock,
      log,
      ...(options.segmentQuietMs === undefined ? {} : { segmentQuietMs: options.segmentQuietMs }),
    }),
    close,
  };
}

/** Brings the database to this version; of several processes that start at once, one does it. */
export async function migratePostgres(url: string, clock: Clock = systemClock): Promise<void> {
  const pool = new Pool(url, { connections: 1 });
  try {
    await pool.transaction('', async (session) => {
      await session.all('SELECT pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
      await migrate(session, clock.now());
    });
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await pool.end(1);
  }
}
