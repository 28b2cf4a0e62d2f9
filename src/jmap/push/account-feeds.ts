/**
 * What changed in the caller's account and in those shared with it, as one feed. Who may use an account is looked up
 * each time something is to be told: nothing is told of one that is shared no more.
 */
import type { AccountId } from '#base/ids.ts';
import type { StateChange } from '#contract/jmap/core.ts';
import { sharedAccounts } from '#jmap/core/accounts.ts';
import { formatAccountId } from '#jmap/core/ids.ts';
import type { JmapServices } from '#jmap/core/method.ts';
import { StateFeed, type FeedSource } from './state-feed.ts';

export interface FeedsSource extends FeedSource {
  readonly services: FeedSource['services'] & Pick<JmapServices, 'openAccount'>;
}

type Changed = Record<string, Readonly<Record<string, string>>>;

export class AccountFeeds {
  readonly #source: FeedsSource;
  readonly #types: ReadonlySet<string>;
  readonly #onNews: () => void;
  readonly #own: StateFeed;
  readonly #shared = new Map<AccountId, StateFeed>();
  readonly #unwatch: () => void;
  /** Taken of some accounts when another failed. */
  #taken: Changed = {};
  /** Other accounts may be shared now. */
  #isStale = false;
  #isClosed = false;

  /** As StateFeed. */
  constructor(source: FeedsSource, types: ReadonlySet<string>, onNews: () => void) {
    this.#source = source;
    this.#types = types;
    this.#onNews = onNews;
    this.#own = new StateFeed(source, types, onNews);
    this.#unwatch = source.services.directory.watchAccounts((accountId) => {
      if (accountId !== source.accountId && !this.#shared.has(accountId)) return;
      this.#isStale = true;
      onNews();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    this.#own.close();
    for (const feed of this.#shared.values()) feed.close();
  }

  /** As StateFeed. */
  async start(pushState?: string): Promise<void> {
    const [own, ...others] = (pushState ?? '').split('~');
    const known = new Map(others.map((part) => part.split(':', 2) as [string, string]));
    await this.#own.start(pushState === undefined ? undefined : own);
    await this.#review(known);
  }

  get hasNews(): boolean {
    return this.#isStale || this.#own.hasNews || this.#shared.values().some((feed) => feed.hasNews);
  }

  get pushState(): string {
    const others = Array.from(this.#shared, ([accountId, feed]) => `~${formatAccountId(accountId)}:${feed.pushState}`);
    return this.#own.pushState + others.join('');
  }

  /** As StateFeed, of all accounts together. */
  async take(): Promise<StateChange | undefined> {
    await this.#review(new Map());
    for (const feed of [this.#own, ...this.#shared.values()]) {
      if (feed.hasNews) Object.assign(this.#taken, (await feed.take())?.changed);
    }
    const changed = this.#taken;
    this.#taken = {};
    return Object.keys(changed).length === 0 ? undefined : { '@type': 'StateChange', changed };
  }

  /** Feeds are those of what is shared now. `known`: up to where the client knows what happened, by account. */
  async #review(known: ReadonlyMap<string, string>): Promise<void> {
    this.#isStale = false;
    const { services, accountId: callerId } = this.#source;
    const ids = new Set((await sharedAccounts({ services, callerId })).map(({ accountId }) => accountId));
    for (const [accountId, feed] of this.#shared) {
      if (ids.has(accountId)) continue;
      feed.close();
      this.#shared.delete(accountId);
      delete this.#taken[formatAccountId(accountId)];
    }
    for (const accountId of ids) {
      if (this.#shared.has(accountId) || this.#isClosed) continue;
      const account = await services.openAccount(accountId);
      const feed = new StateFeed({ accountId, account, services }, this.#types, this.#onNews);
      this.#shared.set(accountId, feed);
      await feed.start(known.get(formatAccountId(accountId)));
    }
    if (this.#isClosed) for (const feed of this.#shared.values()) feed.close();
  }
}
