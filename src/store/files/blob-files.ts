/**
 * Reads blobs from segment files by location, whole or by range, checking every chunk it touches. Damage and missing
 * files are `unavailable` and name blob and segment; they never end the process.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MailError, errorText } from '#base/errors.ts';
import { CHUNK_BYTES, OPEN_SEGMENTS } from '#store/limits.ts';
import { RecordDamage, decodeChunk, decodeHeader, headerLength } from './record.ts';
import { type BlobLocation, segmentPath } from './segments.ts';

/** The segment file is gone: it was compacted since the location was looked up (look again), or lost. */
export class SegmentGone extends Error {}

/** Records up to this many octets are read in one piece. */
const ONE_READ_BYTES = CHUNK_BYTES + 128;

export class BlobFiles {
  readonly #blobDir: string;
  /** Least recently used first. */
  readonly #open = new Map<number, number>();

  constructor(blobDir: string) {
    this.#blobDir = blobDir;
  }

  /** Octets [start, end) of the blob, clamped. Throws SegmentGone, or `unavailable` when the record is damaged. */
  async read(location: BlobLocation, sizeBytes: number, start = 0, end = sizeBytes): Promise<Buffer> {
    const from = Math.min(Math.max(0, start), sizeBytes);
    const to = Math.max(from, Math.min(end, sizeBytes));
    if (from === to) return Buffer.alloc(0);
    try {
      return location.storedBytes <= ONE_READ_BYTES && sizeBytes <= CHUNK_BYTES
        ? this.#readSmall(location, from, to)
        : await this.#readChunks(location, sizeBytes, from, to);
    } catch (error) {
      if (error instanceof SegmentGone) throw error;
      throw damaged(location, error);
    }
  }

  /** The whole record as it lies there, unchecked. Throws SegmentGone. */
  readRecord(location: BlobLocation): Buffer {
    return this.#pread(location, 0, location.storedBytes);
  }

  /** Forgets a segment, so that its disk space is returned once it is deleted. */
  forget(segment: number): void {
    const fd = this.#open.get(segment);
    if (fd === undefined) return;
    this.#open.delete(segment);
    closeSync(fd);
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  #readSmall(location: BlobLocation, from: number, to: number): Buffer {
    const record = this.#pread(location, 0, location.storedBytes);
    const header = decodeHeader(record);
    const chunk = header.chunks[0];
    if (chunk === undefined || header.chunks.length > 1) throw new RecordDamage('the record is not the one expected');
    return decodeChunk(header, 0, record.subarray(chunk.offset, chunk.offset + chunk.storedBytes)).subarray(from, to);
  }

  async #readChunks(location: BlobLocation, sizeBytes: number, from: number, to: number): Promise<Buffer> {
    const header = decodeHeader(this.#pread(location, 0, headerLength(sizeBytes)));
    if (header.sizeBytes !== sizeBytes) throw new RecordDamage('the record is not the one expected');
    const out = Buffer.allocUnsafeSlow(to - from);
    const first = Math.floor(from / header.chunkBytes);
    const last = Math.floor((to - 1) / header.chunkBytes);
    for (let index = first; index <= last; index++) {
      // Half a millisecond a chunk: others get the thread in between.
      if (index > first) await nextTurn();
      const chunk = header.chunks[index];
      if (chunk === undefined) throw new RecordDamage('the record is cut off');
      const raw = decodeChunk(header, index, this.#pread(location, chunk.offset, chunk.storedBytes));
      const chunkStart = index * header.chunkBytes;
      const part = raw.subarray(Math.max(0, from - chunkStart), Math.min(raw.length, to - chunkStart));
      out.set(part, Math.max(0, chunkStart - from));
    }
    return out;
  }

  #pread(location: BlobLocation, offset: number, length: number): Buffer {
    const fd = this.#descriptor(location.segment);
    const buffer = Buffer.allocUnsafeSlow(length);
    let done = 0;
    while (done < length) {
      const count = readSync(fd, buffer, done, length - done, location.offset + offset + done);
      if (count === 0) throw new RecordDamage('the segment ends before the record');
      done += count;
    }
    return buffer;
  }

  #descriptor(segment: number): number {
    let fd = this.#open.get(segment);
    if (fd !== undefined) {
      this.#open.delete(segment);
      this.#open.set(segment, fd);
      return fd;
    }
    try {
      fd = openSync(segmentPath(this.#blobDir, segment), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new SegmentGone(`segment ${segment} is gone`, { cause: error });
      throw error;
    }
    for (const oldest of this.#open.keys()) {
      if (this.#open.size < OPEN_SEGMENTS) break;
      this.forget(oldest);
    }
    this.#open.set(segment, fd);
    return fd;
  }
}

/** `unavailable`, for a record that cannot be read. */
export function damaged(location: BlobLocation, cause: unknown): MailError {
  return new MailError('unavailable', `A message cannot be read: ${errorText(cause)}`, {
    cause,
    data: { segment: location.segment, offset: location.offset },
  });
}
