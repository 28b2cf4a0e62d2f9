/** The sending side of the server: composes queue, resolver and what tells senders, and starts it. */
import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import type { AddressResolution } from '#directory/address-resolution.ts';
import { resolveAtHost } from '#directory/resolve-at-host.ts';
import { deliverHere } from '#forwarding/deliver-here.ts';
import type { Forwarding } from '#forwarding/forwarding.ts';
import { postToGroup } from '#groups/post-to-group.ts';
import type { Posting } from '#groups/post-to-group.ts';
import { createTlsTrust } from '#queue/connect-out.ts';
import type { OutwardSettings } from '#queue/connect-out.ts';
import { HostTroubles } from '#queue/host-troubles.ts';
import { createTlsPlanner } from '#queue/plan-tls.ts';
import { Reporter } from '#queue/reporter.ts';
import { Sender } from '#queue/sender.ts';
import type { DeliverLocally } from '#queue/sender.ts';
import type { QueuedMessage } from '#queue/types.ts';
import { findOwnAddresses } from './own-addresses.ts';
import { isShared } from './storage.ts';
import { openStsPolicies } from './sts-policies.ts';
import { deriveSecret } from './secret.ts';
import type { ThreadSystem } from './system.ts';

type LocalResult = Awaited<ReturnType<DeliverLocally>>[number];

/** Resolves once the queue is being worked on. */
export async function startOutbound(system: ThreadSystem): Promise<Sender> {
  const { config, clock, random, log, metrics, queue, trace, directory, mail, resolver, observer, lastSessions } =
    system;
  const trust = createTlsTrust([]);
  const outward: OutwardSettings = {
    resolver,
    random,
    clock,
    hostname: config.hostname,
    port: config.queue.port,
    allowsPrivate: config.queue.privateAddresses,
    prefersIPv6: config.queue.preferIPv6,
    routes: config.queue.routes,
    trust,
    planTls: createTlsPlanner({ resolver, clock, policies: openStsPolicies(system, trust) }),
    troubles: new HostTroubles(clock),
    observeTls: (observation) => observer.tls(observation),
    ownAddresses: () => findOwnAddresses(config),
  };
  const surroundings = { ...system, forwarding: openForwarding(system) };
  const deliverLocally: DeliverLocally = async (queued, octets, recipients) => {
    const at = clock.now();
    const resolutions = await Promise.all(
      recipients.map(({ address }) => resolveAtHost(directory, config.hostname, address)),
    );
    const accountIds = new Set(resolutions.flatMap(accountsOf));
    const haveIt = new Set<AccountId | string>();
    const incoming = {
      message: mail.prepareMessage(octets),
      octets,
      receivedAt: at,
      envelope: queued,
      peer: { remoteAddress: '', helo: '' },
    };
    const { outcomes, events } = await deliverHere(surroundings, incoming, [...accountIds], haveIt);
    for (const event of events) trace.event(queued.queueId, event);
    const judge = async (resolution: AddressResolution): Promise<LocalResult> => {
      if (resolution.kind === 'group')
        return postLater(surroundings, { queued, octets, haveIt, group: resolution.group });
      if (resolution.kind === 'resting')
        return { kind: 'later', failure: { at, enhanced: '4.3.2', text: 'The domain is under maintenance' } };
      const [accountId] = accountsOf(resolution);
      if (accountId === undefined) {
        const enhanced = resolution.kind === 'notReceiving' ? '5.2.1' : '5.1.1';
        return { kind: 'failed', failure: { at, enhanced, text: 'There is no such mailbox here (any more)' } };
      }
      const reached = accountsOf(resolution).map((id) => outcomes.get(id));
      const outcome = reached.find((one) => one?.ok === true) ?? reached[0];
      if (outcome?.ok === true) return { kind: 'gone' };
      const { code, message } = outcome?.error ?? { code: 'fault', message: 'no answer' };
      if (code === 'overQuota')
        return { kind: 'later', failure: { at, enhanced: '4.2.2', text: 'The mailbox is full' } };
      if (code === 'tooLarge') return { kind: 'failed', failure: { at, enhanced: '5.2.3', text: message } };
      return { kind: 'later', failure: { at, enhanced: '4.3.0', text: message } };
    };
    const results: LocalResult[] = [];
    // One after another: who is in several groups gets it once.
    for (const resolution of resolutions) results.push(await judge(resolution));
    return results;
  };
  const sender = new Sender({
    queue,
    outward,
    reporter: openReporter(system),
    trace,
    deliverLocally,
    clock,
    random,
    log,
    metrics,
    sessions: lastSessions,
    isAlone: !isShared(config),
  });
  await sender.start();
  return sender;
}

