/** Where strangers' web servers may be asked: by our own resolver, and not at private doors. */
import type { DnsAnswer } from '#dns/resolver.ts';
import { isPrivateAddress } from '#queue/private-address.ts';
import type { ThreadSystem } from './system.ts';

/** Numeric addresses of a name, or in words why there are none: as for mail, where any stranger could have us knock. */
export function createAddressFinder({
  resolver,
  config,
}: Pick<ThreadSystem, 'resolver' | 'config'>): (host: string) => Promise<readonly string[] | string> {
  return async (host) => {
    const answers = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
    const found = answers.flatMap((answer) => (answer.kind === 'found' ? answer.records : []));
    const allowed = config.queue.privateAddresses ? found : found.filter((address) => !isPrivateAddress(address));
    if (allowed.length > 0) return allowed;
    if (found.length > 0) return `${host} has only private addresses`;
    const failed = answers.find((answer): answer is DnsAnswer<string> & { kind: 'failed' } => answer.kind === 'failed');
    return failed?.message ?? `${host} has no address`;
  };
}
