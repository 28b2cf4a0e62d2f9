/** State made of other state. */
import type { Live } from './live.ts';

/** Reads a source; `key` names it from one computation to the next, so that it is made once. */
export type Read = <Value>(key: string, make: () => Live<Value>) => Value;

export interface Derived<Value> extends Live<Value> {
  /** What it depends on beside its sources has changed. */
  readonly recompute: () => void;
}

/**
 * Computed anew when one of the sources read last time has changed, and subscribed to just those while somebody listens to it.
 */
export function derive<Value>(compute: (read: Read) => Value): Derived<Value> {
  interface Source {
    readonly live: Live<unknown>;
    readonly seen: unknown;
  }
  const listeners = new Set<() => void>();
  const stops = new Map<string, () => void>();
  let sources = new Map<string, Source>();
  let current: { readonly value: Value } | undefined;

  const getSnapshot = (): Value => {
    if (current !== undefined && [...sources.values()].every(({ live, seen }) => live.getSnapshot() === seen))
      return current.value;
    const read = new Map<string, Source>();
    const value = compute((key, make) => {
      const live = (read.get(key) ?? sources.get(key))?.live ?? make();
      const seen = live.getSnapshot();
      read.set(key, { live, seen });
      return seen as ReturnType<ReturnType<typeof make>['getSnapshot']>;
    });
    sources = read;
    current = { value };
    return value;
  };

  const follow = (): void => {
    for (const [key, stop] of stops) {
      if (listeners.size > 0 && sources.has(key)) continue;
      stops.delete(key);
      stop();
    }
    if (listeners.size === 0) return;
    for (const [key, { live }] of sources) if (!stops.has(key)) stops.set(key, live.subscribe(changed));
  };

  const changed = (): void => {
    getSnapshot();
    follow();
    for (const listener of listeners) listener();
  };

  return {
    getSnapshot,
    subscribe(listener) {
      listeners.add(listener);
      getSnapshot();
      follow();
      return () => {
        listeners.delete(listener);
        follow();
      };
    },
    recompute() {
      current = undefined;
      changed();
    },
  };
}
