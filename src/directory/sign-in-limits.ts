/**
 * How often one may guess. Counts failures for each account and for each address range; knows no passwords, only
 * opaque subjects ("who is signed in to") and fingerprints of guesses.
 *
 * The rules, and what each is against:
 * - Ten wrong guesses at one account lock it for 15 minutes, and the answers get slower on the way.
 * - The lock is for strangers. A range from which the account signed in of late is known to it and has a count of its
 *   own, so that nobody elsewhere can lock a user out. (Letting a cached, correct password through a lock from
 *   anywhere would do that too, but would tell an attacker which of any number of guesses is right.)
 * - The same wrong password again is not one more guess: a phone that keeps an old password locks nobody out.
 * - A range that fails 100 times or at 50 accounts in 15 minutes is closed to strangers: spraying one password over
 *   many accounts. Accounts that know the range go on, so that one bad machine does not close a dormitory.
 * - Unknown users are counted just as accounts are, so that the answers do not tell them apart.
 *
 * What is here is kept in the memory of one thread and lost with it. Everything that crosses `SignInLimits` is plain data behind
 * a promise, so that one thread keeps it for all of a server. Servers that share a store count in that, by the same
 * rules (`#guesses/shared-sign-in-limits.ts`), and here only while it cannot be asked.
 */
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import { isLoopback } from '#base/network-address.ts';
import { createNetworkTest, findAddressRange } from './address-range.ts';

export interface SignInAttempt {
  /** Whom it is about: an account, or a name that is none. */
  readonly subject: string;
  readonly remoteAddress: string;
  /** Equal for equal passwords at one subject; null where no password is seen (SCRAM). */
  readonly guess: string | null;
}

/** What `settle` needs of an admitted attempt; null where nothing is counted. */
export interface SignInTicket {
  readonly attempt: SignInAttempt;
  /** The count it goes to, fixed at admission. */
  readonly countKey: string;
  /** Of counts in a store: where it is noted that it is under way. Absent: it was admitted by the counts of one thread. */
  readonly claim?: 'store' | 'here';
  /** With `claim: 'here'`: when the subject was last written down as seen there. */
  readonly seenAt?: number;
}

export type SignInAdmission =
  | { readonly verdict: 'check'; readonly ticket: SignInTicket | null }
  /** Wrong as it was before: no need to check. To be answered after the delay. */
  | { readonly verdict: 'repeat'; readonly delayMs: number }
  | { readonly verdict: 'limited'; readonly retryAfterMs: number };

export interface SignInLimits {
  /** Before anything is checked. Every ticket is settled once. */
  admit(attempt: SignInAttempt): Promise<SignInAdmission>;
  /** `unchecked`: we could not tell. The delay is what to wait before answering. */
  settle(
    ticket: SignInTicket | null,
    outcome: 'success' | 'failure' | 'unchecked',
  ): Promise<{ readonly delayMs: number }>;
  /** The subject's counts start anew: its password was changed, or it was enabled again. */
  forget(subject: string): Promise<void>;
}

export interface SignInLimitSettings {
  readonly maxFailures: number;
  /** In which they are counted, from the first. */
  readonly windowMs: number;
  readonly lockMs: number;
  /** The second failure waits this long, each further one twice as long as the one before. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxFailuresPerRange: number;
  /** Different accounts failed at from one range. */
  readonly maxSubjectsPerRange: number;
  /** No limit at all for 127.0.0.0/8 and ::1: only where no proxy on this host hides its clients' addresses. */
  readonly exemptLoopback: boolean;
  /** Networks (`10.0.0.0/8`) behind one address of which thousands sign in: their ranges are watched, never closed. */
  readonly sharedNetworks: readonly string[];
}

export const defaultSignInLimits: SignInLimitSettings = {
  maxFailures: 10,
  windowMs: 15 * 60_000,
  lockMs: 15 * 60_000,
  firstDelayMs: 250,
  maxDelayMs: 5_000,
  maxFailuresPerRange: 100,
  maxSubjectsPerRange: 50,
  exemptLoopback: false,
  sharedNetworks: [],
};

