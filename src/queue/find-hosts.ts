/** Which servers take mail for a domain: MX and addresses in the order to try them, or why there are none (RFC 5321 §5). */
import { isIPv4, isIPv6 } from 'node:net';
import type { Random } from '#base/random.ts';
import type { DnsAnswer, Resolver } from '#dns/resolver.ts';
import { isPrivateAddress } from './private-address.ts';

export interface MailHost {
  /** The server's name, for its certificate; of an address literal the address. */
  readonly name: string;
  /** Numeric. */
  readonly address: string;
  readonly port: number;
  /** Whether name and address were proven by DNSSEC, all the way from the destination. */
  readonly isAuthentic: boolean;
}

export interface NoHost {
  readonly kind: 'none';
  readonly isPermanent: boolean;
  /** RFC 3463. */
  readonly enhanced: string;
  readonly text: string;
}

export type HostsFound = { readonly kind: 'hosts'; readonly hosts: readonly MailHost[] } | NoHost;

export interface HostFinder {
  readonly resolver: Resolver;
  readonly random: Random;
  /** Ours: an MX that is no better than we are would bring the mail back. */
  readonly hostname: string;
  readonly port: number;
  /** Whether servers on loopback and private addresses may be tried: otherwise any domain could have us knock there. */
  readonly allowsPrivate: boolean;
  readonly prefersIPv6: boolean;
}

/** Servers looked up of one domain's, and addresses of one server: enough for everyone honest. */
const MAX_SERVERS = 8;
const MAX_ADDRESSES = 4;

/** Never rejects. A failing DNS is temporary; that there is no such domain has to be said by it. */
export async function findHosts(domain: string, finder: HostFinder): Promise<HostsFound> {
  if (domain.startsWith('[')) return findLiteral(domain, finder);
  const mx = await finder.resolver.mx(domain);
  if (mx.kind === 'failed') return dnsTrouble(domain, mx);
  if (mx.kind === 'absent' && mx.why === 'nxdomain') return none(true, '5.1.2', `There is no domain ${domain}`);
  const own = finder.hostname.toLowerCase();
  const loop = none(true, '5.4.6', `The best server of ${domain} is this one: mail would loop`);
  // RFC 5321 §5.1: without MX the domain itself is the server.
  if (mx.kind === 'absent') return domain === own ? loop : findAddresses([domain], mx.isAuthentic, domain, finder);
  // RFC 7505 §3.
  if (mx.records.every(({ exchange }) => exchange === ''))
    return none(true, '5.1.10', `The domain ${domain} takes no mail (null MX)`);
  const ordered = orderServers(mx.records, finder.random);
  const ours = ordered.find(({ exchange }) => exchange === own);
  // RFC 5321 §5.1: servers no better than ourselves are left out.
  const better = ours === undefined ? ordered : ordered.filter(({ preference }) => preference < ours.preference);
  if (better.length === 0) return loop;
  const names = better.slice(0, MAX_SERVERS).map(({ exchange }) => exchange);
  return findAddresses(names, mx.isAuthentic, domain, finder);
}

/** By preference; equal ones in random order, so that load spreads (RFC 5321 §5.1). */
function orderServers<T extends { readonly exchange: string; readonly preference: number }>(
  records: readonly T[],
  random: Random,
): T[] {
  return records
    .filter(({ exchange }) => exchange !== '')
    .map((record) => ({ record, lot: random.bytes(4).readUInt32LE() }))
    .toSorted((a, b) => a.record.preference - b.record.preference || a.lot - b.lot)
    .map(({ record }) => record);
}

async function findAddresses(
  names: readonly string[],
  isAuthentic: boolean,
  domain: string,
  finder: HostFinder,
): Promise<HostsFound> {
  const { resolver, port, allowsPrivate, prefersIPv6 } = finder;
  const looked = await Promise.all(
    names.map(async (name) => ({ name, answers: await Promise.all([resolver.a(name), resolver.aaaa(name)]) })),
  );
  const hosts: MailHost[] = [];
  let failed: Extract<DnsAnswer<string>, { kind: 'failed' }> | undefined;
  let refused = 0;
  for (const { name, answers } of looked) {
    for (const answer of prefersIPv6 ? answers.toReversed() : answers) {
      if (answer.kind === 'failed') failed ??= answer;
      if (answer.kind !== 'found') continue;
      for (const address of answer.records.slice(0, MAX_ADDRESSES)) {
        if (!allowsPrivate && isPrivateAddress(address)) refused++;
        else hosts.push({ name, address, port, isAuthentic: isAuthentic && answer.isAuthentic });
      }
    }
  }
  if (hosts.length > 0) return { kind: 'hosts', hosts };
  if (failed !== undefined) return dnsTrouble(domain, failed);
  if (refused > 0)
    return none(true, '5.4.4', `The servers of ${domain} have only private addresses, which are not tried`);
  return none(true, '5.4.4', `The servers of ${domain} have no address`);
}

function findLiteral(literal: string, { port, allowsPrivate }: HostFinder): HostsFound {
  const address = literal.slice(1, -1).replace(/^ipv6:/i, '');
  if (!isIPv4(address) && !isIPv6(address)) return none(true, '5.1.2', `${literal} is no address of a server`);
  if (!allowsPrivate && isPrivateAddress(address))
    return none(true, '5.4.4', `${literal} is a private address, which is not tried`);
  return { kind: 'hosts', hosts: [{ name: address, address, port, isAuthentic: false }] };
}

function dnsTrouble(domain: string, { why }: Extract<DnsAnswer<unknown>, { kind: 'failed' }>): NoHost {
  if (why === 'badName') return none(true, '5.1.2', `${domain} cannot be the name of a domain`);
  return none(false, '4.4.3', `The servers of ${domain} could not be looked up (${why})`);
}

function none(isPermanent: boolean, enhanced: string, text: string): NoHost {
  return { kind: 'none', isPermanent, enhanced, text };
}
