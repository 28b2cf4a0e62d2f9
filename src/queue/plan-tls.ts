/**
 * How a server of a destination has to prove itself before it gets mail: by DANE where the DNS says so and is vouched
 * for, else by the MTA-STS policy of the domain, else not at all. Opens no connection.
 */
import type { Clock } from '#base/clock.ts';
import type { Resolver } from '#dns/resolver.ts';
import type { TlsPolicy, TlsReport } from '#smtp/client/tls.ts';
import { matchChain, readDemand } from '#trust/dane.ts';
import type { DaneDemand } from '#trust/dane.ts';
import { allowsMx } from '#trust/mta-sts.ts';
import type { StsPolicies } from '#trust/mta-sts.ts';
import type { TlsPolicyType, TlsResult } from '#trust/tls-report.ts';
import type { MailHost } from './find-hosts.ts';
import { QUEUE_LIMITS } from './limits.ts';

/** What the domain says of one of its servers. */
export interface TlsPlan {
  /** Whose word it is; undefined where nobody is asked: of relays, and of address literals. */
  readonly basis: TlsPolicyType | undefined;
  readonly policy: TlsPolicy;
  /** Whom to ask for by SNI, where that is not the host's name. */
  readonly serverName?: string;
  /** Whether a certificate that does not fit is a failure that the domain wants to hear of. */
  readonly wantsProof: boolean;
  /** What was wrong before anybody connected; the mail goes nevertheless. */
  readonly flaw?: TlsResult;
}

/** The domain does not stand by this server, or nobody can say whether it does: not to be used now. */
export interface TlsSkip {
  readonly basis: TlsPolicyType;
  readonly skip: TlsResult;
  /** One line, for people. */
  readonly text: string;
}

export type PlanTls = (destination: string, host: MailHost) => Promise<TlsPlan | TlsSkip>;

export const OPPORTUNISTIC: TlsPlan = { basis: undefined, policy: { kind: 'opportunistic' }, wantsProof: false };

export interface TlsPlanParts {
  readonly resolver: Resolver;
  readonly policies: StsPolicies;
  readonly clock: Clock;
}

/** The planner for servers on the internet. It rejects when kept policies cannot be read: then nobody may connect. */
export function createTlsPlanner(parts: TlsPlanParts): PlanTls {
  return async (destination, host) => {
    if (destination.startsWith('[')) return OPPORTUNISTIC;
    const { demand, base } = await findDemand(host, parts.resolver);
    if (demand.kind === 'wait') {
      const text = `Whether ${host.name} has TLSA records could not be looked up (${demand.message})`;
      return { basis: 'tlsa', skip: 'dnssec-invalid', text };
    }
    // RFC 8461 §2: MTA-STS never takes the place of DANE that fails.
    if (demand.kind === 'match') return planDane(demand, base, host, destination, parts.clock);
    const plan = await planSts(destination, host, parts.policies);
    if (demand.kind === 'none' || 'skip' in plan || plan.policy.kind === 'verified') return plan;
    // RFC 7672 §2.2: records that nobody can use still say that there is TLS.
    return { basis: 'tlsa', policy: { kind: 'encrypted' }, wantsProof: false, flaw: 'tlsa-invalid' };
  };
}

interface FoundDemand {
  readonly demand: DaneDemand;
  /** The name whose records they are (RFC 7672 §2.2.2: TLSA base domain). */
  readonly base: string;
}

/** RFC 7672 §2.2.2: of a server that is an alias, the records of what it stands for come first. */
async function findDemand(host: MailHost, resolver: Resolver): Promise<FoundDemand> {
  const none: FoundDemand = { demand: { kind: 'none' }, base: host.name };
  if (!host.isNameAuthentic) return none;
  // Where it leads from a signed name into what is not signed is no matter.
  const alias = await followAliases(host.name, resolver, host.isAuthentic ? QUEUE_LIMITS.aliases : 1);
  if (typeof alias !== 'string') return { ...none, demand: alias };
  // RFC 7672 §2.1.1, §2.2.2: below what is not signed nobody is asked; but a signed alias may lead there.
  if (!host.isAuthentic && alias === host.name) return none;
  const bases = host.isAuthentic ? new Set([alias, host.name]) : [host.name];
  for (const base of bases) {
    const demand = readDemand(await resolver.tlsa(`_${host.port}._tcp.${base}`));
    if (demand.kind !== 'none') return { demand, base };
  }
  return none;
}

