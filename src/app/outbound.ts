/** The sending side of the server: composes queue, resolver and what tells senders, and starts it. */
import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { resolveAtHost } from '#directory/resolve-at-host.ts';
import { createTlsTrust } from '#queue/connect-out.ts';
import type { OutwardSettings } from '#queue/connect-out.ts';
import { Reporter } from '#queue/reporter.ts';
import { Sender } from '#queue/sender.ts';
import type { DeliverLocally } from '#queue/sender.ts';
import type { ThreadSystem } from './system.ts';

/** Resolves once the queue is being worked on. */
export async function startOutbound(system: ThreadSystem): Promise<Sender> {
  const { config, clock, random, log, metrics, queue, trace, directory, mail, resolver } = system;
  const outward: OutwardSettings = {
    resolver,
    random,
    clock,
    hostname: config.hostname,
    port: config.queue.port,
    allowsPrivate: config.queue.privateAddresses,
    prefersIPv6: config.queue.preferIPv6,
    routes: config.queue.routes,
    trust: createTlsTrust([]),
    planTls: async () => ({ kind: 'use', policy: { kind: 'opportunistic' } }),
  };
  const deliverLocally: DeliverLocally = async (_message, octets, recipients) => {
    const at = clock.now();
    const resolutions = await Promise.all(
      recipients.map(({ address }) => resolveAtHost(directory, config.hostname, address)),
    );
    const accountIds = new Set<AccountId>();
    for (const resolution of resolutions) if (resolution.kind === 'account') accountIds.add(resolution.accountId);
    const outcomes = await mail.deliver(mail.prepareMessage(octets), [...accountIds], at);
    return resolutions.map((resolution): Awaited<ReturnType<DeliverLocally>>[number] => {
      if (resolution.kind !== 'account') {
        const enhanced = resolution.kind === 'notReceiving' ? '5.2.1' : '5.1.1';
        return { kind: 'failed', failure: { at, enhanced, text: 'There is no such mailbox here (any more)' } };
      }
      const outcome = outcomes.get(resolution.accountId);
      if (outcome?.ok === true) return { kind: 'gone' };
      const { code, message } = outcome?.error ?? { code: 'fault', message: 'no answer' };
      if (code === 'overQuota')
        return { kind: 'later', failure: { at, enhanced: '4.2.2', text: 'The mailbox is full' } };
      if (code === 'tooLarge') return { kind: 'failed', failure: { at, enhanced: '5.2.3', text: message } };
      return { kind: 'later', failure: { at, enhanced: '4.3.0', text: message } };
    });
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
    isAlone: !config.store.url.startsWith('postgres'),
  });
  await sender.start();
  return sender;
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
    const message = mail.prepareMessage(Buffer.concat([Buffer.from('Return-Path: <>\r\n'), octets]));
    if (resolution.kind === 'account') {
      const outcome = (await mail.deliver(message, [resolution.accountId], nowMs)).get(resolution.accountId);
      if (outcome?.ok === true) return;
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
      recipients: [{ address: to, isLocal: resolution.kind === 'account' }],
    });
  };
}
