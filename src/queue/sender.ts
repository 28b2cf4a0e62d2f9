/**
 * Sends what is queued. Each destination has channels, a connection each, that take its due deliveries one after
 * another; a destination that cannot be reached rests, and is then tried by a single message, however many wait
 * for it. So one dead destination holds up nobody, and costs as much with 80,000 messages as with one.
 *
 * What the far side took is recorded right after its reply; between the two a crash would send a message twice, as
 * RFC 5321 §4.5.4.1 prefers it to losing one. A channel goes on meanwhile, so that its far side does not wait for our
 * disk, and therefore a crash repeats up to `unsettledAtOnce` messages of each channel, as a rule those of one commit.
 */
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import { randomId } from '#base/random.ts';
import { readContent } from '#smtp/client/content.ts';
import type { SmtpConnection } from '#smtp/client/connection.ts';
import type { SendResult } from '#smtp/client/message.ts';
import { isSuccess } from '#smtp/client/reply.ts';
import type { TraceRecorder } from '#trace/recorder.ts';
import type { TraceEvent } from '#trace/types.ts';
import { connectOut } from './connect-out.ts';
import type { ConnectResult, OpenConnection, OutwardSettings } from './connect-out.ts';
import type { NoHost } from './find-hosts.ts';
import { describeNoHost, describeUnreachable, judgeSending } from './judge-attempt.ts';
import type { RecipientResult } from './judge-attempt.ts';
import type { LastSessions } from './last-sessions.ts';
import { QUEUE_LIMITS } from './limits.ts';
import type { Leased } from './operations/lease.ts';
import { describeProtection, protectionOf } from './plan-tls.ts';
import type { Queue } from './queue.ts';
import type { Reported, Reporter } from './reporter.ts';
import { withoutReturnPath } from './return-path.ts';
import { destinationPauseAfter, pauseAfter } from './retry-schedule.ts';
import { LOCAL, NEVER } from './types.ts';
import type { DeliveryFailure, LeasedDelivery, QueuedMessage, QueuedRecipient, TakenDelivery } from './types.ts';

export interface SenderLimits {
  /** Channels in all, and to one destination: a provider that sees more at once turns them away. */
  readonly maxChannels: number;
  readonly maxChannelsPerDestination: number;
  /** Deliveries one channel takes at a time; with their rows some kilobytes each. */
  readonly leasedAtOnce: number;
  /** Messages a channel has sent whose end is not recorded yet: so many may be sent twice after a crash. */
  readonly unsettledAtOnce: number;
  /** How long a channel keeps its connection for more to come, milliseconds. */
  readonly idleMs: number;
  /** How often all destinations are looked at anew: for what other processes left, and for what fell due unheard. */
  readonly surveyMs: number;
  /** How often, and how many at a time, senders are told of delays and ends. */
  readonly attentionMs: number;
  readonly attentionAtOnce: number;
  /** A worker that says nothing for so long is dead, and what it had under way is taken over. */
  readonly aliveMs: number;
}

export const SENDER_LIMITS: SenderLimits = {
  maxChannels: 200,
  maxChannelsPerDestination: 10,
  leasedAtOnce: 20,
  unsettledAtOnce: 5,
  idleMs: 2000,
  surveyMs: 30_000,
  attentionMs: 30_000,
  attentionAtOnce: 100,
  aliveMs: 90_000,
};

/** Puts messages into mailboxes here; one result for each recipient. Rejects for outages. */
export type DeliverLocally = (
  message: QueuedMessage,
  octets: Buffer,
  recipients: readonly QueuedRecipient[],
) => Promise<
  readonly ({ readonly kind: 'gone' } | { readonly kind: 'later' | 'failed'; readonly failure: DeliveryFailure })[]
>;

export interface SenderParts {
  readonly queue: Queue;
  readonly outward: OutwardSettings;
  readonly reporter: Reporter;
  readonly trace: TraceRecorder;
  readonly deliverLocally: DeliverLocally;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly sessions: Pick<LastSessions, 'note'>;
  /** No other process can have this queue. */
  readonly isAlone: boolean;
  readonly limits?: Partial<SenderLimits>;
}

