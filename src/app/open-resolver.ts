/** The resolver of one thread, by the settings; the only file that reads /etc/resolv.conf. */
import { readFileSync } from 'node:fs';
import { systemClock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import { CachingResolver } from '#dns/caching-resolver.ts';
import type { Resolver } from '#dns/resolver.ts';
import { chooseDnsServers } from '#dns/servers.ts';
import type { Config } from './config.ts';

/** Which servers the system has is read once: a change of resolv.conf takes a restart. */
export function openResolver(config: Config, log: Logger, metrics: Metrics): Resolver {
  const servers = chooseDnsServers({ ...config.dns, resolvConf: readResolvConf(log) });
  return new CachingResolver({ servers, clock: systemClock, random: systemRandom, log, metrics });
}

function readResolvConf(log: Logger): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch (error) {
    log.warn({ err: errorText(error) }, '/etc/resolv.conf cannot be read');
    return '';
  }
}
