/** Sorting that lets others have the thread in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAIL_LIMITS } from '#mail/limits.ts';

/** A new array, stable. */
export async function sortInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const step = MAIL_LIMITS.entriesAtOnce;
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += step) {
    if (at > 0) await nextTurn();
    runs.push(items.slice(at, at + step).toSorted(compare));
  }
  while (runs.length > 1) {
    const joined: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) joined.push(await merge(runs[at] ?? [], runs[at + 1] ?? [], compare));
    runs = joined;
  }
  return runs[0] ?? [];
}

async function merge<T>(left: readonly T[], right: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const merged: T[] = [];
  let at = 0;
  for (const item of left) {
    for (; at < right.length && compare(right[at] as T, item) < 0; at++) merged.push(right[at] as T);
    merged.push(item);
    if (merged.length % MAIL_LIMITS.entriesAtOnce === 0) await nextTurn();
  }
  for (; at < right.length; at++) merged.push(right[at] as T);
  return merged;
}
