/**
 * Appends records to the one open segment of its owner. What is appended counts only after `sync`, and only when the
 * database names it; `rewind` takes back what a failed transaction appended. One owner a segment: the appender knows
 * nothing of other writers.
 */
import { closeSync, fdatasync, ftruncateSync, openSync, writevSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';
import { PROBE_BYTES, SEGMENT_AHEAD_BYTES, SEGMENT_BYTES } from '#store/limits.ts';
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

const ZEROS = Buffer.alloc(SEGMENT_AHEAD_BYTES);

export class SegmentAppender {
  readonly #options: AppenderOptions;
  readonly #limitBytes: number;
  #segment = 0;
  #fd: number | undefined;
  /** Behind the last record; the file itself is longer by the zeros written ahead. */
  #end = 0;
  #fileBytes = 0;
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
    this.#fileBytes = knownBytes;
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
    this.#cutOff(this.#fd);
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
    this.#closeFile();
    this.#fd = undefined;
    this.#segment = 0;
  }

  #closeFile(): void {
    if (this.#fd === undefined) return;
    this.#cutOff(this.#fd);
    closeSync(this.#fd);
  }

  /** Ends the file behind the last record. */
  #cutOff(fd: number): void {
    if (this.#fileBytes === this.#end) return;
    try {
      ftruncateSync(fd, this.#end);
      this.#fileBytes = this.#end;
    } catch {
      // What is left there is overwritten by the next append or cut off at the next start.
    }
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
    this.#closeFile();
    this.#fd = fd;
    this.#segment = segment;
    this.#end = 0;
    this.#fileBytes = 0;
    this.#suspect = false;
    this.#begunAt = this.#options.clock?.now() ?? 0;
  }

  #write(batch: readonly Uint8Array[]): void {
    if (batch.length === 0 || this.#fd === undefined) return;
    const start = this.#end;
    let rest = batch;
    try {
      while (rest.length > 0) rest = dropOctets(rest, this.#writeSome(this.#fd, rest));
    } catch (error) {
      this.#end = start;
      this.#cutOff(this.#fd);
      throw error;
    }
    this.#unsynced = true;
    if (this.#end === this.#fileBytes) this.#writeAhead(this.#fd);
  }

  /** Returns the octets written, of which `#end` knows. */
  #writeSome(fd: number, buffers: readonly Uint8Array[]): number {
    const written = (this.#options.write ?? writevSync)(fd, buffers, this.#end);
    this.#end += written;
    this.#fileBytes = Math.max(this.#fileBytes, this.#end);
    return written;
  }

  /**
   * Lengthens the file by zeros for the records to come. A sync after overwriting what the file has already need not
   * write the file system's journal: it takes half as long.
   */
  #writeAhead(fd: number): void {
    const bytes = Math.min(SEGMENT_AHEAD_BYTES, this.#limitBytes - this.#end);
    if (bytes <= 0) return;
    try {
      this.#fileBytes += (this.#options.write ?? writevSync)(fd, [ZEROS.subarray(0, bytes)], this.#end);
    } catch {
      // A full disk; records that still fit are appended as ever.
    }
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
