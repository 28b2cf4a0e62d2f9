/**
 * The writer: the open database, its segment files, group commit and maintenance steps, without the thread around
 * them. Opening brings the schema up to date and cuts off what a crash left half written.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '#base/log.ts';
import { SegmentAppender } from '#store/files/segment-appender.ts';
import { createBlobDir, listSegments } from '#store/files/segments.ts';
import type { Operations } from '#store/operations.ts';
import { migrate } from '#store/sql/migrate.ts';
import { SqliteSession, openWriterDatabase } from './database.ts';
import { GroupCommit, type GroupResult, type Work } from './group-commit.ts';
import { lockStore } from './lock.ts';
import { MaintenanceSteps } from './maintenance-steps.ts';
import { prepareSearchDatabase } from './search-database.ts';

export const DATABASE_FILE = 'mail.db';
/** Texts to search in; made anew from the mail when it is missing. */
export const SEARCH_FILE = 'search.db';
export const BLOB_DIR = 'blobs';

export interface WriterOptions<W extends Work> {
  readonly dataDir: string;
  readonly nowMs: number;
  readonly operations: Operations;
  readonly log: Logger;
  readonly onResult: (result: GroupResult<W>) => void;
  /** Replaces the write to segment files, so that tests can have a full disk. */
  readonly writeSegment?: (fd: number, buffers: readonly Uint8Array[], position: number) => number;
  readonly segmentBytes?: number;
}

export interface Writer<W extends Work> {
  readonly groups: GroupCommit<W>;
  readonly steps: MaintenanceSteps;
  /** For tests that set limits on the database. */
  readonly session: SqliteSession;
  close(): void;
}

/** Throws `inUse` when another process has the store open for writing. */
export async function openWriter<W extends Work>(options: WriterOptions<W>): Promise<Writer<W>> {
  const { dataDir, log } = options;
  const blobDir = join(dataDir, BLOB_DIR);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  createBlobDir(blobDir);
  const unlock = lockStore(dataDir);
  try {
    const db = openWriterDatabase(join(dataDir, DATABASE_FILE));
    const session = new SqliteSession(db);
    db.exec('BEGIN IMMEDIATE');
    const applied = await migrate(session, options.nowMs);
    db.exec('COMMIT');
    const searchDamage = prepareSearchDatabase(join(dataDir, SEARCH_FILE));
    if (searchDamage !== undefined)
      log.error({ damage: searchDamage }, 'the search index is damaged: set aside, and made anew from the mail');
    if (applied.length > 0) log.info({ applied }, 'the store was brought to this version');

    let lastSegment = listSegments(blobDir).at(-1) ?? 0;
    const appender = new SegmentAppender({
      blobDir,
      nextSegment: () => ++lastSegment,
      ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
      ...(options.writeSegment === undefined ? {} : { write: options.writeSegment }),
    });
    if (lastSegment > 0) {
      const end = session.get<[number]>(
        'SELECT segment_offset + stored_bytes FROM blob WHERE segment = ? ORDER BY segment_offset DESC LIMIT 1',
        [lastSegment],
      );
      appender.resume(lastSegment, end?.[0] ?? 0);
    }
    const steps = new MaintenanceSteps(db, session, appender, blobDir, () => groups.takeFailure());
    const groups = new GroupCommit<W>({
      db,
      session,
      appender,
      operations: options.operations,
      log,
      onResult: options.onResult,
    });
    return {
      groups,
      steps,
      session,
      close() {
        steps.checkpoint();
        steps.close();
        appender.close();
        db.close();
        try {
          // Readers cannot empty its WAL; whoever opens and closes it last to write does.
          prepareSearchDatabase(join(dataDir, SEARCH_FILE));
        } catch (error) {
          log.warn({ err: error }, 'the search index was not closed in good order; it mends itself at the next start');
        }
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
