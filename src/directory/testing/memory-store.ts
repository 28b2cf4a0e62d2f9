/** A directory store in memory that notes what is read of it, and can fail or keep silent. */
import type { Clock } from '#base/clock.ts';
import type { DirectoryReader, DirectoryStore } from '#directory/ports/directory-store.ts';
import type { AccountId } from '#directory/types.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { readerAround } from '#store/reader-around.ts';

export async function openDirectoryStore(clock: Clock): Promise<MemoryDirectoryStore> {
  return new MemoryDirectoryStore((await openMemoryStore({ clock })).directory);
}

export class MemoryDirectoryStore implements DirectoryStore {
  readonly reader: DirectoryReader;
  /** Calls of the committed reader, in order. */
  readonly reads: string[] = [];
  /** Whether watchers are told; off, a test sees what holds without them. */
  notifies = true;
  /** When set, every read rejects with it. */
  fault: Error | undefined;
  readonly #inner: DirectoryStore;

  constructor(inner: DirectoryStore) {
    this.#inner = inner;
    this.reader = readerAround(inner.reader, async (name, call) => {
      if (this.fault !== undefined) throw this.fault;
      this.reads.push(name);
      return call();
    });
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#inner.run(name, structuredClone(args));
  }

  watch(listener: (accountId: AccountId) => void): () => void {
    return this.#inner.watch((accountId) => {
      if (this.notifies) listener(accountId);
    });
  }
}
