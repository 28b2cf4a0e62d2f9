/**
 * Counts recipients outside, account by account, and says when it is too much. Counted in this process's memory: a
 * restart forgives, which costs one more hour's worth at most.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import type { SubmissionLimits } from './limits.ts';

/** A day in slices: an hour is the last six of them. */
const SLICE_MS = 10 * 60_000;
const SLICES_PER_HOUR = 6;
const SLICES_PER_DAY = 144;

export interface SendRefusal {
  readonly window: 'hour' | 'day';
  readonly limit: number;
}

export class SendLimits {
  readonly #clock: Clock;
  readonly #limits: SubmissionLimits;
  /** By account: slice number to recipients. */
  readonly #counts: LruMap<AccountId, Map<number, number>>;

  constructor(clock: Clock, limits: SubmissionLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#counts = new LruMap(limits.accountsCounted);
  }

  /** Whether `recipients` more would be too many now. */
  judge(accountId: AccountId, recipients: number): SendRefusal | undefined {
    const { outsidePerHour, outsidePerDay } = this.#limits;
    if (this.#sum(accountId, SLICES_PER_HOUR) + recipients > outsidePerHour)
      return { window: 'hour', limit: outsidePerHour };
    if (this.#sum(accountId, SLICES_PER_DAY) + recipients > outsidePerDay)
      return { window: 'day', limit: outsidePerDay };
    return undefined;
  }

  count(accountId: AccountId, recipients: number): void {
    if (recipients === 0) return;
    const now = this.#slice();
    const slices = this.#counts.get(accountId) ?? new Map<number, number>();
    for (const slice of slices.keys()) if (slice <= now - SLICES_PER_DAY) slices.delete(slice);
    slices.set(now, (slices.get(now) ?? 0) + recipients);
    this.#counts.set(accountId, slices);
  }

  #sum(accountId: AccountId, slices: number): number {
    const since = this.#slice() - slices;
    let sum = 0;
    for (const [slice, count] of this.#counts.get(accountId) ?? []) if (slice > since) sum += count;
    return sum;
  }

  #slice(): number {
    return Math.floor(this.#clock.now() / SLICE_MS);
  }
}
