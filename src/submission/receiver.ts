/**
 * The mail system behind submission (RFC 6409): a signed-in client's message is checked, completed and signed, put into
 * the mailboxes here at once, and queued for everybody else: one commit for the two, 250 after it. (What groups and
 * forwards send on is queued after that, each by itself.)
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import type { Metrics } from '#base/metrics.ts';
import { newQueueId } from '#base/queue-id.ts';
import type { Random } from '#base/random.ts';
import { formatAddress as formatPlainAddress, parseAddress } from '#directory/address.ts';
import type { Directory, SenderStanding } from '#directory/directory.ts';
import { resolveAtHost } from '#directory/resolve-at-host.ts';
import { rulesOfStage } from '#directory/stages.ts';
import type { GroupRow, ServiceClass } from '#directory/types.ts';
import { deliverHere, keepsNoCopy } from '#forwarding/deliver-here.ts';
import type { Forwarding } from '#forwarding/forwarding.ts';
import type { Mail, RunChanges } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { NewQueuedMessage, Queue } from '#queue/queue.ts';
import { queueTraced } from '#queue/queue-traced.ts';
import type { Reporter } from '#queue/reporter.ts';
import { LOCAL } from '#queue/types.ts';
import { formatAddress } from '#smtp/address.ts';
import type { ForwardPath, Receiver, ReversePath, SmtpPeer, SmtpReply, SmtpTransaction } from '#smtp/receiver.ts';
import { formatReceived } from '#smtp/trace.ts';
import type { TraceRecorder } from '#trace/recorder.ts';
import { traceMessage } from '#trace/traced-message.ts';
import type { TraceEvent } from '#trace/types.ts';
import { findBlock, judgeAuthors, mayUse } from './check-author.ts';
import type { AuthorsJudged, Blocked } from './check-author.ts';
import { completeHeader } from './complete-header.ts';
import { CLASS_LIMITS } from './limits.ts';
import type { ClassLimits } from './limits.ts';
import type { Overuse } from './overuse.ts';
import { postToGroups } from './post-to-groups.ts';
import type { Excess } from './send-limits.ts';
import type { SendingLedger } from './sending-ledger.ts';
import { postmasterOf, say, texts } from './texts.ts';
import type { Bilingual } from './texts.ts';

export interface SubmissionOptions {
  readonly directory: Pick<
    Directory,
    | 'resolveAddress'
    | 'findAddress'
    | 'lives'
    | 'senderStanding'
    | 'mayWriteAs'
    | 'defaultSender'
    | 'mayPost'
    | 'expandGroup'
    | 'addressesOf'
  >;
  readonly mail: Pick<Mail, 'account' | 'prepareMessage' | 'deliver' | 'saveSent'>;
  readonly queue: Pick<Queue, 'enqueue' | 'enqueueWith'>;
  /** Absent: nobody forwards. */
  readonly forwarding?: Forwarding;
  readonly ledger: Pick<SendingLedger, 'judge' | 'reserve'>;
  readonly overuse: Pick<Overuse, 'note'>;
  readonly trace: TraceRecorder;
  /** Tells senders that their message is in a mailbox here, where they asked for that. */
  readonly reporter: Pick<Reporter, 'report'>;
  /** Header fields to put before the message, each with its CRLF: a signature by its author's domain. */
  readonly sign?: (octets: Buffer) => Promise<Buffer | undefined>;
  /** Whether the author gets a copy in Sent, as written and with Bcc, unless the mail program puts one there. */
  readonly savesSent: boolean;
  /** Whether who writes as another account gets one as well as that account. */
  readonly savesOwn?: boolean;
  /** Hears of every message that somebody wrote as another account; `from`: the envelope's sender. */
  readonly onWrittenAs?: (act: {
    readonly by: NonNullable<SmtpPeer['account']>;
    readonly as: AccountId;
    readonly from: string;
    readonly queueId: string;
  }) => void;
  /** Hears of every sender that an account may not send as; `sender`: as it was written, of any length. */
  readonly onSenderRefused?: (attempt: {
    readonly by: NonNullable<SmtpPeer['account']>;
    readonly sender: string;
    readonly where: 'MAIL FROM' | 'author';
    readonly remoteAddress: string;
  }) => void;
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: Metrics;
  /** What differs from `CLASS_LIMITS`. */
  readonly limits?: Partial<Record<ServiceClass, ClassLimits>>;
}

