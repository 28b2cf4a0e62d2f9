/** Work that is done again and again while the server runs, one run at a time. */
import type { Clock } from './clock.ts';

export interface Repeated {
  readonly clock: Clock;
  /** Milliseconds from the end of a run to the next one. */
  readonly pauseMs: () => number;
  /** The first run does not wait. */
  readonly isAtOnce?: boolean;
  /** `isStopped` becomes true while it runs: what may take long then ends by itself. */
  readonly run: (isStopped: () => boolean) => Promise<void>;
  /** A run failed, and was not stopped. */
  readonly onFailure: (error: unknown) => void;
}

export interface Repetition {
  /** No run begins any more; one that is under way is not waited for. */
  stop(): void;
  /** Resolves when no run is under way. */
  settled(): Promise<void>;
}

export function repeat({ clock, pauseMs, isAtOnce = false, run, onFailure }: Repeated): Repetition {
  let isStopped = false;
  let cancel = (): void => {};
  let running: Promise<void> | undefined;
  const wait = (): void => {
    running = undefined;
    if (!isStopped) cancel = clock.after(pauseMs(), begin);
  };
  const begin = (): void => {
    running = run(() => isStopped)
      .catch((error: unknown) => {
        if (!isStopped) onFailure(error);
      })
      .then(wait);
  };
  if (isAtOnce) begin();
  else wait();
  return {
    stop() {
      isStopped = true;
      cancel();
    },
    settled: () => running ?? Promise.resolve(),
  };
}