/** Where signed aliases lead from a name: to itself, mostly. */
async function followAliases(
  name: string,
  resolver: Resolver,
  most: number,
): Promise<string | Extract<DaneDemand, { kind: 'wait' }>> {
  let end = name;
  for (let steps = 0; steps < most; steps++) {
    const answer = await resolver.cname(end);
    if (answer.kind === 'failed') return { kind: 'wait', message: answer.message };
    const [target] = answer.kind === 'found' && answer.isAuthentic ? answer.records : [];
    if (target === undefined) break;
    end = target;
  }
  return end;
}

function planDane(
  { records }: Extract<DaneDemand, { kind: 'match' }>,
  base: string,
  host: MailHost,
  destination: string,
  clock: Clock,
): TlsPlan {
  // RFC 7672 §3.2.2, §3.2.3.
  const names = [...new Set([base, host.name, destination])];
  const judge: Extract<TlsPolicy, { kind: 'dane' }>['judge'] = (chain) => {
    const verdict = matchChain(records, chain, names, clock.now());
    return verdict.kind === 'match' ? undefined : { result: verdict.why, detail: verdict.message };
  };
  return { basis: 'tlsa', policy: { kind: 'dane', judge }, serverName: base, wantsProof: true };
}

async function planSts(destination: string, host: MailHost, policies: StsPolicies): Promise<TlsPlan | TlsSkip> {
  const found = await policies.find(destination);
  if (found.kind === 'none') return { ...OPPORTUNISTIC, basis: 'no-policy-found' };
  if (found.kind === 'failed') return { ...OPPORTUNISTIC, basis: 'sts', flaw: found.why };
  const { policy } = found;
  const isListed = allowsMx(policy, host.name);
  if (policy.mode === 'enforce') {
    if (isListed) return { basis: 'sts', policy: { kind: 'verified' }, wantsProof: true };
    const text = `${host.name} is none of the servers that the MTA-STS policy of ${destination} names`;
    return { basis: 'sts', skip: 'validation-failure', text };
  }
  // RFC 8461 §5: of a policy that is being tested the domain hears, and gets its mail.
  return { ...OPPORTUNISTIC, basis: 'sts', wantsProof: isListed, ...(isListed ? {} : { flaw: 'validation-failure' }) };
}

/** What a TLS report counts a session as. */
export function resultOf({ wantsProof, flaw }: TlsPlan, { version, problem }: TlsReport): TlsResult {
  if (problem !== undefined && (version === undefined || wantsProof)) return problem.result;
  return flaw ?? 'success';
}

/** How a session was protected: `campusmail_queue_sessions_total` counts by these. */
export type Protection = 'plaintext' | 'unverified' | 'certificate' | 'mta-sts' | 'dane';

export function protectionOf({ basis }: TlsPlan, tls: TlsReport | undefined): Protection {
  if (tls?.version === undefined) return 'plaintext';
  if (tls.verifiedBy === undefined) return 'unverified';
  if (tls.verifiedBy === 'dane') return 'dane';
  return basis === 'sts' ? 'mta-sts' : 'certificate';
}

const PROTECTION_WORDS: Readonly<Record<Exclude<Protection, 'plaintext'>, string>> = {
  unverified: 'not verified',
  certificate: 'verified by its certificate',
  'mta-sts': 'verified by MTA-STS',
  dane: 'verified by DANE',
};

/** `TLS 1.3, verified by DANE`, for the trace. */
export function describeProtection(plan: TlsPlan, tls: TlsReport | undefined): string {
  const protection = protectionOf(plan, tls);
  if (protection === 'plaintext') return 'in plaintext';
  return `${(tls?.version ?? 'TLS').replace('TLSv', 'TLS ')}, ${PROTECTION_WORDS[protection]}`;
}