/** Where each forward path leads, asked at RCPT and again at the end of data. */
type Target =
  /** One, or those of a group's owners. */
  | { readonly kind: 'accounts'; readonly accountIds: readonly AccountId[] }
  | { readonly kind: 'group'; readonly group: GroupRow }
  | { readonly kind: 'outside' }
  /** Here, but its domain takes no mail just now: the queue has it until then. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly reply: SmtpReply };

/** One for all sessions of a thread. It rejects only for bugs and outages, which the engine answers with 451. */
export function createSubmissionReceiver(options: SubmissionOptions): Receiver {
  const { directory, mail, ledger, overuse, hostname, metrics = noMetrics } = options;
  const limitsOf = ({ serviceClass }: SenderStanding): ClassLimits =>
    options.limits?.[serviceClass] ?? CLASS_LIMITS[serviceClass];
  /** Transactions that were refused for sending too much: each is one message, however many recipients it has. */
  const noted = new WeakSet<ReversePath>();

  /** As it was at the transaction's first recipient; who may send at all is asked at its beginning and its end. */
  const standings = new WeakMap<ReversePath, SenderStanding>();

  const refuse = (code: number, enhanced: string, text: Bilingual, reason: string, utf8: boolean): SmtpReply => {
    metrics.count('campusmail_submissions_refused_total', { reason });
    return { code, enhanced, text: say(text, utf8) };
  };

  async function findTarget(accountId: AccountId, reversePath: ReversePath, address: string): Promise<Target> {
    const utf8 = reversePath.smtpUtf8;
    const resolution = await resolveAtHost(directory, hostname, address);
    const shown = formatAddress(address, { utf8 });
    switch (resolution.kind) {
      case 'account':
        return { kind: 'accounts', accountIds: [resolution.accountId] };
      case 'groupOwners':
        return { kind: 'accounts', accountIds: resolution.accountIds };
      case 'group': {
        const { group } = resolution;
        // Receipts (RFC 8098 §3) are for whoever asked, not for everybody.
        const isReport = reversePath.address === '';
        const mayPost = !isReport && (await directory.mayPost(group, { kind: 'account', accountId }));
        if (mayPost) return { kind: 'group', group };
        const text = texts.mayNotPost(shown, isReport ? 'everyone' : group.posting);
        return { kind: 'refused', reply: refuse(550, '5.7.1', text, 'group', utf8) };
      }
      case 'unknownDomain':
        return { kind: 'outside' };
      case 'resting':
        return { kind: 'waiting' };
      case 'moved': {
        const text = texts.moved(shown, resolution.address ?? `@${resolution.successor}`);
        return { kind: 'refused', reply: refuse(550, '5.1.6', text, 'moved', utf8) };
      }
      case 'unknownUser':
        return { kind: 'refused', reply: refuse(550, '5.1.1', texts.unknownUser(shown), 'unknownUser', utf8) };
      case 'notReceiving':
        return { kind: 'refused', reply: refuse(550, '5.2.1', texts.notReceiving(shown), 'notReceiving', utf8) };
    }
  }

  async function requireStanding({ accountId }: NonNullable<SmtpPeer['account']>): Promise<SenderStanding> {
    const standing = await directory.senderStanding(accountId);
    // Its session ends as soon as this is heard.
    if (standing === undefined) throw new Error(`account ${accountId} is gone`);
    return standing;
  }

  function refuseSuspended(standing: SenderStanding, utf8: boolean): SmtpReply | undefined {
    const { stage, sending, sendingNote, addresses } = standing;
    if (rulesOfStage(stage).sends === 'nowhere') {
      const postmaster = postmasterOf(addresses[0] ?? '');
      return refuse(550, '5.7.1', texts.sendsNothing(postmaster), 'stage', utf8);
    }
    if (sending === 'allowed') return undefined;
    const text = texts.suspended(sendingNote, postmasterOf(addresses[0] ?? ''));
    return refuse(550, '5.7.1', text, 'suspended', utf8);
  }

  function refuseOutside({ stage }: SenderStanding, address: string, utf8: boolean): SmtpReply | undefined {
    if (rulesOfStage(stage).sends !== 'inside') return undefined;
    return refuse(550, '5.7.1', texts.insideOnly(formatAddress(address, { utf8 })), 'stage', utf8);
  }

  async function refuseExcess(
    { peer, reversePath }: SmtpTransaction,
    standing: SenderStanding,
    excess: Excess,
  ): Promise<SmtpReply> {
    if (!noted.has(reversePath)) {
      noted.add(reversePath);
      await overuse.note(requireAccount(peer).accountId, standing, excess);
    }
    return refuse(450, '4.7.1', texts.tooMuch(excess), 'tooMuch', reversePath.smtpUtf8);
  }

  return {
    async mail(peer: SmtpPeer, { address, smtpUtf8 }: ReversePath) {
      const account = requireAccount(peer);
      const suspended = refuseSuspended(await requireStanding(account), smtpUtf8);
      if (suspended !== undefined) return suspended;
      const shown = formatAddress(address, { utf8: smtpUtf8 });
      if (!(await mayUse(directory, account.accountId, address))) {
        const { remoteAddress } = peer;
        options.onSenderRefused?.({ by: account, sender: address, where: 'MAIL FROM', remoteAddress });
        return refuse(553, '5.7.1', texts.notYourAddress(shown), 'sender', smtpUtf8);
      }
      const block = await findBlock(directory, account.accountId, address);
      return block && refuse(553, '5.7.1', describeBlock(shown, block), 'sunset', smtpUtf8);
    },

    async rcpt(transaction: SmtpTransaction, { address }: ForwardPath) {
      const { peer, forwardPaths, reversePath } = transaction;
      const account = requireAccount(peer);
      const standing = standings.get(reversePath) ?? (await requireStanding(account));
      standings.set(reversePath, standing);
      const limits = limitsOf(standing);
      if (forwardPaths.length >= limits.recipients)
        return refuse(452, '4.5.3', texts.tooManyRecipients(limits.recipients), 'recipients', reversePath.smtpUtf8);
      const target = await findTarget(account.accountId, reversePath, address);
      if (target.kind === 'refused') return target.reply;
      if (target.kind === 'outside') {
        const barred = refuseOutside(standing, address, reversePath.smtpUtf8);
        if (barred !== undefined) return barred;
        const excess = await ledger.judge(account.accountId, 1, limits);
        return excess && refuseExcess(transaction, standing, excess);
      }
      const [owner, ...others] = target.kind === 'accounts' ? target.accountIds : [];
      // Of many some may be full; they are told what they missed, not the sender.
      if (owner === undefined || others.length > 0 || (await keepsNoCopy(options, owner))) return undefined;
      return (await mail.account(owner).hasRoomFor(reversePath.sizeBytes ?? 0))
        ? undefined
        : refuse(
            452,
            '4.2.2',
            texts.full(formatAddress(address, { utf8: reversePath.smtpUtf8 })),
            'overQuota',
            reversePath.smtpUtf8,
          );
    },

    async data(transaction: SmtpTransaction, message: Buffer) {
      const account = requireAccount(transaction.peer);
      const { accountId } = account;
      const same = (reply: SmtpReply): SmtpReply[] => transaction.forwardPaths.map(() => reply);
      const utf8 = transaction.reversePath.smtpUtf8;
      const standing = await requireStanding(account);
      const suspended = refuseSuspended(standing, utf8);
      if (suspended !== undefined) return same(suspended);
      const authors = await judgeAuthors(directory, account, message);
      if (authors.kind === 'foreign') {
        const { remoteAddress } = transaction.peer;
        options.onSenderRefused?.({ by: account, sender: authors.author, where: 'author', remoteAddress });
        const shown = authors.author.slice(0, 200);
        return same(refuse(550, '5.7.1', texts.notYourAuthor(shown), 'author', utf8));
      }
      if (authors.kind === 'blocked')
        return same(refuse(550, '5.7.1', describeBlock(authors.author.slice(0, 200), authors), 'sunset', utf8));
      const shared = authors.as && (await directory.senderStanding(authors.as.accountId));
      const closed = shared && refuseSuspended(shared, utf8);
      if (closed !== undefined) return same(closed);
      const targets = await Promise.all(
        transaction.forwardPaths.map(({ address }) => findTarget(accountId, transaction.reversePath, address)),
      );
      const outside = transaction.forwardPaths.flatMap(({ address }, i) =>
        targets[i]?.kind === 'outside' ? [address] : [],
      );
      const [someone] = outside;
      const barred = someone === undefined ? undefined : refuseOutside(standing, someone, utf8);
      if (barred !== undefined) return same(barred);
      const excess =
        outside.length === 0
          ? undefined
          : await ledger.reserve(accountId, standing.addresses, outside, limitsOf(standing));
      if (excess !== undefined) return same(await refuseExcess(transaction, standing, excess));
      return same(await send(options, transaction, { message, targets, authors }));
    },
  };
}

