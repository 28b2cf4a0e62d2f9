/** Whether the world finds this server: the address of its name, and the MX of its domains. */
import { Resolver } from 'node:dns/promises';
import { errorText } from '#base/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** The look-ups needed; an empty list when the name has no such record. Rejects when nobody answers. */
export interface DnsLookup {
  /** Names, best first. */
  mailExchangers(domain: string): Promise<readonly string[]>;
  /** IPv4 and IPv6. */
  addresses(name: string): Promise<readonly string[]>;
}

const TIMEOUT_MS = 2_000;
/** RFC 2606 and RFC 6761: never in the public DNS. */
export const TEST_NAMES = /(?:^|\.)(?:example|example\.(?:com|net|org)|test|invalid|localhost|local|internal)$/;
const WHAT = 'dns';

export function systemLookup(servers: readonly string[]): DnsLookup {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  if (servers.length > 0) resolver.setServers(servers);
  const orNone = <T>(error: NodeJS.ErrnoException): readonly T[] => {
    if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return [];
    throw error;
  };
  return {
    async mailExchangers(domain) {
      const records = await resolver.resolveMx(domain).catch(orNone<{ exchange: string; priority: number }>);
      return records.toSorted((a, b) => a.priority - b.priority).map(({ exchange }) => canonical(exchange));
    },
    async addresses(name) {
      const lists = await Promise.all([
        resolver.resolve4(name).catch(orNone<string>),
        resolver.resolve6(name).catch(orNone<string>),
      ]);
      return lists.flat();
    },
  };
}

export async function checkDns(hostname: string, domains: readonly string[], lookup: DnsLookup): Promise<Finding[]> {
  if (TEST_NAMES.test(hostname) || !hostname.includes('.')) {
    return [ok(WHAT, `not checked: "${hostname}" is no name of the public DNS`)];
  }
  try {
    return [
      await checkHost(hostname, lookup),
      ...(await Promise.all(
        domains.filter((domain) => !TEST_NAMES.test(domain)).map((domain) => checkDomain(domain, hostname, lookup)),
      )),
    ];
  } catch (error) {
    return [warn(WHAT, `not checked, no resolver answers: ${errorText(error)}`)];
  }
}

async function checkHost(hostname: string, lookup: DnsLookup): Promise<Finding> {
  const addresses = await lookup.addresses(hostname);
  if (addresses.length === 0) {
    return fail(WHAT, `${hostname} has no address`, `Add an A record (and AAAA) for ${hostname}`);
  }
  return ok(WHAT, `${hostname} has ${addresses.join(', ')}`);
}

async function checkDomain(domain: string, hostname: string, lookup: DnsLookup): Promise<Finding> {
  const exchangers = await lookup.mailExchangers(domain);
  const add = `Add: ${domain}. MX 10 ${hostname}.`;
  if (exchangers.length === 0) return fail(WHAT, `${domain} has no MX record`, add);
  if (exchangers.includes(canonical(hostname))) return ok(WHAT, `mail for ${domain} comes to ${hostname}`);
  // A filter in front may be meant.
  return warn(
    WHAT,
    `mail for ${domain} goes to ${exchangers.join(', ')}, not to ${hostname}`,
    `If that is not meant: ${add}`,
  );
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
