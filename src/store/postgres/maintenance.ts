/**
 * Maintenance of the shared store: sums up references, drops blobs nobody refers to, rewrites mostly dead segments.
 * Several processes may try at once; one does it. Backups are PostgreSQL's own and a copy of the segment folder.
 */
import { statSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';
import { MailError, errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { BlobFiles } from '#store/files/blob-files.ts';
import type { BlobWriter } from '#store/files/blob-writer.ts';
import {
  listSegments,
  probeBlobDir,
  removeSegment,
  segmentLength,
  segmentPath,
  syncDir,
} from '#store/files/segments.ts';
import {
  COMPACT_BELOW_SHARE,
  DROP_STEP_BLOBS,
  KEPT_CHANGES,
  SEGMENT_OPEN_MS,
  UNREFERENCED_GRACE_MS,
} from '#store/limits.ts';
import type { GarbageReport, Maintenance } from '#store/opened-store.ts';
import { TOUCH_DATABASE } from '#store/sql/migrate.ts';
import { scrubBlobs } from '#store/sql/scrub.ts';
import { toList } from '#store/sql/session.ts';
import { type Pool, PostgresSession, toStoreError } from './connection.ts';

export interface PostgresMaintenanceOptions {
  readonly pool: Pool;
  readonly blobDir: string;
  readonly writer: BlobWriter;
  readonly clock: Clock;
  readonly log: Logger;
  /** For tests: how long a segment must not have been written to before it may be rewritten. */
  readonly segmentQuietMs?: number;
}

/** Any number that nothing else in the database locks. */
const GARBAGE_LOCK = 7_246_001;

const SUM_UP_REFERENCES = `WITH taken AS (
    DELETE FROM blob_reference WHERE ctid = ANY (ARRAY(SELECT ctid FROM blob_reference LIMIT 10000))
    RETURNING blob_key, delta
  ), sums AS (SELECT blob_key, sum(delta)::int8 AS delta FROM taken GROUP BY blob_key)
  UPDATE blob SET refs = refs + sums.delta,
    unreferenced_at = CASE WHEN refs + sums.delta > 0 THEN NULL ELSE coalesce(unreferenced_at, ?) END
  FROM sums WHERE blob.blob_key = sums.blob_key`;

export function openPostgresMaintenance(options: PostgresMaintenanceOptions): Maintenance {
  const { pool, blobDir } = options;
  return {
    async collectGarbage({ graceMs = UNREFERENCED_GRACE_MS } = {}) {
      // The lock goes with the connection.
      return pool.withConnection(async (session) => {
        const lock = await session.get<[boolean]>('SELECT pg_try_advisory_lock(?)', [GARBAGE_LOCK]);
        if (lock?.[0] !== true) throw new MailError('inUse', 'Another process is collecting garbage');
        return collectGarbage(options, session, graceMs);
      });
    },
    async *scrub() {
      const blobs = new BlobFiles(blobDir);
      try {
        yield* scrubBlobs(new PostgresSession(pool), blobs);
      } finally {
        blobs.close();
      }
    },
    async probe() {
      try {
        await probeBlobDir(blobDir);
        await new PostgresSession(pool).run(TOUCH_DATABASE, []);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    async backup() {
      throw new MailError('invalid', 'Back up PostgreSQL with its own tools, and then the folder of segments');
    },
  };
}

async function collectGarbage(
  { pool, blobDir, writer, clock, log, segmentQuietMs = SEGMENT_OPEN_MS * 2 }: PostgresMaintenanceOptions,
  session: PostgresSession,
  graceMs: number,
): Promise<GarbageReport> {
  const nowMs = clock.now();
  while ((await session.run(SUM_UP_REFERENCES, [nowMs])) > 0);

  let droppedBlobs = 0;
  for (;;) {
    const dropped = await dropBlobs(pool, nowMs - graceMs);
    droppedBlobs += dropped;
    if (dropped < DROP_STEP_BLOBS) break;
  }

  const droppedChanges = await session.run(
    `DELETE FROM change_log USING (
       SELECT account_id, max(modseq) AS newest FROM change_log GROUP BY account_id HAVING count(*) > ?
     ) AS long WHERE change_log.account_id = long.account_id AND change_log.modseq <= long.newest - ?`,
    [KEPT_CHANGES * 2, KEPT_CHANGES],
  );

  let removedSegments = 0;
  let freedBytes = 0;
  const live = new Map(
    await session.all<[number, number]>('SELECT segment, sum(stored_bytes)::int8 FROM blob GROUP BY segment', []),
  );
  for (const segment of listSegments(blobDir)) {
    if (segment === writer.segment) continue;
    const length = segmentLength(blobDir, segment);
    if ((live.get(segment) ?? 0) > length * COMPACT_BELOW_SHARE) continue;
    // Some process may still append to it.
    const writtenAt = statSync(segmentPath(blobDir, segment), { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - writtenAt < segmentQuietMs) continue;
    try {
      await moveRecords(session, blobDir, writer, segment);
      removeSegment(blobDir, segment);
      syncDir(blobDir);
      removedSegments++;
      freedBytes += length;
    } catch (error) {
      // A damaged record stays where it is, for scrub to report.
      log.warn({ segment, reason: errorText(error) }, 'a segment could not be compacted');
    }
  }
  const report = { droppedBlobs, removedSegments, freedBytes, droppedChanges };
  log.info(report, 'garbage was collected');
  return report;
}

/**
 * Locked first, judged after: a transaction that refers to a blob holds a share of its row's lock, and what it
 * committed before we got ours is seen by the next statement.
 */
async function dropBlobs(pool: Pool, beforeMs: number): Promise<number> {
  return pool.transaction('', async (session) => {
    const candidates = await session.all<[number]>(
      `SELECT blob_key FROM blob WHERE unreferenced_at < ? AND refs = 0 ORDER BY blob_key LIMIT ?
       FOR UPDATE SKIP LOCKED`,
      [beforeMs, DROP_STEP_BLOBS],
    );
    const keys = toList(candidates.map(([blobKey]) => blobKey));
    const dropped = await session.all<[number]>(
      `DELETE FROM blob WHERE ${session.dialect.isOneOf('blob_key')} AND refs = 0
       AND NOT EXISTS (SELECT FROM blob_reference WHERE blob_reference.blob_key = blob.blob_key) RETURNING blob_key`,
      [keys],
    );
    const gone = toList(dropped.map(([blobKey]) => blobKey));
    for (const table of ['message', 'message_structure'])
      await session.run(`DELETE FROM ${table} WHERE ${session.dialect.isOneOf('blob_key')}`, [gone]);
    return dropped.length;
  });
}

async function moveRecords(
  session: PostgresSession,
  blobDir: string,
  writer: BlobWriter,
  segment: number,
): Promise<void> {
  const blobs = new BlobFiles(blobDir);
  try {
    for (;;) {
      const rows = await session.all<[number, number, number]>(
        'SELECT blob_key, segment_offset, stored_bytes FROM blob WHERE segment = ? ORDER BY segment_offset LIMIT 50',
        [segment],
      );
      if (rows.length === 0) return;
      for (const [blobKey, offset, storedBytes] of rows) {
        const location = await writer.write(blobs.readRecord({ segment, offset, storedBytes }));
        await session.run('UPDATE blob SET segment = ?, segment_offset = ? WHERE blob_key = ?', [
          location.segment,
          location.offset,
          blobKey,
        ]);
      }
    }
  } finally {
    blobs.close();
  }
}
