/** Looks after the DKIM keys of every domain, now and then while the server runs. */
import { errorText } from '#base/errors.ts';
import { DkimKeeper } from '#trust/dkim-keeper.ts';
import type { ThreadSystem } from './system.ts';

/** How soon a record that was put into the DNS is seen. */
const EVERY_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;

export function createDkimKeeper({ trustStore, resolver, clock, log, config }: ThreadSystem): DkimKeeper {
  const { algorithms, rotateDays } = config.dkim;
  return new DkimKeeper({ store: trustStore, resolver, clock, log, algorithms, rotateAfterMs: rotateDays * DAY_MS });
}

/** Begins at once; the first keys of a new domain are there some tenths of a second later. */
export function keepDkimKeys(system: ThreadSystem): { stop(): void } {
  const { directory, log, config } = system;
  if (!config.dkim.automatic) return { stop() {} };
  const keeper = createDkimKeeper(system);
  let isStopped = false;
  let isRunning = false;
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    try {
      for (const { domain } of await directory.listDomains()) {
        // The DNS may take long to say nothing: whoever ends the server does not wait for it.
        if (isStopped) return;
        await keeper.lookAfter(domain);
      }
    } catch (error) {
      if (!isStopped) log.error({ err: errorText(error) }, 'DKIM keys could not be looked after');
    } finally {
      isRunning = false;
    }
  };
  const timer = setInterval(() => void run(), EVERY_MS);
  timer.unref();
  void run();
  return {
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
