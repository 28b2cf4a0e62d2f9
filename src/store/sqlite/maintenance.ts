/**
 * Maintenance of the embedded store: garbage collection, scrubbing, backup. Decides and reads here; every change is
 * a short step of the writer (maintenance-steps.ts), so that serving goes on in between.
 */
import { closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DatabaseSync, backup as copyDatabase } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '#base/clock.ts';
import { MailError, errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { BlobFiles } from '#store/files/blob-files.ts';
import { listSegments, segmentLength, segmentPath, syncDir } from '#store/files/segments.ts';
import { COMPACT_BELOW_SHARE, KEPT_CHANGES, UNREFERENCED_GRACE_MS } from '#store/limits.ts';
import type { BackupReport, GarbageReport, Maintenance, ScrubEvent } from '#store/opened-store.ts';
import { scrubBlobs } from '#store/sql/scrub.ts';
import { SqliteSession, openReaderDatabase } from './database.ts';
import type { MaintenanceStep } from './messages.ts';
import { BLOB_DIR, DATABASE_FILE } from './writer.ts';

export interface SqliteMaintenanceOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly runStep: (step: MaintenanceStep) => Promise<number>;
}

export function openSqliteMaintenance(options: SqliteMaintenanceOptions): Maintenance {
  const { dataDir, log, runStep } = options;
  const blobDir = join(dataDir, BLOB_DIR);
  /** Garbage collection moves and deletes what a backup is copying: one at a time. */
  let last: Promise<unknown> = Promise.resolve();
  const exclusively = <T>(run: () => Promise<T>): Promise<T> => {
    const result = last.then(run, run);
    last = result.catch(() => {});
    return result;
  };
  const reading = async <T>(run: (session: SqliteSession, db: DatabaseSync) => Promise<T>): Promise<T> => {
    const db = openReaderDatabase(join(dataDir, DATABASE_FILE));
    try {
      return await run(new SqliteSession(db), db);
    } finally {
      db.close();
    }
  };
  return {
    collectGarbage: ({ graceMs = UNREFERENCED_GRACE_MS } = {}) =>
      exclusively(() => reading((session) => collectGarbage(options, session, blobDir, graceMs))),
    async *scrub(): AsyncGenerator<ScrubEvent> {
      const db = openReaderDatabase(join(dataDir, DATABASE_FILE));
      const blobs = new BlobFiles(blobDir);
      try {
        yield* scrubBlobs(new SqliteSession(db), blobs);
      } finally {
        blobs.close();
        db.close();
      }
    },
    backup: (toDir) => exclusively(() => reading((_session, db) => backup(db, blobDir, toDir, log))),
    async probe() {
      await runStep({ name: 'probe' });
    },
  };
}

async function collectGarbage(
  { clock, log, runStep }: SqliteMaintenanceOptions,
  session: SqliteSession,
  blobDir: string,
  graceMs: number,
): Promise<GarbageReport> {
  const beforeMs = clock.now() - graceMs;
  let droppedBlobs = 0;
  for (;;) {
    const dropped = await runStep({ name: 'dropBlobs', beforeMs });
    droppedBlobs += dropped;
    if (dropped === 0) break;
  }

  let droppedChanges = 0;
  const logs = session.all<[number, number]>(
    'SELECT account_id, max(modseq) FROM change_log GROUP BY account_id HAVING count(*) > ?',
    [KEPT_CHANGES * 2],
  );
  for (const [accountId, newest] of logs)
    droppedChanges += await runStep({ name: 'dropChanges', accountId, upToModSeq: newest - KEPT_CHANGES });

  let removedSegments = 0;
  let freedBytes = 0;
  const openSegment = await runStep({ name: 'openSegment' });
  const live = new Map(
    session.all<[number, number]>('SELECT segment, sum(stored_bytes) FROM blob GROUP BY segment', []),
  );
  for (const segment of listSegments(blobDir)) {
    // Files beyond the open one were begun after it; they are not ours to judge yet.
    if (openSegment !== 0 && segment >= openSegment) continue;
    if ((live.get(segment) ?? 0) > segmentLength(blobDir, segment) * COMPACT_BELOW_SHARE) continue;
    try {
      for (let fromOffset = 0; fromOffset >= 0;)
        fromOffset = await runStep({ name: 'moveRecords', segment, fromOffset });
      freedBytes += await runStep({ name: 'removeSegment', segment });
      removedSegments++;
    } catch (error) {
      // A damaged record stays where it is, for scrub to report.
      log.warn({ segment, reason: errorText(error) }, 'a segment could not be compacted');
    }
  }
  const report = { droppedBlobs, removedSegments, freedBytes, droppedChanges };
  log.info(report, 'garbage was collected');
  return report;
}

/** The database first, in one snapshot; then the segments, which by then hold everything that snapshot names. */
async function backup(db: DatabaseSync, blobDir: string, toDir: string, log: Logger): Promise<BackupReport> {
  if (existsSync(toDir)) throw new MailError('alreadyExists', `${toDir} exists`, { data: { toDir } });
  const partial = `${toDir}.partial`;
  mkdirSync(join(partial, BLOB_DIR), { recursive: true, mode: 0o700 });
  // All pages in one step, in the thread pool: a copy in steps starts over with every commit.
  await copyDatabase(db, join(partial, DATABASE_FILE), { rate: 0x7fff_ffff });
  let segmentBytes = 0;
  for (const segment of listSegments(blobDir)) {
    const target = segmentPath(join(partial, BLOB_DIR), segment);
    await copyFile(segmentPath(blobDir, segment), target, constants.COPYFILE_FICLONE);
    segmentBytes += segmentLength(join(partial, BLOB_DIR), segment);
    syncFile(target);
    await nextTurn();
  }
  syncFile(join(partial, DATABASE_FILE));
  syncDir(join(partial, BLOB_DIR));
  syncDir(partial);
  renameSync(partial, toDir);
  const copy = openReaderDatabase(join(toDir, DATABASE_FILE));
  try {
    const blobs = new SqliteSession(copy).get<[number]>('SELECT count(*) FROM blob', [])?.[0] ?? 0;
    log.info({ toDir, blobs, segmentBytes }, 'a backup was made');
    return { blobs, segmentBytes };
  } finally {
    copy.close();
  }
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
