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

/** The first keys of a domain that was added, so that its DNS records can be told at once. */
export async function makeFirstKeys(system: ThreadSystem, domain: string): Promise<void> {
  if (system.config.dkim.automatic) await createDkimKeeper(system).makeMissingKeys(domain);
}

/** Begins at once; the first keys of a new domain are there some tenths of a second later. */
export function keepDkimKeys(system: ThreadSystem): { stop(): void } {
  const { directory, log, metrics, config } = system;
  if (!config.dkim.automatic) return { stop() {} };
  const keeper = createDkimKeeper(system);
  let isStopped = false;
  let isRunning = false;
  let told = 0;
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    try {
      let waiting = 0;
      for (const { domain } of await directory.listDomains()) {
        // The DNS may take long to say nothing: whoever ends the server does not wait for it.
        if (isStopped) return;
        waiting += await lookAfter(domain);
      }
      metrics.gauge('campusmail_dkim_keys_waiting', waiting - told);
      told = waiting;
    } catch (error) {
      if (!isStopped) log.error({ err: errorText(error) }, 'DKIM keys could not be looked after');
    } finally {
      isRunning = false;
    }
  };
  // One domain's trouble is not that of the next.
  const lookAfter = async (domain: string): Promise<number> => {
    try {
      return await keeper.lookAfter(domain);
    } catch (error) {
      if (!isStopped)
        log.error({ domain, err: errorText(error) }, 'the DKIM keys of a domain could not be looked after');
      return 0;
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
