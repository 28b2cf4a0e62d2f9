/** A section in memory: plain data, copied for each operation and swapped when it succeeds, one after another. */
import type { Clock } from '#base/clock.ts';
import { type Operations, type SectionKey, type SectionName, findOperation } from '#store/operations.ts';

export interface MemorySectionOptions<Data> {
  readonly section: SectionName;
  readonly operations: Operations;
  readonly clock: Clock;
  readonly empty: Data;
  readonly copy: (data: Data) => Data;
  readonly open: (data: Data, nowMs: number) => { readonly nowMs: number; readonly touched?: ReadonlySet<SectionKey> };
}

export class MemorySection<Data> {
  readonly #options: MemorySectionOptions<Data>;
  readonly #listeners = new Set<(key: SectionKey) => void>();
  #last: Promise<unknown> = Promise.resolve();
  #data: Data;

  constructor(options: MemorySectionOptions<Data>) {
    this.#options = options;
    this.#data = options.empty;
  }

  /** As committed. */
  get data(): Data {
    return this.#data;
  }

  run(name: string, args: unknown): Promise<unknown> {
    const value = this.#last.then(() => this.#runOne(name, args));
    this.#last = value.catch(() => {});
    return value;
  }

  watch(listener: (key: SectionKey) => void): () => void {
    const entry = (key: SectionKey): void => listener(key);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async #runOne(name: string, args: unknown): Promise<unknown> {
    const { section, operations, clock, copy, open } = this.#options;
    const operation = findOperation(operations, section, name);
    const data = copy(this.#data);
    const tx = open(data, clock.now());
    // Values cross threads in the other stores: what cannot, fails here too.
    const value: unknown = structuredClone(await operation.run(tx as never, args as never));
    this.#data = data;
    queueMicrotask(() => {
      for (const key of tx.touched ?? []) for (const listener of this.#listeners) listener(key);
    });
    return value;
  }
}
