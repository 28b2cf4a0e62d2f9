/**
 * Finds a server that takes mail for a destination and connects: routes, then hosts in order, then TLS as well as it
 * can be had. Which messages go over the connection is the sender's.
 */
import type { Clock } from '#base/clock.ts';
import { isIP } from 'node:net';
import { openSmtpConnection } from '#smtp/client/connection.ts';
import type { SmtpConnection } from '#smtp/client/connection.ts';
import type { SmtpClientLimits } from '#smtp/client/limits.ts';
import type { ConnectionFailure } from '#smtp/client/reply.ts';
import type { TlsPolicy, TlsTrust } from '#smtp/client/tls.ts';
import { findHosts } from './find-hosts.ts';
import type { HostFinder, HostsFound, MailHost, NoHost } from './find-hosts.ts';
import { findRoute } from './routes.ts';
import type { Relay, Route } from './routes.ts';

export { createTlsTrust } from '#smtp/client/tls.ts';

/** How a server has to prove itself, by what its domain says (MTA-STS, DANE); `skip`: it is not one of the domain's. */
export type TlsPlan =
  | { readonly kind: 'use'; readonly policy: TlsPolicy }
  | { readonly kind: 'skip'; readonly text: string };
export type PlanTls = (destination: string, host: MailHost) => Promise<TlsPlan>;

export interface OutwardSettings extends HostFinder {
  readonly clock: Clock;
  readonly routes: readonly Route[];
  readonly planTls: PlanTls;
  readonly trust?: TlsTrust;
  readonly clientLimits?: Partial<SmtpClientLimits>;
}

export type ConnectResult =
  | { readonly kind: 'open'; readonly connection: SmtpConnection; readonly host: MailHost }
  /** Nobody can be asked at all. */
  | NoHost
  /** Every server failed; the last one's failure. */
  | { readonly kind: 'unreachable'; readonly failure: ConnectionFailure; readonly host: MailHost };

/** Never rejects. `needsProof`: only a server that proved its name will do (REQUIRETLS). */
export async function connectOut(
  destination: string,
  settings: OutwardSettings,
  needsProof = false,
): Promise<ConnectResult> {
  const route = findRoute(settings.routes, destination);
  const found = route.relays.length === 0 ? await findHosts(destination, settings) : await findRelays(route, settings);
  if (found.kind === 'none') return found;
  let last: Extract<ConnectResult, { kind: 'unreachable' }> | undefined;
  for (const host of found.hosts) {
    const plan = await planFor(destination, host, route, settings, needsProof);
    if (plan.kind === 'skip') {
      const failure: ConnectionFailure = { kind: 'connectionFailed', stage: 'none', why: 'tls', message: plan.text };
      last ??= { kind: 'unreachable', failure, host };
      continue;
    }
    const result = await connectTo(host, plan.policy, route, settings);
    if (result.kind === 'open') return { ...result, host };
    last = { kind: 'unreachable', failure: result, host };
  }
  return last ?? { kind: 'none', isPermanent: false, enhanced: '4.4.1', text: `No server of ${destination} to try` };
}

async function connectTo(
  host: MailHost,
  policy: TlsPolicy,
  route: Route,
  settings: OutwardSettings,
): Promise<Awaited<ReturnType<typeof openSmtpConnection>>> {
  const { clock, random, hostname, trust, clientLimits } = settings;
  const options = {
    address: host.address,
    port: host.port,
    hostname,
    clock,
    random,
    ...(isIP(host.name) === 0 ? { serverName: host.name } : {}),
    ...(route.security === 'tls' ? { implicitTls: true } : {}),
    ...(route.localAddress === undefined ? {} : { localAddress: route.localAddress }),
    ...(route.credential === undefined ? {} : { credential: route.credential }),
    ...(trust === undefined ? {} : { trust }),
    ...(clientLimits === undefined ? {} : { limits: clientLimits }),
  };
  const result = await openSmtpConnection({ ...options, tls: policy });
  // RFC 7435 §3: rather in the clear than not at all, where nobody promised more. Never with a password.
  const isHandshake = result.kind === 'connectionFailed' && result.stage === 'tls';
  if (!isHandshake || policy.kind !== 'opportunistic' || route.credential !== undefined) return result;
  return openSmtpConnection({ ...options, tls: { kind: 'never' } });
}

async function planFor(
  destination: string,
  host: MailHost,
  route: Route,
  settings: OutwardSettings,
  needsProof: boolean,
): Promise<TlsPlan> {
  const verified: TlsPlan = { kind: 'use', policy: { kind: 'verified' } };
  if (route.relays.length > 0) {
    if (route.security !== 'opportunistic' || needsProof) return verified;
    return { kind: 'use', policy: { kind: 'opportunistic' } };
  }
  const plan = await settings.planTls(destination, host);
  return needsProof && plan.kind === 'use' && plan.policy.kind === 'opportunistic' ? verified : plan;
}

/** Relays are named by the operator: private addresses are theirs to choose. */
async function findRelays({ relays }: Route, settings: OutwardSettings): Promise<HostsFound> {
  const hosts: MailHost[] = [];
  let trouble: string | undefined;
  for (const { host, port } of relays) {
    if (isIP(host) !== 0) hosts.push({ name: host, address: host, port, isAuthentic: false });
    else {
      const answers = await Promise.all([settings.resolver.a(host), settings.resolver.aaaa(host)]);
      for (const answer of answers) {
        if (answer.kind === 'failed') trouble ??= `The relay ${host} could not be looked up (${answer.why})`;
        if (answer.kind !== 'found') continue;
        for (const address of answer.records) hosts.push({ name: host, address, port, isAuthentic: false });
      }
    }
  }
  if (hosts.length > 0) return { kind: 'hosts', hosts };
  // A relay that has no address is the operator's mistake: the mail can wait until it is mended.
  const text = trouble ?? `No relay has an address (${relays.map(({ host }: Relay) => host).join(', ')})`;
  return { kind: 'none', isPermanent: false, enhanced: '4.4.4', text };
}
