/** Looks after the DKIM keys of every domain, now and then while the server runs. */
import { DAY_MS } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import { repeat } from '#base/repeat.ts';
import { DkimKeeper } from '#trust/dkim-keeper.ts';
import type { ThreadSystem } from './system.ts';

/** How soon a record that was put into the DNS is seen. */
const EVERY_MS = 10 * 60_000;

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
  const { directory, clock, log, metrics, config } = system;
  if (!config.dkim.automatic) return { stop() {} };
  const keeper = createDkimKeeper(system);
  let told = 0;
  // One domain's trouble is not that of the next.
  const lookAfter = (domain: string, isStopped: () => boolean): Promise<number> =>
    keeper.lookAfter(domain).catch((error: unknown) => {
      if (!isStopped())
        log.error({ domain, err: errorText(error) }, 'the DKIM keys of a domain could not be looked after');
      return 0;
    });
  return repeat({
    clock,
    pauseMs: () => EVERY_MS,
    isAtOnce: true,
    async run(isStopped) {
      let waiting = 0;
      for (const { domain } of await directory.listDomains()) {
        // The DNS may take long to say nothing: whoever ends the server does not wait for it.
        if (isStopped()) return;
        waiting += await lookAfter(domain, isStopped);
      }
      metrics.gauge('campusmail_dkim_keys_waiting', waiting - told);
      told = waiting;
    },
    onFailure: (error) => log.error({ err: errorText(error) }, 'DKIM keys could not be looked after'),
  });
}
