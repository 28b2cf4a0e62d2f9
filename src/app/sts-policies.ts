/** MTA-STS policies of others: fetched by HTTPS by way of our own resolver, and kept in the store. */
import { createTextFetcher } from '#http/fetch-text.ts';
import type { createTlsTrust } from '#queue/connect-out.ts';
import { StsPolicies } from '#trust/mta-sts.ts';
import { createAddressFinder } from './public-addresses.ts';
import type { ThreadSystem } from './system.ts';

/** `port` is another than 443 only in tests. */
export function openStsPolicies(
  system: Pick<ThreadSystem, 'resolver' | 'clock' | 'trustStore' | 'config'>,
  trust: ReturnType<typeof createTlsTrust>,
  port?: number,
): StsPolicies {
  const { resolver, clock, trustStore } = system;
  const findAddresses = createAddressFinder(system);
  return new StsPolicies({
    resolver,
    clock,
    fetchText: createTextFetcher({ clock, findAddresses, trust, ...(port === undefined ? {} : { port }) }),
    cache: {
      get: (domain) => trustStore.reader.stsPolicy(domain),
      put: async (domain, policy) => void (await trustStore.run('keepStsPolicy', { domain, policy })),
    },
  });
}
