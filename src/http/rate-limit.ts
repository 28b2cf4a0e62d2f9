/**
 * How much each caller may ask for, in requests and in octets together: each use costs time, the caller's balance
 * grows by the time that passes, and whoever is a minute in debt is asked to wait.
 */
import type { Clock } from '#base/clock.ts';
import { LruMap } from '#base/lru-map.ts';

export interface Rates {
  readonly requestsPerMinute: number;
  readonly octetsPerMinute: number;
}

const MINUTE_MS = 60_000;

export class RateLimit<Key> {
  readonly #clock: Clock;
  readonly #rates: Rates;
  /** Until when what was used is paid for, by the monotonic clock. */
  readonly #paidAt: LruMap<Key, number>;

  constructor(options: { readonly clock: Clock; readonly rates: Rates; readonly callersKept: number }) {
    this.#clock = options.clock;
    this.#rates = options.rates;
    this.#paidAt = new LruMap(options.callersKept);
  }

  /** Counts a request; otherwise how long to wait before the next one, milliseconds. */
  enter(key: Key): 'ok' | number {
    const now = this.#clock.monotonic();
    const aheadMs = (this.#paidAt.get(key) ?? now) - now;
    if (aheadMs > MINUTE_MS) return aheadMs - MINUTE_MS;
    this.#charge(key, now, MINUTE_MS / this.#rates.requestsPerMinute);
    return 'ok';
  }

  /** Counts octets, in and out alike: of a request that was let in, so never refused, only paid later. */
  charge(key: Key, octets: number): void {
    this.#charge(key, this.#clock.monotonic(), (octets * MINUTE_MS) / this.#rates.octetsPerMinute);
  }

  #charge(key: Key, now: number, costMs: number): void {
    this.#paidAt.set(key, Math.max(this.#paidAt.get(key) ?? now, now) + costMs);
  }
}
