/** What the server does for itself while it runs: garbage collection, now and then, one run at a time. */
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { Maintenance } from './storage.ts';

/** Deleted mail gives its space back within a day at most; a run over nothing costs a few look-ups. */
const EVERY_MS = 6 * 3_600_000;

export function startHousekeeping(maintenance: Maintenance, log: Logger): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
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
