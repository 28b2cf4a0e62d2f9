/** Which servers take mail for a domain: MX and addresses in the order to try them, or why there are none (RFC 5321 §5). */
import { isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from '#base/network-address.ts';
import type { Random } from '#base/random.ts';
import type { DnsAnswer, MxRecord, Resolver } from '#dns/resolver.ts';
import { isPrivateAddress } from './private-address.ts';

export interface MailHost {
  /** The server's name, for its certificate; of an address literal the address. */
  readonly name: string;
  /** Numeric. */
  readonly address: string;
  readonly port: number;
  /** Whether DNSSEC proved that the destination named it. */
  readonly isNameAuthentic: boolean;
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
  /** Likewise, by numeric address, where we listen on `port`. */
  readonly ownAddresses: () => ReadonlySet<string>;
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
  // RFC 5321 §5.1: without MX the domain itself is the server.
  if (mx.kind === 'absent') {
    if (domain === own) return loop(domain);
    return findAddresses([{ exchange: domain, preference: 0 }], mx.isAuthentic, domain, finder);
  }
  // RFC 7505 §3.
  if (mx.records.every(({ exchange }) => exchange === ''))
    return none(true, '5.1.10', `The domain ${domain} takes no mail (null MX)`);
  const ordered = orderServers(mx.records, finder.random);
  const better = leaveOutOurs(ordered, ({ exchange }) => exchange === own);
  if (better.length === 0) return loop(domain);
  return findAddresses(better.slice(0, MAX_SERVERS), mx.isAuthentic, domain, finder);
}

/** RFC 5321 §5.1: servers no better than ourselves are left out. `ordered` by preference. */
function leaveOutOurs<T extends { readonly preference: number }>(
  ordered: readonly T[],
  isOurs: (server: T) => boolean,
): readonly T[] {
  const ours = ordered.find(isOurs);
  return ours === undefined ? ordered : ordered.filter(({ preference }) => preference < ours.preference);
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
  servers: readonly MxRecord[],
  isNameAuthentic: boolean,
  domain: string,
  finder: HostFinder,
): Promise<HostsFound> {
  const { resolver, port, allowsPrivate, prefersIPv6 } = finder;
  const looked = await Promise.all(
    servers.map(async ({ exchange, preference }) => {
      const answers = await Promise.all([resolver.a(exchange), resolver.aaaa(exchange)]);
      return { name: exchange, preference, answers: prefersIPv6 ? answers.toReversed() : answers };
    }),
  );
  const ownAddresses = finder.ownAddresses();
  const better = leaveOutOurs(looked, ({ answers }) =>
    answers.some(
      (answer) => answer.kind === 'found' && answer.records.some((address) => ownAddresses.has(plainAddress(address))),
    ),
  );
  if (better.length === 0) return loop(domain);
  const hosts: MailHost[] = [];
  let failed: Extract<DnsAnswer<string>, { kind: 'failed' }> | undefined;
  let refused = 0;
  for (const { name, answers } of better) {
    for (const answer of answers) {
      if (answer.kind === 'failed') failed ??= answer;
      if (answer.kind !== 'found') continue;
      const isAuthentic = isNameAuthentic && answer.isAuthentic;
      for (const address of answer.records.slice(0, MAX_ADDRESSES)) {
        if (!allowsPrivate && isPrivateAddress(address)) refused++;
        else hosts.push({ name, address, port, isNameAuthentic, isAuthentic });
      }
    }
  }
  if (hosts.length > 0) return { kind: 'hosts', hosts };
  if (failed !== undefined) return dnsTrouble(domain, failed);
  if (refused > 0)
    return none(true, '5.4.4', `The servers of ${domain} have only private addresses, which are not tried`);
  return none(true, '5.4.4', `The servers of ${domain} have no address`);
}

function findLiteral(literal: string, { port, allowsPrivate, ownAddresses }: HostFinder): HostsFound {
  const address = literal.slice(1, -1).replace(/^ipv6:/i, '');
  if (!isIPv4(address) && !isIPv6(address)) return none(true, '5.1.2', `${literal} is no address of a server`);
  if (ownAddresses().has(plainAddress(address))) return loop(literal);
  if (!allowsPrivate && isPrivateAddress(address))
    return none(true, '5.4.4', `${literal} is a private address, which is not tried`);
  return { kind: 'hosts', hosts: [{ name: address, address, port, isNameAuthentic: false, isAuthentic: false }] };
}

function loop(domain: string): NoHost {
  return none(true, '5.4.6', `The best server of ${domain} is this one: mail would loop`);
}

function dnsTrouble(domain: string, { why }: Extract<DnsAnswer<unknown>, { kind: 'failed' }>): NoHost {
  if (why === 'badName') return none(true, '5.1.2', `${domain} cannot be the name of a domain`);
  return none(false, '4.4.3', `The servers of ${domain} could not be looked up (${why})`);
}

function none(isPermanent: boolean, enhanced: string, text: string): NoHost {
  return { kind: 'none', isPermanent, enhanced, text };
}
