/**
 * The short pieces that garbage collection is made of, run by the writer between two groups. What to do, and how
 * much of it, is decided elsewhere (maintenance.ts).
 */
import type { DatabaseSync } from 'node:sqlite';
import { BlobFiles } from '#store/files/blob-files.ts';
import type { SegmentAppender } from '#store/files/segment-appender.ts';
import { removeSegment, segmentLength, syncDir } from '#store/files/segments.ts';
import { COMPACT_STEP_BYTES, DROP_STEP_BLOBS } from '#store/limits.ts';
import { TOUCH_DATABASE } from '#store/sql/migrate.ts';
import { deleteRows, integers } from '#store/sql/statements.ts';
import type { SqliteSession } from './database.ts';
import type { MaintenanceStep } from './messages.ts';

export class MaintenanceSteps {
  readonly #db: DatabaseSync;
  readonly #session: SqliteSession;
  readonly #appender: SegmentAppender;
  readonly #blobDir: string;
  readonly #blobs: BlobFiles;
  readonly #takeFailure: () => Error | undefined;

  /** `takeFailure`: why mail could not be written of late, if it could not. */
  constructor(
    db: DatabaseSync,
    session: SqliteSession,
    appender: SegmentAppender,
    blobDir: string,
    takeFailure: () => Error | undefined,
  ) {
    this.#db = db;
    this.#session = session;
    this.#appender = appender;
    this.#blobDir = blobDir;
    this.#blobs = new BlobFiles(blobDir);
    this.#takeFailure = takeFailure;
  }

  async run(step: MaintenanceStep): Promise<number> {
    switch (step.name) {
      case 'dropBlobs':
        return this.#dropBlobs(step.beforeMs);
      case 'dropChanges':
        return this.#session.run('DELETE FROM change_log WHERE account_id = ? AND modseq <= ?', [
          step.accountId,
          step.upToModSeq,
        ]);
      case 'moveRecords':
        return this.#moveRecords(step.segment, step.fromOffset);
      case 'removeSegment':
        return this.#removeSegment(step.segment);
      case 'openSegment':
        return this.#appender.segment;
      case 'checkpoint':
        return this.checkpoint();
      case 'probe':
        return this.#probe();
    }
  }

  /** Empties the WAL if no reader is in the way; never waits for one. */
  checkpoint(): number {
    this.#db.exec('PRAGMA busy_timeout = 0');
    try {
      const row = this.#session.get<[number]>('PRAGMA wal_checkpoint(TRUNCATE)', []);
      return row?.[0] ?? 1;
    } catch {
      return 1;
    } finally {
      this.#db.exec('PRAGMA busy_timeout = 5000');
    }
  }

  close(): void {
    this.#blobs.close();
  }

  /** A little may still find room where mail did not: what mail met counts first. */
  async #probe(): Promise<number> {
    const failed = this.#takeFailure();
    if (failed !== undefined) throw failed;
    await this.#appender.probe();
    await this.#transaction(() => this.#session.run(TOUCH_DATABASE, []));
    return 0;
  }

  async #dropBlobs(beforeMs: number): Promise<number> {
    return this.#transaction(() => {
      const rows = this.#session.all<[number]>(
        'SELECT blob_key FROM blob WHERE unreferenced_at < ? AND refs = 0 LIMIT ?',
        [beforeMs, DROP_STEP_BLOBS],
      );
      for (const table of ['message', 'message_structure', 'blob'])
        this.#session.write(deleteRows(table, integers('blob_key')), rows);
      return rows.length;
    });
  }

  /** Copies the next live records to the open segment, makes them durable, and only then points the rows there. */
  async #moveRecords(segment: number, fromOffset: number): Promise<number> {
    type Row = [number, number, number];
    const candidates = this.#session.all<Row>(
      `SELECT blob_key, segment_offset, stored_bytes FROM blob WHERE segment = ? AND segment_offset >= ?
       ORDER BY segment_offset LIMIT 1000`,
      [segment, fromOffset],
    );
    const moved: Row[] = [];
    const records: Buffer[] = [];
    let bytes = 0;
    for (const row of candidates) {
      if (bytes >= COMPACT_STEP_BYTES) break;
      records.push(this.#blobs.readRecord({ segment, offset: row[1], storedBytes: row[2] }));
      moved.push(row);
      bytes += row[2];
    }
    const last = moved.at(-1);
    if (last === undefined) return -1;
    const mark = this.#appender.mark();
    try {
      const locations = await this.#appender.append(records);
      await this.#appender.sync();
      await this.#transaction(() => {
        for (const [index, row] of moved.entries()) {
          const location = locations[index];
          if (location === undefined) throw new Error('a record was not appended');
          this.#session.run('UPDATE blob SET segment = ?, segment_offset = ? WHERE blob_key = ?', [
            location.segment,
            location.offset,
            row[0],
          ]);
        }
      });
    } catch (error) {
      this.#appender.rewind(mark);
      throw error;
    }
    return last[1] + last[2];
  }

  #removeSegment(segment: number): number {
    const named = this.#session.get<[number]>('SELECT count(*) FROM blob WHERE segment = ?', [segment]);
    if (segment === this.#appender.segment || named?.[0] !== 0) throw new Error(`segment ${segment} is in use`);
    const length = segmentLength(this.#blobDir, segment);
    this.#blobs.forget(segment);
    removeSegment(this.#blobDir, segment);
    syncDir(this.#blobDir);
    return length;
  }

  /** Always fully synced: files are removed on the strength of it. */
  async #transaction<T>(run: () => T): Promise<T> {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const value = run();
      this.#db.exec('COMMIT');
      return value;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
