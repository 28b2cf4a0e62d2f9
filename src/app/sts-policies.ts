/** MTA-STS policies of others: fetched by HTTPS by way of our own resolver, and kept in the store. */
import type { DnsAnswer } from '#dns/resolver.ts';
import { createTextFetcher } from '#http/fetch-text.ts';
import { isPrivateAddress } from '#queue/private-address.ts';
import type { createTlsTrust } from '#queue/connect-out.ts';
import { StsPolicies } from '#trust/mta-sts.ts';
import type { ThreadSystem } from './system.ts';

/** `port` is another than 443 only in tests. */
export function openStsPolicies(
  { resolver, clock, trustStore, config }: Pick<ThreadSystem, 'resolver' | 'clock' | 'trustStore' | 'config'>,
  trust: ReturnType<typeof createTlsTrust>,
  port?: number,
): StsPolicies {
  /** As for mail: where any domain could have us knock, it is not at private doors. */
  const findAddresses = async (host: string): Promise<readonly string[] | string> => {
    const answers = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
    const found = answers.flatMap((answer) => (answer.kind === 'found' ? answer.records : []));
    const allowed = config.queue.privateAddresses ? found : found.filter((address) => !isPrivateAddress(address));
    if (allowed.length > 0) return allowed;
    if (found.length > 0) return `${host} has only private addresses`;
    const failed = answers.find((answer): answer is DnsAnswer<string> & { kind: 'failed' } => answer.kind === 'failed');
    return failed?.message ?? `${host} has no address`;
  };
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
