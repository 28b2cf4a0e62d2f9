/**
 * Gives memory back when a thread comes to rest. V8 collects only when it needs room, so what a morning's load left
 * behind would stay until the next one.
 */
import { performance } from 'node:perf_hooks';

/** How often a thread looks whether it rests, milliseconds. */
const LOOK_EVERY_MS = 3_000;
/** The share of that time it may have been at work. */
const AT_REST = 0.02;
/** Work since the last collection, milliseconds: after less there is little to find. */
const WORTH_COLLECTING_MS = 500;

export interface Rest {
  /** Milliseconds this thread has been at work since it began. */
  activeMs(): number;
  /** Collects all garbage; holds the thread some tens of milliseconds. */
  collect(): void;
}

/** For the thread that calls it. Without `--expose-gc` nothing happens. */
export function collectGarbageAtRest(rest: Rest | undefined = thisThread()): { stop(): void } {
  if (rest === undefined) return { stop() {} };
  let seenMs = rest.activeMs();
  let collectedMs = 0;
  const timer = setInterval(() => {
    const activeMs = rest.activeMs();
    const isAtRest = activeMs - seenMs < AT_REST * LOOK_EVERY_MS;
    seenMs = activeMs;
    if (!isAtRest || activeMs - collectedMs < WORTH_COLLECTING_MS) return;
    rest.collect();
    seenMs = collectedMs = rest.activeMs();
  }, LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function thisThread(): Rest | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  return {
    activeMs: () => performance.eventLoopUtilization().active,
    // Also what caches could do without: compiled code that was not run lately.
    collect: () => gc({ type: 'major', flavor: 'last-resort' }),
  };
}