function describeBlock(address: string, { instead, successor }: Blocked): Bilingual {
  return texts.domainEnded(address, instead === undefined ? `@${successor}` : `<${instead}>`);
}

async function send(
  options: SubmissionOptions,
  transaction: SmtpTransaction,
  given: {
    readonly message: Buffer;
    readonly targets: readonly Target[];
    readonly authors: Extract<AuthorsJudged, { kind: 'permitted' }>;
  },
): Promise<SmtpReply> {
  const { mail, queue, trace, reporter, hostname, clock, random, log, metrics = noMetrics } = options;
  const { peer, forwardPaths, reversePath } = transaction;
  const nowMs = clock.now();
  const queueId = newQueueId(nowMs, random);
  const { accountId, loginAddress } = requireAccount(peer);
  const { from, as } = given.authors;
  const facts = {
    dateMs: nowMs,
    messageId: `${queueId}@${hostname}`,
    from,
    replyTo: given.authors.replyTo,
    ...(as?.how === 'onBehalf' ? { sender: loginAddress } : {}),
  };
  if (as !== undefined)
    options.onWrittenAs?.({ by: requireAccount(peer), as: as.accountId, from: reversePath.address, queueId });
  /** Where the author's copy goes: to the account the message is written as. */
  const authorIds =
    as === undefined ? [accountId] : options.savesOwn === true ? [as.accountId, accountId] : [as.accountId];
  const complete = completeHeader(given.message, facts);
  const signature = await options.sign?.(complete);
  const received = formatReceived({ peer, hostname, queueId, receivedAt: nowMs, forwardPaths });
  const returnPath = `Return-Path: <${reversePath.address === '' ? '' : formatAddress(reversePath.address, { utf8: reversePath.smtpUtf8 })}>\r\n`;
  // The same octets for mailboxes here and for the queue, hence one blob: the queue takes Return-Path off.
  const octets = Buffer.concat([Buffer.from(returnPath + received), signature ?? Buffer.alloc(0), complete]);
  const prepared = mail.prepareMessage(octets);

  const accountIds = new Set<AccountId>();
  for (const target of given.targets)
    if (target.kind === 'accounts') for (const accountId of target.accountIds) accountIds.add(accountId);
  const recipientOf = (i: number) => {
    const { address, dsn } = forwardPaths[i] as ForwardPath;
    return { address, ...dsn };
  };
  const outside = given.targets.flatMap(({ kind }, i) => (kind === 'outside' ? [recipientOf(i)] : []));
  const envelope = envelopeOf(transaction);
  const queued = (recipients: NewQueuedMessage['recipients']): NewQueuedMessage => ({
    queueId,
    message: prepared,
    envelope,
    recipients,
    ...(reversePath.holdUntil === undefined ? {} : { holdUntil: reversePath.holdUntil }),
  });

  /** Who wrote stands beside whom it was written as. */
  const logged = {
    queueId,
    from: reversePath.address,
    ...(as === undefined ? {} : { by: loginAddress, as: as.accountId }),
  };

  /** What comes of it changes nothing about the message: it is sent. */
  const saveSent = async (): Promise<void> => {
    const copy = mail.prepareMessage(completeHeader(given.message, facts, true));
    const outcomes = await Promise.all(authorIds.map((authorId) => mail.saveSent(copy, authorId, nowMs)));
    for (const [i, outcome] of outcomes.entries()) {
      if (!outcome.ok && outcome.error.code !== 'notFound')
        log.warn({ queueId, accountId: authorIds[i], reason: outcome.error.message }, 'no copy in Sent');
    }
  };

  // A message for later is later for everybody; whoever is no longer here by then is reported by the queue.
  if (reversePath.holdUntil !== undefined) {
    const everybody = given.targets.map(({ kind }, i) => ({ ...recipientOf(i), isLocal: kind !== 'outside' }));
    await queue.enqueue(queued(everybody));
    if (options.savesSent) await saveSent();
    recordTrace(trace, {
      queueId,
      nowMs,
      transaction,
      prepared,
      events: [{ at: nowMs, kind: 'queued', until: reversePath.holdUntil }],
    });
    metrics.count('campusmail_submissions_total', {});
    log.info({ ...logged, until: reversePath.holdUntil }, 'message submitted for later');
    return accepted(queueId);
  }

  let isQueued = outside.length === 0;
  /** Whoever repeats a message that was not answered then finds it taken nowhere. */
  const queueWith: RunChanges = (changes) => {
    isQueued = true;
    return queue.enqueueWith(queued(outside), changes);
  };
  // Asked for together: one commit.
  const haveIt = new Set<AccountId | string>(outside.map(({ address }) => canonicalAddress(address)));
  const incoming = { message: prepared, octets, receivedAt: nowMs, envelope, peer };
  const [{ outcomes, events: forwarded }] = await Promise.all([
    deliverHere(options, incoming, [...accountIds], haveIt, isQueued ? undefined : queueWith),
    ...(options.savesSent ? [saveSent()] : []),
  ]);
  if (!isQueued) await queue.enqueue(queued(outside));
  const delivered: ReturnType<typeof recipientOf>[] = [];
  const missed: ReturnType<typeof recipientOf>[] = [];
  const posted = await postToGroups(
    options,
    given.targets.flatMap((target) => (target.kind === 'group' ? [target.group] : [])),
    { octets, envelope, peer },
    haveIt,
  );
  for (const [i, target] of given.targets.entries()) {
    if (target.kind === 'outside') continue;
    if (target.kind === 'group' && !posted.missed.has(target.group)) continue;
    const hasIt = target.kind === 'accounts' && target.accountIds.some((id) => outcomes.get(id)?.ok === true);
    if (hasIt) delivered.push(recipientOf(i));
    else missed.push(recipientOf(i));
  }
  const isTaken = given.targets.some(({ kind }) => kind === 'waiting');
  if (!isTaken && delivered.length + outside.length + posted.events.length === 0) {
    if (posted.refusal !== undefined) return posted.refusal;
    log.warn({ queueId, from: reversePath.address }, 'a submitted message reached nobody');
    return { code: 451, enhanced: '4.3.0', text: say(texts.fault(queueId), reversePath.smtpUtf8) };
  }
  // Others have it: whom it missed is tried again from the queue, which tells the sender if that comes to nothing.
  const later = missed.map((recipient) => ({ ...recipient, isLocal: true }));
  if (later.length > 0 && outside.length === 0) await queue.enqueue(queued(later));
  const laterId =
    later.length > 0 && outside.length > 0
      ? await queueTraced(options, { message: prepared, envelope, recipients: later }, peer)
      : undefined;
  const events: TraceEvent[] = [];
  const addresses = (recipients: readonly { readonly address: string }[]) => recipients.map(({ address }) => address);
  if (delivered.length > 0) events.push({ at: nowMs, kind: 'delivered', recipients: addresses(delivered) });
  if (outside.length > 0) events.push({ at: nowMs, kind: 'queued', recipients: addresses(outside) });
  events.push(...forwarded, ...posted.events);
  if (missed.length > 0)
    events.push({
      at: nowMs,
      kind: 'deferred',
      recipients: addresses(missed),
      ...(laterId === undefined ? {} : { text: `queued as ${laterId}` }),
    });
  const reached = delivered.map((recipient) => ({ recipient, failure: null }));
  const message = { ...envelopeOf(transaction), queueId, createdAt: nowMs };
  const report = { kind: 'delivered', message, destination: LOCAL, nowMs } as const;
  try {
    if (await reporter.report(report, reached, octets))
      events.push({ at: nowMs, kind: 'reported', recipients: addresses(delivered), text: 'delivered' });
  } catch (error) {
    log.error({ err: error, queueId }, 'a report could not be posted');
  }
  recordTrace(trace, { queueId, nowMs, transaction, prepared, events });
  metrics.count('campusmail_submissions_total', {});
  log.info(
    { ...logged, local: delivered.length, outside: outside.length, sizeBytes: octets.length },
    'message submitted',
  );
  return accepted(queueId);
}

