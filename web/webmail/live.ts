/** State that lives outside React, in the shape that `useSyncExternalStore` takes. */
import { useSyncExternalStore } from 'react';

export interface Live<Value> {
  /** Calls `listener` after each change until the answer is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object as long as nothing changed. */
  readonly getSnapshot: () => Value;
}

export interface Settable<Value> extends Live<Value> {
  readonly set: (value: Value) => void;
}

export function createLive<Value>(initial: Value): Settable<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
  };
}

export function useLive<Value>(live: Live<Value>): Value {
  return useSyncExternalStore(live.subscribe, live.getSnapshot);
}