type Conclusion = Parameters<Queue['conclude']>[0];

/** Of what failed on our side; RFC 3463 §3.4: other or undefined mail system status. */
const HERE = '4.3.0';

const SHUTTING_DOWN: NoHost = {
  kind: 'none',
  isPermanent: false,
  enhanced: '4.3.2',
  text: 'The attempt was broken off because the system was stopped',
};

interface Destination {
  readonly name: string;
  /** When something is due; `NEVER`: nothing known. */
  dueAt: number;
  channels: number;
  /** Not tried before then: it could not be reached. */
  restsUntil: number;
  /** Times in a row that it could not be reached. */
  failures: number;
  /** Channels that wait for more to come. */
  readonly idle: Set<() => void>;
}

export class Sender {
  readonly #parts: SenderParts;
  readonly #limits: SenderLimits;
  /** The name under which deliveries are taken. */
  #owner: string;
  /** Names it had before, under which the store may have done what it did not tell. */
  readonly #formerOwners = new Set<string>();
  /** Under each name, leases that are being asked for and deliveries that are not concluded. */
  readonly #inHand = new Map<string, number>();
  /** The store did not say what came of an operation. */
  #isUnsure = false;
  readonly #destinations = new Map<string, Destination>();
  readonly #running = new Set<Promise<void>>();
  /** What is to be broken off when the time to stop is over. */
  readonly #underWay = new Set<{ destroy(): void }>();
  /** Destinations that found no channel free: the next goes to the first of them. */
  readonly #waiting = new Set<Destination>();
  /** What the store could not be told of; nobody else touches these deliveries as long as this worker lives. */
  readonly #untold = new Set<Conclusion>();
  #channels = 0;
  #isStopping = false;
  #isBrokenOff = false;
  #unwatch = (): void => {};
  #cancelTimers: (() => void)[] = [];
  #cancelWake = (): void => {};
  #wakeAt = NEVER;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#limits = { ...SENDER_LIMITS, ...parts.limits };
    this.#owner = randomId(parts.random, 12);
  }

  /** Begins to send. Rejects when the queue cannot be read. */
  async start(): Promise<void> {
    const { queue, clock, isAlone } = this.#parts;
    const aliveUntil = clock.now() + this.#limits.aliveMs;
    let freed = await queue.keepAlive({ owner: this.#owner, aliveUntil, isAlone });
    while (freed > 0) freed = await queue.keepAlive({ owner: this.#owner, aliveUntil, isAlone: false });
    this.#unwatch = queue.watch((destination) => {
      if (destination === '') this.#run(this.#survey());
      else this.#due(destination, clock.now());
    });
    this.#every(this.#limits.surveyMs, () => this.#survey());
    this.#every(this.#limits.attentionMs, () => this.#attend());
    this.#every(this.#limits.aliveMs / 3, async () => {
      for (const owner of [...this.#formerOwners, this.#owner]) await this.#keepAlive(owner);
    });
    await this.#survey();
  }

  #keepAlive(owner: string): Promise<number> {
    const aliveUntil = this.#parts.clock.now() + this.#limits.aliveMs;
    return this.#parts.queue.keepAlive({ owner, aliveUntil, isAlone: false });
  }

  /** Takes nothing new; what is under way may end within `drainMs`, then it is broken off and falls due again. */
  async stop(drainMs: number): Promise<void> {
    this.#isStopping = true;
    this.#unwatch();
    this.#cancelWake();
    for (const cancel of this.#cancelTimers) cancel();
    for (const { idle } of this.#destinations.values()) for (const wake of idle) wake();
    const cancel = this.#parts.clock.after(drainMs, () => {
      this.#isBrokenOff = true;
      for (const work of this.#underWay) work.destroy();
    });
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    cancel();
    await this.#tellUntold();
    for (const owner of [...this.#formerOwners, this.#owner]) await this.#parts.queue.stopWorker(owner);
  }

  // What is due

  #every(ms: number, work: () => Promise<void>): void {
    const index = this.#cancelTimers.length;
    const again = (): void => {
      this.#cancelTimers[index] = this.#parts.clock.after(ms, () => {
        if (!this.#isStopping) this.#run(work().finally(again));
      });
    };
    this.#cancelTimers.push(() => {});
    again();
  }

  /** Keeps `work` to be waited for at the end. An outage is logged: the next survey tries again. */
  #run(work: Promise<void>): void {
    const running = work
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'the queue could not be worked on'))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #survey(): Promise<void> {
    await this.#tellUntold();
    await this.#leaveNames();
    const present = await this.#parts.queue.destinations();
    const names = new Set(present.map(({ destination }) => destination));
    for (const [name, state] of this.#destinations)
      if (!names.has(name) && state.channels === 0 && state.restsUntil <= this.#parts.clock.now())
        this.#destinations.delete(name);
    for (const { destination, nextDueAt } of present) this.#due(destination, nextDueAt);
  }

  /**
   * Deliveries that the store gave us without our hearing of it would be ours, and tried by nobody, for as long as we
   * live. So we go on under another name, and end the old one when all that we know of is concluded under it.
   */
  async #leaveNames(): Promise<void> {
    if (this.#isUnsure) {
      const owner = randomId(this.#parts.random, 12);
      await this.#keepAlive(owner);
      this.#isUnsure = false;
      this.#formerOwners.add(this.#owner);
      this.#owner = owner;
    }
    for (const owner of this.#formerOwners) {
      if (this.#inHand.has(owner)) continue;
      await this.#parts.queue.stopWorker(owner);
      this.#formerOwners.delete(owner);
    }
  }

  #countInHand(owner: string, change: number): void {
    const count = (this.#inHand.get(owner) ?? 0) + change;
    if (count > 0) this.#inHand.set(owner, count);
    else this.#inHand.delete(owner);
  }

  #due(name: string, dueAt: number): void {
    if (dueAt === NEVER) return;
    let state = this.#destinations.get(name);
    if (state === undefined) {
      state = { name, dueAt: NEVER, channels: 0, restsUntil: 0, failures: 0, idle: new Set() };
      this.#destinations.set(name, state);
    }
    state.dueAt = Math.min(state.dueAt, dueAt);
    this.#look(state);
  }

  /** Starts a channel, or comes back when it is time. */
  #look(state: Destination): void {
    if (this.#isStopping || state.dueAt === NEVER) return;
    const at = Math.max(state.dueAt, state.restsUntil);
    if (at > this.#parts.clock.now()) return this.#wake(at);
    const [waiting] = state.idle;
    if (waiting !== undefined) return waiting();
    // One that could not be reached is probed by one channel.
    const most = state.failures > 0 ? 1 : this.#limits.maxChannelsPerDestination;
    if (state.channels >= most) return;
    if (this.#channels >= this.#limits.maxChannels) return void this.#waiting.add(state);
    this.#waiting.delete(state);
    state.channels++;
    this.#channels++;
    this.#run(
      this.#serve(state).finally(() => {
        state.channels--;
        this.#channels--;
        // Those that wait come first, or a long queue would keep its channels from all others.
        for (const other of this.#waiting) {
          if (this.#channels >= this.#limits.maxChannels) break;
          this.#waiting.delete(other);
          this.#look(other);
        }
        this.#look(state);
      }),
    );
  }

  #lookAtAll(): void {
    for (const state of this.#destinations.values()) this.#look(state);
  }

  #wake(at: number): void {
    if (at >= this.#wakeAt) return;
    this.#cancelWake();
    this.#wakeAt = at;
    this.#cancelWake = this.#parts.clock.after(at - this.#parts.clock.now(), () => {
      this.#wakeAt = NEVER;
      this.#lookAtAll();
    });
  }

  // A channel

  async #serve(state: Destination): Promise<void> {
    const channel = new Channel(this.#underWay, this.#limits.unsettledAtOnce);
    try {
      do {
        const batch = await this.#lease(state);
        for (const [index, delivery] of batch.entries()) {
          if (this.#isStopping) return await this.#giveBack(batch.slice(index));
          const isReached = await this.#try(delivery, channel);
          if (isReached) continue;
          this.#rest(state);
          return await this.#giveBack(batch.slice(index + 1));
        }
        state.failures = 0;
      } while (
        !this.#isStopping &&
        this.#waiting.size === 0 &&
        (state.dueAt <= this.#parts.clock.now() || (await this.#waitForMore(state, channel)))
      );
    } finally {
      channel.close();
    }
  }

  async #lease(state: Destination): Promise<readonly TakenDelivery[]> {
    const limit = state.failures > 0 ? 1 : this.#limits.leasedAtOnce;
    state.dueAt = NEVER;
    const owner = this.#owner;
    this.#countInHand(owner, 1);
    let leased: Leased = { deliveries: [], nextDueAt: NEVER };
    try {
      leased = await this.#parts.queue.lease({ owner, destination: state.name, limit });
    } catch (error) {
      this.#isUnsure = true;
      throw error;
    } finally {
      this.#countInHand(owner, leased.deliveries.length - 1);
    }
    this.#due(state.name, leased.nextDueAt);
    return leased.deliveries;
  }

  /** Whether more came while the connection was kept. */
  #waitForMore(state: Destination, { open }: Channel): Promise<boolean> {
    if (open?.connection.isUsable !== true) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const finish = (isMore: boolean): void => {
      cancel();
      state.idle.delete(wake);
      resolve(isMore);
    };
    const wake = (): void => finish(!this.#isStopping);
    const cancel = this.#parts.clock.after(this.#limits.idleMs, () => finish(false));
    state.idle.add(wake);
    return promise;
  }

  /** What was taken and not tried is as it was. */
  async #giveBack(deliveries: readonly TakenDelivery[]): Promise<void> {
    const dueAt = this.#parts.clock.now();
    await Promise.all(
      deliveries.map(({ owner, queueId, destination, recipients }) =>
        this.#conclude({
          owner,
          queueId,
          destination,
          later: { recipients, dueAt, lastFailure: null, isUntried: true },
        }),
      ),
    );
  }

  #rest(state: Destination): void {
    const { clock, random, log } = this.#parts;
    // What other channels had begun before it was found out says nothing new.
    if (state.restsUntil > clock.now()) return;
    state.failures++;
    state.restsUntil = clock.now() + destinationPauseAfter(state.failures, random);
    state.dueAt = Math.min(state.dueAt, state.restsUntil);
    log.info(
      { destination: state.name, failures: state.failures, until: state.restsUntil },
      'destination out of reach',
    );
  }

  /** False when nobody could be reached: there is no use in trying the next. */
  async #try(delivery: TakenDelivery, channel: Channel): Promise<boolean> {
    const { clock, queue, log } = this.#parts;
    let octets: Buffer | undefined;
    try {
      octets = await queue.readOctets(delivery.queueId);
      if (delivery.destination === LOCAL) {
        await this.#settleOn(channel, delivery, await this.#deliverHere(delivery, octets));
        return true;
      }
      const sent = await this.#send(delivery, octets, channel);
      await this.#settleOn(channel, delivery, sent.results, sent.takesDsn);
      return sent.isReached;
    } catch (error) {
      log.error({ err: error, queueId: delivery.queueId, destination: delivery.destination }, 'an attempt broke off');
      // The store is away, or a bug: the message stays, and is tried again. Where the connection stands, nobody knows.
      if (octets !== undefined) channel.close();
      const isDamaged =
        octets === undefined &&
        delivery.attempts >= QUEUE_LIMITS.unreadableAttempts &&
        delivery.lastFailure?.enhanced === HERE &&
        delivery.lastFailure.remote === undefined;
      const failure: DeliveryFailure = isDamaged
        ? { at: clock.now(), enhanced: '5.3.0', text: 'The message was damaged here and cannot be read' }
        : { at: clock.now(), enhanced: HERE, text: `The message could not be handled here (${errorText(error)})` };
      const results = delivery.recipients.map((recipient): RecipientResult =>
        isDamaged ? { kind: 'failed', recipient, failure } : { kind: 'later', recipient, failure, isAtOnce: false },
      );
      await this.#settleOn(channel, delivery, results);
      return true;
    }
  }

  async #deliverHere({ message, recipients }: LeasedDelivery, octets: Buffer): Promise<RecipientResult[]> {
    const { deliverLocally, clock } = this.#parts;
    const outcomes = await deliverLocally(message, octets, recipients);
    const nowhere: DeliveryFailure = { at: clock.now(), enhanced: HERE, text: 'No answer' };
    return recipients.map((recipient, i): RecipientResult => {
      const outcome = outcomes[i] ?? { kind: 'later', failure: nowhere };
      if (outcome.kind === 'gone') {
        const reply = { kind: 'reply', code: 250, enhanced: '2.0.0', text: 'Delivered', answered: 'none' } as const;
        return { kind: 'gone', recipient, reply };
      }
      return { kind: outcome.kind, recipient, failure: outcome.failure, isAtOnce: false };
    });
  }

  async #send(
    delivery: LeasedDelivery,
    octets: Buffer,
    channel: Channel,
  ): Promise<{ readonly results: RecipientResult[]; readonly isReached: boolean; readonly takesDsn: boolean }> {
    const { clock } = this.#parts;
    const { message, recipients } = delivery;
    const content = readContent(withoutReturnPath(octets));
    for (let isSecondTry = false; ; isSecondTry = true) {
      if (!isFit(channel.open?.connection, message)) channel.close();
      const wasUsed = channel.open !== undefined;
      if (channel.open === undefined) {
        const opened = await this.#connect(delivery);
        if (opened.kind !== 'open') return this.#judgeUnreached(delivery, opened);
        channel.use(opened);
        const { plan, connection } = opened;
        this.#parts.metrics.count('campusmail_queue_sessions_total', { tls: protectionOf(plan, connection.tls) });
        const protection = describeProtection(plan, connection.tls);
        this.#parts.sessions.note({ destination: delivery.destination, at: clock.now(), protection });
      }
      const open = channel.open as OpenConnection;
      const result = await open.connection.send({
        reversePath: {
          address: message.reversePath,
          smtpUtf8: message.smtpUtf8,
          requireTls: message.requireTls,
          dsn: dsnOf(message),
        },
        forwardPaths: recipients.map(({ address, orcpt, notify }) => ({
          address,
          dsn: { ...(orcpt === undefined ? {} : { orcpt }), ...(notify === undefined ? {} : { notify }) },
        })),
        content,
        // A letter that arrives beats a standard that nobody without 8BITMIME depends on any more.
        sends8bitAnyway: true,
        priority: message.priority,
        ...deliverByOf(message, clock.now()),
      });
      if (wasUsed && !isSecondTry && isStale(result)) {
        channel.close();
        continue;
      }
      this.#parts.metrics.count('campusmail_queue_attempts_total', { outcome: nameOutcome(result) });
      const results = judgeSending(recipients, result, open, clock.now());
      const takesDsn = open.connection.capabilities.keywords.has('DSN');
      return { results, isReached: true, takesDsn };
    }
  }

  /** As connectOut, save that it can be broken off. */
  #connect({ destination, message }: LeasedDelivery): Promise<ConnectResult> {
    if (this.#isBrokenOff) return Promise.resolve(SHUTTING_DOWN);
    const { promise, resolve, reject } = Promise.withResolvers<ConnectResult>();
    const aborter = new AbortController();
    const attempt = {
      destroy(): void {
        aborter.abort();
        resolve(SHUTTING_DOWN);
      },
    };
    this.#underWay.add(attempt);
    connectOut(destination, this.#parts.outward, message.requireTls, aborter.signal)
      .then((result) => {
        if (this.#isBrokenOff && result.kind === 'open') result.connection.destroy();
        resolve(result);
      }, reject)
      .finally(() => this.#underWay.delete(attempt));
    return promise;
  }

  #judgeUnreached(
    { recipients, message }: LeasedDelivery,
    why: Exclude<ConnectResult, { kind: 'open' }>,
  ): { readonly results: RecipientResult[]; readonly isReached: boolean; readonly takesDsn: boolean } {
    const nowMs = this.#parts.clock.now();
    const isPermanent = why.kind === 'none' && why.isPermanent;
    const failure = why.kind === 'none' ? describeNoHost(why, nowMs) : describeUnreachable(why, nowMs);
    const results = recipients.map((recipient): RecipientResult =>
      isPermanent ? { kind: 'failed', recipient, failure } : { kind: 'later', recipient, failure, isAtOnce: false },
    );
    // That a domain does not exist is an answer; that one message wants more TLS than there is, says nothing of others.
    const lacksTls = message.requireTls && why.kind === 'unreachable' && why.failure.why === 'tls';
    return { results, isReached: isPermanent || lacksTls, takesDsn: false };
  }

  // What came of it

  /** Resolves when the channel may go on, which is sooner than what came of the attempt is recorded. */
  #settleOn(
    channel: Channel,
    delivery: TakenDelivery,
    results: readonly RecipientResult[],
    takesDsn = false,
  ): Promise<void> {
    const settling = this.#settle(delivery, results, takesDsn);
    this.#run(settling);
    return channel.goOnBeside(settling);
  }

  async #settle(delivery: TakenDelivery, results: readonly RecipientResult[], takesDsn: boolean): Promise<void> {
    const { clock, random, trace } = this.#parts;
    const { owner, queueId, destination, message } = delivery;
    const nowMs = clock.now();
    const gone = results.filter((result) => result.kind === 'gone');
    let later = results.filter((result) => result.kind === 'later');
    let failed: Reported[] = results.filter((result) => result.kind === 'failed');
    if (isOver(message, nowMs)) {
      failed = [...failed, ...later];
      later = [];
    }
    const toldOfFailed = failed.length === 0 ? [] : await this.#tryReport('failed', delivery, failed);
    if (toldOfFailed === undefined) {
      // Nobody was told, so nothing is over. Those who have the message are not asked to take it again.
      failed = [];
      later = results
        .filter((result) => result.kind !== 'gone')
        .map((result) => ({ ...result, kind: 'later', isAtOnce: false }));
    }
    const reached = takesDsn ? [] : gone.map(({ recipient }) => ({ recipient, failure: null }));
    const kind = destination === LOCAL ? 'delivered' : 'relayed';
    const toldOfGone = reached.length === 0 ? [] : await this.#tryReport(kind, delivery, reached);
    const isAtOnce = this.#isBrokenOff || later.every((one) => one.isAtOnce);
    const dueAt = isAtOnce ? nowMs : nowMs + pauseAfter(delivery.attempts, random);
    this.#record(delivery, { gone, later, failed }, dueAt);
    for (const event of [...(toldOfFailed ?? []), ...(toldOfGone ?? [])]) trace.event(queueId, event);
    const first = later[0];
    if (first === undefined) return this.#conclude({ owner, queueId, destination });
    const recipients = later.map(({ recipient }) => recipient);
    await this.#conclude({
      owner,
      queueId,
      destination,
      later: { recipients, dueAt, lastFailure: first.failure },
    });
  }

  /** Never rejects: what the store cannot be told now it is told later, for to try again would be to send twice. */
  async #conclude(conclusion: Conclusion): Promise<void> {
    try {
      await this.#parts.queue.conclude(conclusion);
      this.#countInHand(conclusion.owner, -1);
      if (conclusion.later !== undefined) this.#due(conclusion.destination, conclusion.later.dueAt);
    } catch (error) {
      const { queueId, destination } = conclusion;
      this.#parts.log.error({ err: error, queueId, destination }, 'what came of an attempt could not be stored yet');
      this.#untold.add(conclusion);
      this.#isUnsure = true;
    }
  }

  async #tellUntold(): Promise<void> {
    const conclusions = [...this.#untold];
    this.#untold.clear();
    for (const conclusion of conclusions) await this.#conclude(conclusion);
  }

  /** That somebody was told, for the trace, where it comes after what was told; undefined when it could not be posted. */
  async #tryReport(
    kind: 'failed' | 'relayed' | 'delivered' | 'delayed',
    delivery: LeasedDelivery,
    recipients: readonly Reported[],
  ): Promise<readonly TraceEvent[] | undefined> {
    const { message, destination, queueId } = delivery;
    const { reporter, clock, log } = this.#parts;
    const nowMs = clock.now();
    const until = kind === 'delayed' ? { willRetryUntil: message.expiresAt } : {};
    try {
      if (!(await reporter.report({ kind, message, destination, nowMs, ...until }, recipients))) return [];
      const addresses = recipients.map(({ recipient }) => recipient.address);
      return [{ at: nowMs, kind: 'reported', recipients: addresses, text: kind }];
    } catch (error) {
      log.error({ err: error, queueId }, 'a report could not be posted');
      return undefined;
    }
  }

  #record(
    delivery: LeasedDelivery,
    results: {
      readonly gone: readonly RecipientResult[];
      readonly later: readonly RecipientResult[];
      readonly failed: readonly Reported[];
    },
    dueAt: number,
  ): void {
    const { trace, clock } = this.#parts;
    const at = clock.now();
    for (const result of results.gone) {
      if (result.kind !== 'gone') continue;
      const kind = delivery.destination === LOCAL ? 'delivered' : 'relayed';
      const { enhanced, text } = result.reply;
      const recipients = [result.recipient.address];
      trace.event(delivery.queueId, { at, kind, recipients, ...result.by, enhanced, text });
    }
    for (const result of results.later)
      if (result.kind === 'later') trace.event(delivery.queueId, { ...describe('deferred', result, at), until: dueAt });
    for (const one of results.failed) trace.event(delivery.queueId, describe('failed', one, at));
  }

  // Delays and ends

  async #attend(): Promise<void> {
    const { queue, clock, random, trace } = this.#parts;
    const { attentionAtOnce } = this.#limits;
    for (;;) {
      const rows = await queue.needingAttention(attentionAtOnce);
      let attended = 0;
      for (const delivery of rows) {
        if (this.#isStopping) return;
        const { queueId, destination, attentionAt, message } = delivery;
        const nowMs = clock.now();
        const isEnd = isOver(message, nowMs);
        const againAt = nowMs + pauseAfter(1, random);
        const nextAt = isEnd ? againAt : nextAttention(message, nowMs);
        // Before the telling, so that nobody is told twice: false where somebody tries it now, or tells of it.
        if (!(await queue.attend({ queueId, destination, attentionAt, nextAttentionAt: nextAt }))) continue;
        attended++;
        const late: DeliveryFailure = { at: nowMs, enhanced: '5.4.7', text: 'Delivery time expired' };
        const failure = delivery.lastFailure ?? (isEnd ? late : null);
        const recipients = delivery.recipients.map((recipient) => ({ recipient, failure }));
        const told = await this.#tryReport(isEnd ? 'failed' : 'delayed', delivery, recipients);
        const args = { queueId, destination, attentionAt: nextAt };
        if (told === undefined) {
          await queue.attend({ ...args, nextAttentionAt: againAt });
          continue;
        }
        if (isEnd) for (const one of recipients) trace.event(queueId, describe('failed', one, nowMs));
        for (const event of told) trace.event(queueId, event);
        if (isEnd) await queue.attend(args);
      }
      if (rows.length < attentionAtOnce || attended === 0) return;
    }
  }
}

