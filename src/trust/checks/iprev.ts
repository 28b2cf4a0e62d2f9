/** iprev (RFC 8601 §3): do the names of an address lead back to it? */
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { MAX_PTR_NAMES } from '#trust/limits.ts';
import type { IprevResult } from '#trust/types.ts';
import type { DnsQueries } from './dns-queries.ts';

/** `address` is numeric. `permerror`: it has no name; `temperror`: nobody could say. */
export async function checkIprev(address: string, queries: DnsQueries): Promise<IprevResult> {
  const answer = await queries.ask((resolver) => resolver.ptr(address));
  if (answer.kind !== 'found') {
    return { result: answer.kind === 'absent' ? 'permerror' : 'temperror', address, confirmedNames: [] };
  }
  const wanted = normalise(address);
  let isUnsure = false;
  const names = await Promise.all(
    answer.records.slice(0, MAX_PTR_NAMES).map(async (name) => {
      const addresses = await queries.ask((resolver) => (isIPv6(address) ? resolver.aaaa(name) : resolver.a(name)));
      if (addresses.kind === 'failed') isUnsure = true;
      return addresses.kind === 'found' && addresses.records.some((one) => normalise(one) === wanted) ? [name] : [];
    }),
  );
  const confirmedNames = names.flat();
  if (confirmedNames.length > 0) return { result: 'pass', address, confirmedNames };
  return { result: isUnsure ? 'temperror' : 'fail', address, confirmedNames };
}

function normalise(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toNormalizedString() : address;
}
