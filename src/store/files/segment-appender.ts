/**
 * Appends records to the one open segment of its owner. What is appended counts only after `sync`, and only when the
 * database names it; `rewind` takes back what a failed transaction appended. One owner a segment: the appender knows
 * nothing of other writers.
 */
import { closeSync, fdatasync, ftruncateSync, openSync, writevSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';
import { PROBE_BYTES, SEGMENT_BYTES } from '#store/limits.ts';
import { type BlobLocation, segmentLength, segmentPath, syncDir } from './segments.ts';

export interface AppenderOptions {
  readonly blobDir: string;
  /** The number of the next segment to create; asked once for each. */
  readonly nextSegment: () => number | Promise<number>;
  readonly segmentBytes?: number;
  /** With `openMs`: a segment is left for a new one that long after it was begun. */
  readonly clock?: Clock;
  readonly openMs?: number;
  /** Replaces the write itself, so that tests can have a full disk. Returns the octets written. */
  readonly write?: (fd: number, buffers: readonly Uint8Array[], position: number) => number;
}

export class SegmentAppender {
  readonly #options: AppenderOptions;
  readonly #limitBytes: number;
  #segment = 0;
  #fd: number | undefined;
  #end = 0;
  #unsynced = false;
  #suspect = false;
  #begunAt = 0;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#limitBytes = options.segmentBytes ?? SEGMENT_BYTES;
  }

  /** The segment being appended to; 0 when none is open. */
  get segment(): number {
    return this.#segment;
  }

  /** Goes on with a segment whose first `knownBytes` are in use; a torn tail behind them is cut off. */
  resume(segment: number, knownBytes: number): void {
    const length = segmentLength(this.#options.blobDir, segment);
    // A shorter file than the rows say is damage that scrub reports; nothing is appended to it.
    if (length < knownBytes || knownBytes >= this.#limitBytes) return;
    this.#fd = openSync(segmentPath(this.#options.blobDir, segment), 'r+');
    this.#segment = segment;
    this.#end = knownBytes;
    if (length > knownBytes) ftruncateSync(this.#fd, knownBytes);
  }

  /** A point to rewind to. */
  mark(): { segment: number; end: number } {
    return { segment: this.#segment, end: this.#end };
  }

  /** Appends records, all of them or (when the disk is full) none. They are not durable before `sync` resolves. */
  async append(records: readonly Uint8Array[]): Promise<BlobLocation[]> {
    const locations: BlobLocation[] = [];
    let batch: Uint8Array[] = [];
    if (this.#isUsedUp()) await this.#openNext();
    let end = this.#end;
    for (const record of records) {
      if (end >= this.#limitBytes) {
        this.#write(batch);
        batch = [];
        await this.sync();
        await this.#openNext();
        end = 0;
      }
      locations.push({ segment: this.#segment, offset: end, storedBytes: record.length });
      batch.push(record);
      end += record.length;
    }
    this.#write(batch);
    return locations;
  }

  /** Resolves when everything appended so far is on stable storage. */
  async sync(): Promise<void> {
    const fd = this.#fd;
    if (fd === undefined || !this.#unsynced) return;
    this.#unsynced = false;
    await new Promise<void>((resolve, reject) => {
      fdatasync(fd, (error) => {
        if (error === null) return resolve();
        // After a failed sync the kernel may count lost pages as written: nothing more goes into this file.
        this.#suspect = true;
        reject(error);
      });
    });
  }

  /** Takes back everything appended since `mark`. Segments begun since then stay, empty. */
  rewind(mark: { segment: number; end: number }): void {
    if (this.#fd === undefined) return;
    const end = mark.segment === this.#segment ? mark.end : 0;
    if (this.#end === end) return;
    this.#end = end;
    try {
      ftruncateSync(this.#fd, end);
    } catch {
      // What is left there is overwritten by the next append or cut off at the next start.
    }
  }

  /** Makes PROBE_BYTES durable behind what is there and takes them back. Rejects with the file system's error. */
  async probe(): Promise<void> {
    const mark = this.mark();
    try {
      await this.append([new Uint8Array(PROBE_BYTES)]);
      await this.sync();
    } finally {
      this.rewind(mark);
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#segment = 0;
  }

  #isUsedUp(): boolean {
    const { clock, openMs } = this.#options;
    const isOld = clock !== undefined && openMs !== undefined && clock.now() - this.#begunAt > openMs;
    return this.#suspect || this.#fd === undefined || this.#end >= this.#limitBytes || isOld;
  }

  async #openNext(): Promise<void> {
    const segment = await this.#options.nextSegment();
    const fd = openSync(segmentPath(this.#options.blobDir, segment), 'wx', 0o600);
    syncDir(this.#options.blobDir);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = fd;
    this.#segment = segment;
    this.#end = 0;
    this.#suspect = false;
    this.#begunAt = this.#options.clock?.now() ?? 0;
  }

  #write(batch: readonly Uint8Array[]): void {
    if (batch.length === 0 || this.#fd === undefined) return;
    const start = this.#end;
    let rest = batch;
    let position = start;
    try {
      while (rest.length > 0) {
        const written = (this.#options.write ?? writevSync)(this.#fd, rest, position);
        position += written;
        rest = dropOctets(rest, written);
      }
    } catch (error) {
      this.#end = position;
      this.rewind({ segment: this.#segment, end: start });
      throw error;
    }
    this.#end = position;
    this.#unsynced = true;
  }
}

/** What is left of `buffers` after their first `count` octets. */
function dropOctets(buffers: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let index = 0;
  let left = count;
  while (index < buffers.length && left >= (buffers[index]?.length ?? 0)) left -= buffers[index++]?.length ?? 0;
  const rest = buffers.slice(index);
  const first = rest[0];
  if (left > 0 && first !== undefined) rest[0] = first.subarray(left);
  return rest;
}
