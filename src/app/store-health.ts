/** Whether the store reads and writes, asked of the store itself, but not more often than is cheap. */
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { System } from './system.ts';

/** An answer is given again for this long: a probe costs two syncs. */
const PROBE_EVERY_MS = 5_000;
/** A store that takes longer is no store that works. */
const PATIENCE_MS = 3_000;

/** What is asked. */
export interface ProbedSystem {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly directoryStore: { readonly reader: Pick<System['directoryStore']['reader'], 'domains'> };
  readonly maintenance: Pick<System['maintenance'], 'probe'>;
}

export class StoreHealth {
  readonly #system: ProbedSystem;
  #last: { readonly troubles: readonly string[]; readonly atMs: number } | undefined;
  #running: Promise<readonly string[]> | undefined;

  constructor(system: ProbedSystem) {
    this.#system = system;
  }

  /** What is wrong, in words; empty when all is well. Answers within PATIENCE_MS, and never rejects. */
  async findTroubles(): Promise<readonly string[]> {
    const { clock } = this.#system;
    if (this.#running === undefined && this.#last !== undefined) {
      if (clock.monotonic() - this.#last.atMs < PROBE_EVERY_MS) return this.#last.troubles;
    }
    // One that hangs is not followed by others.
    this.#running ??= this.#probe();
    const { promise: late, resolve } = Promise.withResolvers<readonly string[]>();
    const cancel = clock.after(PATIENCE_MS, () => resolve([`the store takes longer than ${PATIENCE_MS / 1000} s`]));
    try {
      return await Promise.race([this.#running, late]);
    } finally {
      cancel();
    }
  }

  async #probe(): Promise<readonly string[]> {
    const { clock, directoryStore, maintenance } = this.#system;
    const troubles: string[] = [];
    const note = (what: string) => (error: unknown) => void troubles.push(`the store ${what}: ${errorText(error)}`);
    await directoryStore.reader.domains().catch(note('does not answer'));
    if (troubles.length === 0) await maintenance.probe().catch(note('cannot write'));
    this.#last = { troubles, atMs: clock.monotonic() };
    this.#running = undefined;
    return troubles;
  }
}
