/**
 * Pushes what changes in accounts to the push services their clients named (RFC 8620 §7.2), and ends subscriptions with
 * the sign-in that made them. Runs in one thread of each front-end; a claim in the store sees to it that one of them sends.
 */
import type { Clock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import { WorkQueue } from '#base/work-queue.ts';
import type { AskHttps } from '#http/https-client.ts';
import { RateLimit } from '#http/rate-limit.ts';
import type { MailAccount } from '#mail/account.ts';
import { PUSH_LIMITS } from './limits.ts';
import { PushChannel } from './push/push-channel.ts';
import type { VapidIdentity } from './push/pushed-message.ts';
import type { FeedSource } from './push/state-feed.ts';
import type { JmapRecords } from './records.ts';
import type { PushSubscriptionId } from './types.ts';

export type { VapidIdentity } from './push/pushed-message.ts';

export interface PushSenderParts {
  readonly records: JmapRecords;
  readonly directory: FeedSource['services']['directory'];
  readonly openAccount: (accountId: AccountId) => MailAccount;
  /** Calls back once when the sign-in holds no more by which a subscription's owner made it. */
  readonly watchOwner: (accountId: AccountId, owner: string, onEnded: () => void) => () => void;
  readonly ask: AskHttps;
  readonly vapid: VapidIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What is sent for one account. */
interface Pushed {
  readonly channels: Map<PushSubscriptionId, PushChannel>;
  /** By owner. */
  readonly owners: Map<string, () => void>;
  /** So that one person's dead services hold up nobody else. */
  readonly lane: WorkQueue;
}

export class PushSender {
  readonly #parts: PushSenderParts;
  readonly #accounts = new Map<AccountId, Pushed>();
  /** Reads of an account's rows, one after another. */
  readonly #reviews = new Map<AccountId, Promise<void>>();
  readonly #places = new WorkQueue({ concurrency: PUSH_LIMITS.atOnce, maxWaiting: PUSH_LIMITS.waiting });
  readonly #codes: RateLimit<AccountId>;
  #unwatch = (): void => {};
  #isStopped = false;

  constructor(parts: PushSenderParts) {
    this.#parts = parts;
    this.#codes = new RateLimit({
      clock: parts.clock,
      rates: { requestsPerMinute: PUSH_LIMITS.codesPerMinute, octetsPerMinute: 1 },
      callersKept: PUSH_LIMITS.accountsKept,
    });
  }

  /** Resolves when all subscriptions there are have been looked at. Rejects when they cannot be read. */
  async start(): Promise<void> {
    this.#unwatch = this.#parts.records.watch((accountId) => {
      if (accountId !== null) void this.#review(accountId);
      else void this.#reviewAll().catch((error: unknown) => this.#complain(error));
    });
    await this.#reviewAll();
  }

  stop(): void {
    this.#isStopped = true;
    this.#unwatch();
    for (const accountId of this.#accounts.keys()) this.#forget(accountId);
  }

  async #reviewAll(): Promise<void> {
    for (const accountId of await this.#parts.records.pushAccounts()) await this.#review(accountId);
  }

  /** Never rejects. */
  #review(accountId: AccountId): Promise<void> {
    const before = this.#reviews.get(accountId) ?? Promise.resolve();
    const review = before
      .then(() => this.#readRows(accountId))
      .catch((error: unknown) => {
        this.#complain(error);
        this.#parts.clock.after(PUSH_LIMITS.againMs, () => {
          if (!this.#isStopped) void this.#review(accountId);
        });
      })
      .finally(() => {
        if (this.#reviews.get(accountId) === review) this.#reviews.delete(accountId);
      });
    this.#reviews.set(accountId, review);
    return review;
  }

  async #readRows(accountId: AccountId): Promise<void> {
    const rows = await this.#parts.records.pushSubscriptions(accountId);
    if (this.#isStopped || (rows.length === 0 && !this.#accounts.has(accountId))) return;
    if (rows.length === 0) return this.#forget(accountId);
    const pushed = this.#accounts.get(accountId) ?? this.#take(accountId);
    const ids = new Set(rows.map(({ id }) => id));
    for (const [id, channel] of pushed.channels) {
      if (ids.has(id)) continue;
      channel.close();
      pushed.channels.delete(id);
    }
    for (const row of rows) {
      const channel = pushed.channels.get(row.id);
      if (channel === undefined) pushed.channels.set(row.id, this.#open(accountId, pushed, row));
      else channel.update(row);
    }
    this.#watchOwners(accountId, pushed, new Set(rows.map(({ owner }) => owner)));
  }

  #take(accountId: AccountId): Pushed {
    const lane = new WorkQueue({ concurrency: PUSH_LIMITS.atOnceOfAccount, maxWaiting: PUSH_LIMITS.waiting });
    const pushed: Pushed = { channels: new Map(), owners: new Map(), lane };
    this.#accounts.set(accountId, pushed);
    return pushed;
  }

  #open(accountId: AccountId, { lane }: Pushed, row: ConstructorParameters<typeof PushChannel>[1]): PushChannel {
    const { records, directory, openAccount, clock } = this.#parts;
    return new PushChannel(
      {
        ...this.#parts,
        source: { accountId, account: openAccount(accountId), services: { records, directory, clock } },
        inTurn: (send) => lane.run(() => this.#places.run(send)),
        admitCode: () => this.#codes.enter(accountId),
        onStale: () => void this.#review(accountId),
      },
      row,
    );
  }

  #watchOwners(accountId: AccountId, { owners }: Pushed, present: ReadonlySet<string>): void {
    for (const [owner, unwatch] of owners) {
      if (present.has(owner)) continue;
      unwatch();
      owners.delete(owner);
    }
    for (const owner of present.difference(owners)) {
      const end = (): void => {
        owners.delete(owner);
        this.#parts.records.destroyPushOf({ accountId, owner }).catch((error: unknown) => this.#complain(error));
      };
      owners.set(owner, this.#parts.watchOwner(accountId, owner, end));
    }
  }

  #forget(accountId: AccountId): void {
    const pushed = this.#accounts.get(accountId);
    this.#accounts.delete(accountId);
    for (const channel of pushed?.channels.values() ?? []) channel.close();
    for (const unwatch of pushed?.owners.values() ?? []) unwatch();
  }

  #complain(error: unknown): void {
    if (!this.#isStopped) this.#parts.log.warn({ err: errorText(error) }, 'push subscriptions could not be looked at');
  }
}
