/** What the server does for itself while it runs: garbage collection, now and then, one run at a time. */
import { errorText } from '#base/errors.ts';
import type { System } from './system.ts';

/** Deleted mail gives its space back within a day at most; a run over nothing costs a few look-ups. */
const EVERY_MS = 6 * 3_600_000;
/** Traces forgotten by one operation. */
const TRACES_AT_ONCE = 500;

export function startHousekeeping({ maintenance, log, clock, config, traceStore }: System): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      const before = clock.now() - config.trace.keepDays * 86_400_000;
      while ((await traceStore.run('forget', { before, limit: TRACES_AT_ONCE })) === TRACES_AT_ONCE);
      const report = await maintenance.collectGarbage();
      log.info({ ...report }, 'garbage collected');
    } catch (error) {
      log.error({ err: errorText(error) }, 'garbage could not be collected');
    }
  };
  const timer = setInterval(() => {
    running ??= run().finally(() => {
      running = undefined;
    });
  }, EVERY_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