// Memory bounds. To push one lock out, an attacker must fail at so many other names within 15 minutes, more than the
// hashes we can compute in that time.
const MAX_COUNTS = 50_000;
const MAX_RANGES = 10_000;
const MAX_SUBJECTS_WITH_KNOWN_RANGES = 50_000;
export const MAX_KNOWN_RANGES_PER_SUBJECT = 8;
/** A /48 may be a university or one tenant: it gets this many times the budget of a /64. */
export const WIDER_RANGE_FACTOR = 4;
/** When only attempts under way fill the count: it frees within a hash's time. */
export const RETRY_SOON_MS = 1_000;
/** A client that repeats a wrong password is slowed this much at least. */
export const MIN_REPEAT_DELAY_MS = 1_000;

interface FailureCount {
  failures: number;
  /** Admitted and not settled: counted as failures, or parallel guesses would pass before the first one counts. */
  pending: number;
  windowEndsAt: number;
  lockedUntil: number;
  guesses: string[];
}

interface RangeCount {
  failures: number;
  windowEndsAt: number;
  readonly subjects: Set<string>;
}

/** The limits of one thread. */
export class LocalSignInLimits implements SignInLimits {
  readonly #settings: SignInLimitSettings;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #isShared: (remoteAddress: string) => boolean;
  readonly #counts = new LruMap<string, FailureCount>(MAX_COUNTS);
  readonly #ranges = new LruMap<string, RangeCount>(MAX_RANGES);
  /** Ranges each subject succeeded from, latest last. Apart from the counts, so that failures cannot push them out. */
  readonly #known = new LruMap<string, string[]>(MAX_SUBJECTS_WITH_KNOWN_RANGES);

  constructor(options: { readonly clock: Clock; readonly log: Logger; readonly settings: SignInLimitSettings }) {
    this.#settings = options.settings;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#isShared = createNetworkTest(options.settings.sharedNetworks);
  }

