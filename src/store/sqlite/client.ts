/**
 * The embedded store as one thread sees it: changes go to the writer, reads to the thread's own connection on the
 * committed state.
 */
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { BlobFiles } from '#store/files/blob-files.ts';
import { encodeRecord } from '#store/files/record.ts';
import { checkSqlInvariants } from '#store/sql/invariants.ts';
import type { StoreClient } from '#store/opened-store.ts';
import { SqlAuditReader } from '#store/sql/audit-rows.ts';
import { SqlDirectoryReader } from '#store/sql/directory-rows.ts';
import { SqlGrantReader } from '#store/sql/grant-rows.ts';
import { SqlGuessReader } from '#store/sql/guess-rows.ts';
import { SqlJmapReader } from '#store/sql/jmap-rows.ts';
import { SqlMailReader } from '#store/sql/mail-reader.ts';
import { SqlMigrationReader } from '#store/sql/migration-rows.ts';
import { SqlNoticeReader } from '#store/sql/notice-rows.ts';
import { SqlQueueReader } from '#store/sql/queue-rows.ts';
import { SqlSearchIndex } from '#store/sql/search-index.ts';
import { SqlSendingReader } from '#store/sql/sending-rows.ts';
import { SqlSessionReader } from '#store/sql/session-rows.ts';
import { SqlSsoReader } from '#store/sql/sso-rows.ts';
import { SqlSmsReader } from '#store/sql/sms-rows.ts';
import { SqlTraceReader } from '#store/sql/trace-rows.ts';
import { SqlTrustReader } from '#store/sql/trust-rows.ts';
import { SqliteSession, openReaderDatabase } from './database.ts';
import { SqliteSearchDatabase } from './search-database.ts';
import { WriterLink } from './writer-link.ts';
import { BLOB_DIR, DATABASE_FILE, SEARCH_FILE } from './writer.ts';

export interface ClientOptions {
  readonly dataDir: string;
  /** From the writer's `connect()`. */
  readonly port: MessagePort;
  readonly clock: Clock;
}

export function openSqliteClient({ dataDir, port, clock }: ClientOptions): StoreClient {
  const path = join(dataDir, DATABASE_FILE);
  const db = openReaderDatabase(path);
  const session = new SqliteSession(db);
  const blobs = new BlobFiles(join(dataDir, BLOB_DIR));
  const link = new WriterLink(port, clock);
  const searchDatabase = new SqliteSearchDatabase(join(dataDir, SEARCH_FILE), path);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= link.close().then(() => {
      searchDatabase.close();
      blobs.close();
      db.close();
    }));
  return {
    mail: {
      reader: new SqlMailReader(session, blobs),
      prepareBlob: encodeRecord,
      run: (requests) => link.runMail(requests),
      watch: (accountId, listener) => link.watchAccount(accountId, listener),
      checkInvariants: () => checkSqliteInvariants(path),
      close,
    },
    directory: {
      reader: new SqlDirectoryReader(session),
      run: (name, args) => link.runSection('directory', name, args),
      watch: (listener) => link.watchSection('directory', (key) => listener(key as AccountId)),
    },
    audit: {
      reader: new SqlAuditReader(session),
      run: (name, args) => link.runSection('audit', name, args),
    },
    jmap: {
      reader: new SqlJmapReader(session, blobs),
      run: (name, args) => link.runSection('jmap', name, args),
      watch: (listener) => link.watchSection('jmap', (key) => listener(key as AccountId)),
    },
    oauth: {
      reader: new SqlGrantReader(session),
      run: (name, args) => link.runSection('oauth', name, args),
      watch: (listener) => link.watchSection('oauth', (key) => listener(key as AccountId)),
    },
    queue: {
      reader: new SqlQueueReader(session, blobs),
      run: (name, args) => link.runSection('queue', name, args),
      runWith: (name, args, changes) => link.runSectionWith('queue', name, args, changes),
      watch: (listener) => link.watchSection('queue', (key) => listener(String(key))),
    },
    sending: {
      reader: new SqlSendingReader(session),
      run: (name, args) => link.runSection('sending', name, args),
    },
    signin: {
      reader: new SqlSessionReader(session),
      run: (name, args) => link.runSection('signin', name, args),
      watch: (listener) => link.watchSection('signin', (key) => listener(key as AccountId)),
    },
    migration: {
      reader: new SqlMigrationReader(session),
      run: (name, args) => link.runSection('migration', name, args),
    },
    notices: {
      reader: new SqlNoticeReader(session),
      run: (name, args) => link.runSection('notices', name, args),
    },
    sso: {
      reader: new SqlSsoReader(session),
      run: (name, args) => link.runSection('sso', name, args),
    },
    guesses: {
      reader: new SqlGuessReader(session),
      run: (name, args) => link.runSection('guesses', name, args),
    },
    sms: {
      reader: new SqlSmsReader(session),
      run: (name, args) => link.runSection('sms', name, args),
    },
    trace: {
      reader: new SqlTraceReader(session),
      run: (name, args) => link.runSection('trace', name, args),
    },
    trust: {
      reader: new SqlTrustReader(session),
      run: (name, args) => link.runSection('trust', name, args),
      watch: (listener) => link.watchSection('trust', (key) => listener(String(key))),
    },
    search: new SqlSearchIndex(searchDatabase),
    close,
  };
}

/** On a connection and a snapshot of its own, so that others meanwhile see what is new. */
async function checkSqliteInvariants(path: string): Promise<void> {
  const db = openReaderDatabase(path);
  try {
    db.exec('BEGIN');
    await checkSqlInvariants(new SqliteSession(db));
  } finally {
    db.close();
  }
}
