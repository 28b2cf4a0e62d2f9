/**
 * Looks after the DKIM keys of our domains: makes those that are missing, lets a key sign once the DNS shows its
 * record, makes the next one in time, and forgets those whose signatures nobody checks any more. A domain whose records
 * nobody puts into the DNS goes on unsigned, or with the keys it has.
 */
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { Resolver } from '#dns/resolver.ts';
import {
  checkPublishedKey,
  type DkimKey,
  formatZoneLine,
  makeDkimKey,
  needsRecord,
  nextSelector,
  type SigningAlgorithm,
} from './dkim-keys.ts';
import type { TrustStore } from './ports/trust-store.ts';

export interface DkimKeeperOptions {
  readonly store: Pick<TrustStore, 'reader' | 'run'>;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Logger;
  readonly algorithms: readonly SigningAlgorithm[];
  /** How long a key signs before the next one is made; 0: for ever. */
  readonly rotateAfterMs: number;
}

export class DkimKeeper {
  readonly #options: DkimKeeperOptions;

  constructor(options: DkimKeeperOptions) {
    this.#options = options;
  }

  /** One look at the keys of a domain: how many wait for their record. Rejects for outages of the store. */
  async lookAfter(domain: string): Promise<number> {
    await this.makeMissingKeys(domain);
    const { store, clock } = this.#options;
    let waiting = 0;
    for (const key of await store.reader.dkimKeys(domain)) {
      if (key.state === 'new') waiting += (await this.activateIfPublished(key)) ? 0 : 1;
      else if (!needsRecord(key, clock.now())) await this.#remove(key);
    }
    return waiting;
  }

  /** Makes the keys that a domain lacks or will need soon; without a look at the DNS. */
  async makeMissingKeys(domain: string): Promise<void> {
    const { store, algorithms } = this.#options;
    for (const algorithm of algorithms) {
      const keys = (await store.reader.dkimKeys(domain)).filter((key) => key.algorithm === algorithm);
      if (this.#needsAnother(keys)) await this.addKey(domain, algorithm);
    }
  }

  /** Makes a key, which signs nothing yet. */
  async addKey(domain: string, algorithm: SigningAlgorithm): Promise<DkimKey> {
    const { store, clock, log } = this.#options;
    for (;;) {
      const taken = (await store.reader.dkimKeys(domain)).map(({ selector }) => selector);
      const key = await makeDkimKey(domain, nextSelector(taken, clock.now()), algorithm, clock.now());
      try {
        await store.run('addDkimKey', { key });
      } catch (error) {
        // Another front-end took the name: its key may be of the other algorithm.
        if (isMailError(error, 'alreadyExists')) continue;
        throw error;
      }
      log.info({ domain, selector: key.selector, record: formatZoneLine(key) }, 'a DKIM key waits for its DNS record');
      return key;
    }
  }

  /** Whether it signs from now on. */
  async activateIfPublished(key: DkimKey): Promise<boolean> {
    const { store, resolver, log } = this.#options;
    const { domain, selector } = key;
    const published = await checkPublishedKey(key, resolver);
    if (published.kind === 'different')
      log.warn({ domain, selector, found: published.found }, 'the DNS has another record than this DKIM key needs');
    if (published.kind !== 'published') return false;
    await store.run('activateDkimKey', { domain, selector });
    log.info({ domain, selector }, 'a DKIM key signs from now on');
    return true;
  }

  #needsAnother(keys: readonly DkimKey[]): boolean {
    if (keys.some(({ state }) => state === 'new')) return false;
    const active = keys.find(({ state }) => state === 'active');
    if (active === undefined) return true;
    const { rotateAfterMs, clock } = this.#options;
    return rotateAfterMs > 0 && clock.now() - active.changedAt > rotateAfterMs;
  }

  async #remove({ domain, selector }: DkimKey): Promise<void> {
    try {
      await this.#options.store.run('removeDkimKey', { domain, selector });
      this.#options.log.info({ domain, selector }, 'a DKIM key is gone; its DNS record may go, too');
    } catch (error) {
      if (!isMailError(error, 'notFound')) throw error;
    }
  }
}