/** The connection of a channel and where it leads; none before the first delivery. */
class Channel {
  #open: OpenConnection | undefined;
  readonly #underWay: Set<{ destroy(): void }>;
  readonly #unsettledAtOnce: number;
  readonly #unsettled = new Set<Promise<void>>();

  constructor(underWay: Set<{ destroy(): void }>, unsettledAtOnce: number) {
    this.#underWay = underWay;
    this.#unsettledAtOnce = unsettledAtOnce;
  }

  get open(): OpenConnection | undefined {
    return this.#open;
  }

  use(open: OpenConnection): void {
    this.#open = open;
    this.#underWay.add(open.connection);
  }

  /** Waits until fewer than so many are unsettled, `settling` among them. */
  async goOnBeside(settling: Promise<void>): Promise<void> {
    this.#unsettled.add(settling);
    const forget = (): void => void this.#unsettled.delete(settling);
    settling.then(forget, forget);
    while (this.#unsettled.size >= this.#unsettledAtOnce) await Promise.race(this.#unsettled).catch(() => undefined);
  }

  close(): void {
    if (this.#open === undefined) return;
    this.#underWay.delete(this.#open.connection);
    void this.#open.connection.quit();
    this.#open = undefined;
  }
}

/** Whether the connection can take this message. */
function isFit(connection: SmtpConnection | undefined, { requireTls }: QueuedMessage): boolean {
  return connection?.isUsable === true && (!requireTls || connection.tls?.verifiedBy !== undefined);
}

/** A kept connection that had died meanwhile: nothing was said about the message. */
function isStale({ failure }: SendResult): boolean {
  return failure?.kind === 'connectionFailed' && ['idle', 'rset', 'mail'].includes(failure.stage);
}

function nameOutcome({ recipients, failure }: SendResult): string {
  if (failure?.kind === 'connectionFailed') return 'lost';
  if (recipients.every((one) => one.kind === 'accepted' && isSuccess(one.reply))) return 'sent';
  return recipients.some(({ kind }) => kind === 'accepted') ? 'partly' : 'refused';
}

function dsnOf({ ret, envid }: QueuedMessage): { ret?: 'FULL' | 'HDRS'; envid?: string } {
  return { ...(ret === undefined ? {} : { ret }), ...(envid === undefined ? {} : { envid }) };
}

function deliverByOf(
  { deliverBy }: QueuedMessage,
  nowMs: number,
): { deliverBy?: { readonly seconds: number; readonly mode: 'R' | 'N' } } {
  if (deliverBy === undefined) return {};
  return { deliverBy: { seconds: Math.ceil((deliverBy.until - nowMs) / 1000), mode: deliverBy.mode } };
}

/** Whether its time is up, and it is returned. */
function isOver({ deliverBy, expiresAt }: QueuedMessage, nowMs: number): boolean {
  return nowMs >= expiresAt || (deliverBy?.mode === 'R' && nowMs >= deliverBy.until);
}

/** When the sender is to hear again: at the end, or before it at the hour the sender named. */
function nextAttention({ deliverBy, expiresAt }: QueuedMessage, nowMs: number): number {
  return deliverBy !== undefined && deliverBy.until > nowMs ? Math.min(deliverBy.until, expiresAt) : expiresAt;
}

function describe(kind: 'deferred' | 'failed', { recipient, failure }: Reported, at: number): TraceEvent {
  return {
    at,
    kind,
    recipients: [recipient.address],
    ...(failure?.remote === undefined ? {} : { remote: failure.remote }),
    ...(failure === null
      ? {}
      : {
          enhanced: failure.enhanced,
          text: failure.code === undefined ? failure.text : `${failure.code} ${failure.text}`,
        }),
  };
}
