/**
 * Finds a server that takes mail for a destination and connects: routes, then hosts in order, then TLS as well as it
 * can be had. Which messages go over the connection is the sender's.
 */
import type { Clock } from '#base/clock.ts';
import { isIP } from 'node:net';
import { openSmtpConnection } from '#smtp/client/connection.ts';
import type { OpenResult, SmtpConnection } from '#smtp/client/connection.ts';
import type { SmtpClientLimits } from '#smtp/client/limits.ts';
import type { ConnectionFailure } from '#smtp/client/reply.ts';
import type { TlsPolicy, TlsTrust } from '#smtp/client/tls.ts';
import type { TlsObservation, TlsResult } from '#trust/tls-report.ts';
import { findHosts } from './find-hosts.ts';
import type { HostFinder, HostsFound, MailHost, NoHost } from './find-hosts.ts';
import type { HostTroubles } from './host-troubles.ts';
import { QUEUE_LIMITS } from './limits.ts';
import { OPPORTUNISTIC, resultOf } from './plan-tls.ts';
import type { PlanTls, TlsPlan, TlsSkip } from './plan-tls.ts';
import { findRoute } from './routes.ts';
import type { Relay, Route } from './routes.ts';

export { createTlsTrust } from '#smtp/client/tls.ts';

export interface OutwardSettings extends HostFinder {
  readonly clock: Clock;
  readonly routes: readonly Route[];
  readonly planTls: PlanTls;
  readonly troubles: HostTroubles;
  /** Each session with a domain's own server, for the reports that domains ask for (RFC 8460). */
  readonly observeTls: (observation: TlsObservation) => void;
  readonly trust?: TlsTrust;
  readonly clientLimits?: Partial<SmtpClientLimits>;
}

/** A connection, to whom, and what the domain had to say of its TLS. */
export interface OpenConnection {
  readonly connection: SmtpConnection;
  readonly host: MailHost;
  readonly plan: TlsPlan;
}

export type ConnectResult =
  | ({ readonly kind: 'open' } & OpenConnection)
  /** Nobody can be asked at all. */
  | NoHost
  /** Every server that was tried failed; the failure of the one that came furthest, of equal ones the first. */
  | {
      readonly kind: 'unreachable';
      readonly failure: ConnectionFailure;
      readonly host: MailHost;
      /** Addresses that were left for the next attempt. */
      readonly untried: number;
    };

/**
 * Takes not much longer than QUEUE_LIMITS.connectingMs. Rejects only as `planTls` does. `needsProof`: only a server that
 * proved its name will do (REQUIRETLS). `signal` hangs up, also when it is open.
 */
export async function connectOut(
  destination: string,
  settings: OutwardSettings,
  needsProof = false,
  signal?: AbortSignal,
): Promise<ConnectResult> {
  const { clock, troubles } = settings;
  const route = findRoute(settings.routes, destination);
  const found = route.relays.length === 0 ? await findHosts(destination, settings) : await findRelays(route, settings);
  if (found.kind === 'none') return found;
  const untilMs = clock.monotonic() + QUEUE_LIMITS.connectingMs;
  let furthest: { readonly failure: ConnectionFailure; readonly host: MailHost } | undefined;
  let untried = found.hosts.length;
  let connections = 0;
  for (const host of troubles.putLast(found.hosts)) {
    const isEnough = connections === QUEUE_LIMITS.addressesPerAttempt || clock.monotonic() >= untilMs;
    if (isEnough || signal?.aborted === true) break;
    untried--;
    const plan = await planFor(destination, host, route, settings, needsProof);
    let failure: ConnectionFailure;
    if ('skip' in plan) {
      failure = { kind: 'connectionFailed', stage: 'none', why: 'tls', message: plan.text };
      observeTls(destination, host, plan.basis, plan.skip, settings);
    } else {
      connections++;
      const result = await connectTo(destination, host, plan, route, settings, { untilMs, signal });
      if (result.kind === 'open') {
        troubles.clear(host);
        return { ...result, host, plan };
      }
      if (isUnresponsive(result)) troubles.note(host);
      failure = result;
    }
    if (furthest === undefined || progressOf(failure) > progressOf(furthest.failure)) furthest = { failure, host };
  }
  return furthest === undefined
    ? { kind: 'none', isPermanent: false, enhanced: '4.4.1', text: `No server of ${destination} to try` }
    : { kind: 'unreachable', ...furthest, untried };
}