  async admit(attempt: SignInAttempt): Promise<SignInAdmission> {
    const { subject, remoteAddress, guess } = attempt;
    const { exemptLoopback, maxFailures } = this.#settings;
    if (exemptLoopback && isLoopback(remoteAddress)) return { verdict: 'check', ticket: null };

    const now = this.#clock.monotonic();
    const { range } = findAddressRange(remoteAddress);
    const isKnown = this.#known.get(subject)?.includes(range) ?? false;
    const countKey = isKnown ? knownCountKey(subject, range) : subject;
    const count = this.#countAt(countKey, now);

    if (count.lockedUntil > now) return { verdict: 'limited', retryAfterMs: count.lockedUntil - now };
    if (!isKnown) {
      const reopensAt = this.#rangeReopensAt(remoteAddress, now);
      if (reopensAt > now) return { verdict: 'limited', retryAfterMs: reopensAt - now };
    }
    if (guess !== null && count.guesses.includes(guess)) {
      return {
        verdict: 'repeat',
        delayMs: Math.max(MIN_REPEAT_DELAY_MS, failureDelayMs(count.failures, this.#settings)),
      };
    }
    if (count.failures + count.pending >= maxFailures) return { verdict: 'limited', retryAfterMs: RETRY_SOON_MS };
    count.pending++;
    this.#counts.set(countKey, count);
    return { verdict: 'check', ticket: { attempt, countKey } };
  }

  async settle(
    ticket: SignInTicket | null,
    outcome: 'success' | 'failure' | 'unchecked',
  ): Promise<{ readonly delayMs: number }> {
    if (ticket === null) return { delayMs: 0 };
    const now = this.#clock.monotonic();
    const count = this.#countAt(ticket.countKey, now);
    count.pending = Math.max(0, count.pending - 1);
    if (outcome === 'failure') return { delayMs: this.#countFailure(ticket, count, now) };
    if (outcome === 'success') this.#countSuccess(ticket.attempt, count);
    if (count.failures === 0 && count.pending === 0) this.#counts.delete(ticket.countKey);
    return { delayMs: 0 };
  }

  async forget(subject: string): Promise<void> {
    this.#counts.delete(subject);
    for (const range of this.#known.get(subject) ?? []) this.#counts.delete(knownCountKey(subject, range));
  }

  #countFailure({ attempt, countKey }: SignInTicket, count: FailureCount, now: number): number {
    const { maxFailures, windowMs, lockMs } = this.#settings;
    if (count.failures === 0) count.windowEndsAt = now + windowMs;
    count.failures++;
    if (attempt.guess !== null) count.guesses.push(attempt.guess);
    if (count.failures >= maxFailures) {
      count.lockedUntil = now + lockMs;
      const { subject, remoteAddress } = attempt;
      this.#log.warn({ subject, remoteAddress, failures: count.failures, lockMs }, 'sign-in locked');
    }
    this.#counts.set(countKey, count);
    const { range, wider } = findAddressRange(attempt.remoteAddress);
    this.#countRangeFailure(range, 1, attempt.subject, now);
    if (wider !== undefined) this.#countRangeFailure(wider, WIDER_RANGE_FACTOR, attempt.subject, now);
    return failureDelayMs(count.failures, this.#settings);
  }

  #countSuccess({ subject, remoteAddress }: SignInAttempt, count: FailureCount): void {
    const { range } = findAddressRange(remoteAddress);
    const known = this.#known.get(subject);
    if (known === undefined) {
      this.#known.set(subject, [range]);
    } else if (known.includes(range)) {
      // Only a known range's own count: strangers' guesses are not undone by the user's regular visits.
      if (known.at(-1) !== range) known.push(...known.splice(known.indexOf(range), 1));
      count.failures = 0;
      count.guesses = [];
    } else {
      known.push(range);
      if (known.length > MAX_KNOWN_RANGES_PER_SUBJECT) known.shift();
    }
  }

  #countRangeFailure(range: string, factor: number, subject: string, now: number): void {
    const { maxSubjectsPerRange, windowMs } = this.#settings;
    const maxSubjects = maxSubjectsPerRange * factor;
    const current = this.#ranges.get(range);
    const count =
      current !== undefined && current.windowEndsAt > now
        ? current
        : { failures: 0, windowEndsAt: now + windowMs, subjects: new Set<string>() };
    count.failures++;
    if (count.subjects.size < maxSubjects) {
      count.subjects.add(subject);
      if (count.subjects.size === maxSubjects) {
        this.#log.warn({ range, subjects: maxSubjects, windowMs }, 'passwords are being sprayed over many accounts');
      }
    }
    this.#ranges.set(range, count);
  }

  // Attempts under way are not counted here as they are for an account: thousands may sign in rightly from behind one
  // gateway at the same moment. What slips through at once is bounded by the queue for hashes.
  #rangeReopensAt(remoteAddress: string, now: number): number {
    if (this.#isShared(remoteAddress)) return now;
    const { range, wider } = findAddressRange(remoteAddress);
    const reopensAt = this.#budgetReopensAt(range, 1, now);
    return wider === undefined ? reopensAt : Math.max(reopensAt, this.#budgetReopensAt(wider, WIDER_RANGE_FACTOR, now));
  }

  #budgetReopensAt(range: string, factor: number, now: number): number {
    const { maxFailuresPerRange, maxSubjectsPerRange } = this.#settings;
    const count = this.#ranges.get(range);
    if (count === undefined) return now;
    const isSpent =
      count.failures >= maxFailuresPerRange * factor || count.subjects.size >= maxSubjectsPerRange * factor;
    return isSpent ? count.windowEndsAt : now;
  }

  /** The count as of now: an ended lock or window leaves only what is under way. Not stored yet when new. */
  #countAt(countKey: string, now: number): FailureCount {
    const count = this.#counts.get(countKey);
    if (count === undefined) return { failures: 0, pending: 0, windowEndsAt: 0, lockedUntil: 0, guesses: [] };
    if (count.failures > 0 && now >= Math.max(count.windowEndsAt, count.lockedUntil)) {
      count.failures = 0;
      count.lockedUntil = 0;
      count.guesses = [];
    }
    return count;
  }
}

/** What to wait before answering so manyth failure. */
export function failureDelayMs(failures: number, { firstDelayMs, maxDelayMs }: SignInLimitSettings): number {
  return failures < 2 ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 2));
}

function knownCountKey(subject: string, range: string): string {
  return `${subject} ${range}`;
}