function canonicalAddress(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatPlainAddress(address);
}

function recordTrace(
  trace: TraceRecorder,
  facts: {
    readonly queueId: ReturnType<typeof newQueueId>;
    readonly nowMs: number;
    readonly transaction: SmtpTransaction;
    readonly prepared: PreparedMessage;
    readonly events: readonly TraceEvent[];
  },
): void {
  const { queueId, nowMs, transaction, prepared, events } = facts;
  const { summary } = prepared.digest;
  const { sizeBytes } = prepared.blob;
  trace.message(traceMessage({ queueId, at: nowMs, direction: 'out', transaction, summary, sizeBytes }), events);
}

function envelopeOf({ reversePath, peer }: SmtpTransaction): Parameters<Queue['enqueue']>[0]['envelope'] {
  const { address, body, smtpUtf8, requireTls, dsn, deliverBy, priority = 0 } = reversePath;
  return {
    reversePath: address,
    body,
    smtpUtf8,
    requireTls,
    priority,
    ...dsn,
    ...(deliverBy === undefined
      ? {}
      : { deliverBy: { until: deliverBy.until, mode: deliverBy.mode === 'return' ? ('R' as const) : ('N' as const) } }),
    accountId: peer.account?.accountId ?? null,
  };
}

function accepted(queueId: string): SmtpReply {
  return { code: 250, enhanced: '2.0.0', text: `Ok: queued as ${queueId}` };
}

function requireAccount({ account }: SmtpPeer): NonNullable<SmtpPeer['account']> {
  if (account === undefined) throw new Error('submission without a sign-in');
  return account;
}