/** A message for later whose time has come, to a group. Who is in it now gets it, if its sender still may write to it. */
async function postLater(
  system: ThreadSystem & { readonly forwarding: Forwarding },
  { queued, octets, haveIt, group }: Pick<Posting, 'octets' | 'haveIt' | 'group'> & { readonly queued: QueuedMessage },
): Promise<LocalResult> {
  const at = system.clock.now();
  const { accountId } = queued;
  const failed = (enhanced: string, text: string): LocalResult => ({ kind: 'failed', failure: { at, enhanced, text } });
  const sender = accountId === null ? undefined : ({ kind: 'account', accountId } as const);
  if (!(await system.directory.mayPost(group, sender))) return failed('5.7.1', 'You may not write to this group');
  const outcome = await postToGroup(system, {
    group,
    octets,
    envelope: queued,
    peer: { remoteAddress: '', helo: '' },
    haveIt,
  });
  switch (outcome.kind) {
    case 'posted':
      for (const event of outcome.events) system.trace.event(queued.queueId, event);
      return { kind: 'gone' };
    case 'loop':
      return failed('5.4.6', 'The message came by this list already');
    case 'nobody':
      return failed('5.2.4', 'This group has no members');
    case 'tooMany':
    case 'failed':
      return { kind: 'later', failure: { at, enhanced: '4.3.0', text: 'The group could not be reached' } };
  }
}

/** Whose mailboxes an address names. */
function accountsOf(resolution: AddressResolution): readonly AccountId[] {
  if (resolution.kind === 'account') return [resolution.accountId];
  return resolution.kind === 'groupOwners' ? resolution.accountIds : [];
}

/** What sends mail on for accounts that forward. */
export function openForwarding(system: ThreadSystem): Forwarding {
  const { config, directory, queue, trace, clock, random, log, dkim } = system;
  return {
    directory,
    queue,
    trace,
    hostname: config.hostname,
    clock,
    random,
    log,
    srsKeys: [deriveSecret(config.dataDir, 'reverse paths')],
    async sealerOf(domain) {
      const signers = await dkim.signersOf(domain);
      // Whoever verifies seals knows RSA; not all know the other (RFC 8463).
      return signers.find(({ algorithm }) => algorithm === 'rsa-sha256') ?? signers[0];
    },
    post: createPost(system),
  };
}

/** What tells senders what became of their messages. */
export function openReporter(system: ThreadSystem): Reporter {
  const { config, queue, directory } = system;
  return new Reporter({
    hostname: config.hostname,
    post: createPost(system),
    readOctets: (queueId) => queue.readOctets(queueId),
    addressOf: async (accountId) => {
      const [primary] = await directory.addressesOf(accountId);
      return primary && `${primary.localPart}@${primary.domain}`;
    },
  });
}

/** Mail of the system's own: into a mailbox here, or by the queue, from the null path. */
export function createPost({
  directory,
  mail,
  queue,
  dkim,
}: ThreadSystem): (octets: Buffer, to: string) => Promise<void> {
  return async (unsigned, to) => {
    const nowMs = systemClock.now();
    const octets = Buffer.concat([(await dkim.sign(unsigned)) ?? Buffer.alloc(0), unsigned]);
    const resolution = await directory.resolveAddress(to);
    const accountIds = accountsOf(resolution);
    const message = mail.prepareMessage(Buffer.concat([Buffer.from('Return-Path: <>\r\n'), octets]));
    if (accountIds.length > 0) {
      const outcomes = await mail.deliver(message, accountIds, nowMs);
      if (outcomes.values().some(({ ok }) => ok)) return;
    } else if (resolution.kind !== 'unknownDomain') return;
    // Elsewhere, or here and full: a report that finds no place within its time is given up, as it has no sender.
    await queue.enqueue({
      queueId: newQueueId(nowMs, systemRandom),
      message,
      envelope: {
        reversePath: '',
        body: '8BITMIME',
        smtpUtf8: /[^\p{ASCII}]/u.test(to),
        requireTls: false,
        accountId: null,
        priority: 0,
      },
      recipients: [{ address: to, isLocal: accountIds.length > 0 }],
    });
  };
}
