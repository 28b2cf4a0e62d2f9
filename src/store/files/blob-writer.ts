/**
 * Makes single records durable for many callers at once: whatever is asked for while a sync runs shares the next one.
 */
import type { SegmentAppender } from './segment-appender.ts';
import type { BlobLocation } from './segments.ts';

interface Waiting {
  readonly record: Uint8Array;
  readonly resolve: (location: BlobLocation) => void;
  readonly reject: (error: unknown) => void;
}

export class BlobWriter {
  readonly #appender: SegmentAppender;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(appender: SegmentAppender) {
    this.#appender = appender;
  }

  /** The segment being appended to, which compaction leaves alone; 0 when none is open. */
  get segment(): number {
    return this.#appender.segment;
  }

  /** Appends a record; when this resolves it is on stable storage. Rejects with the file system's error. */
  write(record: Uint8Array): Promise<BlobLocation> {
    const { promise, resolve, reject } = Promise.withResolvers<BlobLocation>();
    this.#waiting.push({ record, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Waits for what is under way, then closes the segment. */
  async close(): Promise<void> {
    await this.#running;
    this.#appender.close();
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeAll(this.#waiting.splice(0));
    this.#running = undefined;
  }

  async #writeAll(batch: readonly Waiting[]): Promise<void> {
    const mark = this.#appender.mark();
    try {
      const locations = await this.#appender.append(batch.map(({ record }) => record));
      await this.#appender.sync();
      for (const [index, { resolve, reject }] of batch.entries()) {
        const location = locations[index];
        if (location === undefined) reject(new Error('a record was not appended'));
        else resolve(location);
      }
    } catch (error) {
      this.#appender.rewind(mark);
      for (const { reject } of batch) reject(error);
    }
  }
}
