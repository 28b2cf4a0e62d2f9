/** Which DNS servers are asked, and which of them are believed when they say that an answer is authentic. */
import { isIP } from 'node:net';
import { isLoopback } from '#base/network-address.ts';

export interface DnsServer {
  /** Numeric. */
  readonly address: string;
  readonly port: number;
  /**
   * Whether its AD bit is believed. The bit is only as good as the way it came: a forger between us and the server, or
   * a server that copies the bit from elsewhere, undoes DANE (RFC 6698 §A.3, RFC 7672 §2.1).
   */
  readonly isTrusted: boolean;
}

/** `auto`: servers on this machine, and those of a resolv.conf that says `trust-ad`. */
export type TrustAd = 'auto' | 'always' | 'never';

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:5353`; undefined when it is none of these. */
export function parseDnsServer(text: string): { readonly address: string; readonly port: number } | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3] ?? 53);
  if (isIP(address) !== (match?.[1] === undefined ? 4 : 6) || port < 1 || port > 65_535) return undefined;
  return { address, port };
}

/** The servers of settings that parseDnsServer reads, and of the text of /etc/resolv.conf when there are none. */
export function chooseDnsServers(settings: {
  readonly servers: readonly string[];
  readonly trustAd: TrustAd;
  /** resolv.conf(5). Without a server in it, there is one on this machine. */
  readonly resolvConf: string;
}): DnsServer[] {
  const system = settings.servers.length === 0 ? readResolvConf(settings.resolvConf) : undefined;
  const trusts = (address: string): boolean => {
    if (settings.trustAd !== 'auto') return settings.trustAd === 'always';
    return system?.trustsAd === true || isLoopback(address);
  };
  return (system?.servers ?? settings.servers)
    .map((text) => parseDnsServer(text))
    .filter((server) => server !== undefined)
    .map((server) => ({ ...server, isTrusted: trusts(server.address) }));
}

function readResolvConf(text: string): { readonly servers: readonly string[]; readonly trustsAd: boolean } {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const servers = lines
    .filter(([keyword]) => keyword === 'nameserver')
    .map(([, address = '']) => address)
    .filter((address) => isIP(address) !== 0);
  return {
    servers: servers.length === 0 ? ['127.0.0.1'] : servers,
    trustsAd: lines.some(([keyword, ...options]) => keyword === 'options' && options.includes('trust-ad')),
  };
}
