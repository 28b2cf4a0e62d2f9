/** What makes the search index, put together for whichever thread does it. */
import { systemClock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import { FileReader } from '#search/file-reader.ts';
import { Indexer } from '#search/indexer.ts';
import type { StoreClient } from './storage.ts';

export interface Indexing {
  /** Indexes some of what waits; resolves to how much waited before, 0 when nothing does. */
  step(): Promise<number>;
  close(): Promise<void>;
}

/** Indexes on this thread, a slice of some 50 ms at a time. */
export function openIndexing({ search, mail }: Pick<StoreClient, 'search' | 'mail'>, log: Logger): Indexing {
  const files = new FileReader(systemClock, log);
  const indexer = new Indexer({ index: search, source: mail.reader, readFiles: files.readFiles, log });
  return {
    step: () => indexer.step(),
    close: () => files.close(),
  };
}