/**
 * Not so where it said something, were it only no: the next time its turn comes first again (RFC 5321 §5.1). What one
 * domain asks of a server's TLS says nothing to others, nor does what is wrong with this machine.
 */
function isUnresponsive({ why }: ConnectionFailure): boolean {
  return ['refused', 'unreachable', 'timeout', 'reset', 'closed', 'garbage'].includes(why);
}

/** The failure of a server that spoke says more than that of one that did not, and that more than a missing route. */
function progressOf({ stage, why }: ConnectionFailure): number {
  if (stage === 'none') return 0;
  if (stage !== 'connect') return 3;
  return why === 'unreachable' || why === 'local' ? 1 : 2;
}

async function connectTo(
  destination: string,
  host: MailHost,
  plan: TlsPlan,
  route: Route,
  settings: OutwardSettings,
  { untilMs, signal }: { readonly untilMs: number; readonly signal: AbortSignal | undefined },
): Promise<OpenResult> {
  const { clock, random, hostname, trust, clientLimits } = settings;
  const serverName = plan.serverName ?? host.name;
  const options = {
    address: host.address,
    port: host.port,
    hostname,
    clock,
    random,
    ...(isIP(serverName) === 0 ? { serverName } : {}),
    ...(route.security === 'tls' ? { implicitTls: true } : {}),
    ...(route.localAddress === undefined ? {} : { localAddress: route.localAddress }),
    ...(route.credential === undefined ? {} : { credential: route.credential }),
    ...(trust === undefined ? {} : { trust }),
    ...(signal === undefined ? {} : { signal }),
  };
  const open = (tls: TlsPolicy): Promise<OpenResult> => {
    const openTimeoutMs = Math.min(clientLimits?.openTimeoutMs ?? Infinity, untilMs - clock.monotonic());
    return openSmtpConnection({ ...options, tls, limits: { ...clientLimits, openTimeoutMs } });
  };
  const result = await open(plan.policy);
  const tls = result.kind === 'open' ? result.connection.tls : result.tls;
  if (tls !== undefined) observeTls(destination, host, plan.basis, resultOf(plan, tls), settings);
  // RFC 7435 §3: rather in the clear than not at all, where nobody promised more. Never with a password.
  const isHandshake = result.kind === 'connectionFailed' && result.stage === 'starttls' && tls !== undefined;
  if (!isHandshake || plan.policy.kind !== 'opportunistic' || route.credential !== undefined) return result;
  return open({ kind: 'never' });
}

/** Of relays and address literals nobody wants to hear. */
function observeTls(
  policyDomain: string,
  host: MailHost,
  policyType: TlsPlan['basis'],
  result: TlsResult,
  settings: OutwardSettings,
): void {
  if (policyType === undefined) return;
  settings.observeTls({ policyDomain, policyType, mxHost: host.name, result, receivingIp: host.address });
}

async function planFor(
  destination: string,
  host: MailHost,
  route: Route,
  settings: OutwardSettings,
  needsProof: boolean,
): Promise<TlsPlan | TlsSkip> {
  const isRelay = route.relays.length > 0;
  const plan = isRelay ? OPPORTUNISTIC : await settings.planTls(destination, host);
  const isEnough = !needsProof && route.security === 'opportunistic';
  if (isEnough || 'skip' in plan || plan.policy.kind === 'dane') return plan;
  return { ...plan, policy: { kind: 'verified' } };
}

/** Relays are named by the operator: private addresses are theirs to choose. */
async function findRelays({ relays }: Route, settings: OutwardSettings): Promise<HostsFound> {
  const hosts: MailHost[] = [];
  let trouble: string | undefined;
  for (const { host, port } of relays) {
    if (isIP(host) !== 0) hosts.push({ name: host, address: host, port, isNameAuthentic: false, isAuthentic: false });
    else {
      const answers = await Promise.all([settings.resolver.a(host), settings.resolver.aaaa(host)]);
      for (const answer of answers) {
        if (answer.kind === 'failed') trouble ??= `The relay ${host} could not be looked up (${answer.why})`;
        if (answer.kind !== 'found') continue;
        for (const address of answer.records)
          hosts.push({ name: host, address, port, isNameAuthentic: false, isAuthentic: false });
      }
    }
  }
  if (hosts.length > 0) return { kind: 'hosts', hosts };
  // A relay that has no address is the operator's mistake: the mail can wait until it is mended.
  const text = trouble ?? `No relay has an address (${relays.map(({ host }: Relay) => host).join(', ')})`;
  return { kind: 'none', isPermanent: false, enhanced: '4.4.4', text };
}
