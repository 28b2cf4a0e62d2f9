/**
 * Every change of the counts that several servers share, by name: the one list that backends run from. The rules are those
 * of `#directory/sign-in-limits.ts`. Times are of the servers' clocks: by as much as these differ, a lock or a window may
 * be shorter or longer at one of them, and never longer than the settings say.
 *
 * A guess under way is a claim on its count, written when it is admitted: noted afterwards, as many guesses as there are servers and
 * hashes at once would pass before the first one counts. A claim is no failure (nobody is locked out by a right
 * password that is being checked) and ends by itself, so that a server that died leaves nothing behind.
 */
import {
  MAX_KNOWN_RANGES_PER_SUBJECT,
  MIN_REPEAT_DELAY_MS,
  RETRY_SOON_MS,
  failureDelayMs,
  type SignInLimitSettings,
} from '#directory/sign-in-limits.ts';
import { GUESS_LIMITS } from './limits.ts';
import type { CountRow, GuessOperation, GuessTransaction, TallyRow } from './ports/guess-store.ts';

/** The tally of an address range, the narrow one first. */
export interface RangeTally {
  readonly key: string;
  /** How many times the budget of one range it has. */
  readonly factor: number;
}

export interface AdmitArgs {
  readonly subject: string;
  readonly range: string;
  readonly guess: string | null;
  /** Those that may be closed. */
  readonly tallies: readonly RangeTally[];
  readonly rules: SignInLimitSettings;
}

export type Admitted =
  /** `countRange`: CountRow's, of the count that has the claim. */
  | { readonly verdict: 'check'; readonly countRange: string }
  | { readonly verdict: 'repeat'; readonly delayMs: number }
  | { readonly verdict: 'limited'; readonly retryAfterMs: number };

export interface SettleArgs {
  readonly subject: string;
  readonly range: string;
  readonly countRange: string;
  readonly isClaimed: boolean;
  readonly guess: string | null;
  readonly outcome: 'success' | 'failure' | 'unchecked';
  readonly tallies: readonly RangeTally[];
  readonly rules: SignInLimitSettings;
}

export interface Settled {
  readonly delayMs: number;
  readonly failures: number;
  readonly isLocked: boolean;
  /** The tallies whose last subject this was. */
  readonly sprayed: readonly RangeTally[];
}

export interface BumpArgs {
  readonly keys: readonly string[];
  readonly lastsMs: number;
}

const NOTHING: Settled = { delayMs: 0, failures: 0, isLocked: false, sprayed: [] };

const operations = {
  /** Before a guess is checked. Writes nothing unless it may be. */
  admit: {
    durable: false,
    async run(tx: GuessTransaction, { subject, range, guess, tallies, rules }: AdmitArgs): Promise<Admitted> {
      const isKnown = (await tx.known(subject, range)) !== undefined;
      const countRange = isKnown ? range : '';
      const judge = async (row: CountRow): Promise<Admitted> => {
        if (row.lockedUntil > tx.nowMs) return { verdict: 'limited', retryAfterMs: row.lockedUntil - tx.nowMs };
        const reopensAt = isKnown ? tx.nowMs : await reopening(tx, tallies, rules);
        if (reopensAt > tx.nowMs) return { verdict: 'limited', retryAfterMs: reopensAt - tx.nowMs };
        if (guess !== null && row.guesses.includes(guess))
          return { verdict: 'repeat', delayMs: Math.max(MIN_REPEAT_DELAY_MS, failureDelayMs(row.failures, rules)) };
        if (row.failures + row.claims >= rules.maxFailures) return { verdict: 'limited', retryAfterMs: RETRY_SOON_MS };
        return { verdict: 'check', countRange };
      };
      const seen = await tx.count(subject, countRange);
      if (seen !== undefined || !isKnown) {
        const first = await judge(asOf(tx.nowMs, seen ?? emptyCount(subject, countRange), rules));
        if (first.verdict !== 'check') return first;
      }
      const row = asOf(tx.nowMs, await tx.lockCount(subject, countRange), rules);
      const admitted = await judge(row);
      if (admitted.verdict === 'check')
        await tx.putCount({ ...row, claims: row.claims + 1, claimedUntil: tx.nowMs + GUESS_LIMITS.claimMs });
      return admitted;
    },
  },
  /** Once it is known what a guess was. */
  settle: {
    durable: false,
    async run(tx: GuessTransaction, args: SettleArgs): Promise<Settled> {
      const { subject, range, countRange, isClaimed, guess, outcome, tallies, rules } = args;
      const found = asOf(tx.nowMs, await tx.lockCount(subject, countRange), rules);
      const row = { ...found, claims: Math.max(0, found.claims - (isClaimed ? 1 : 0)) };
      if (outcome !== 'failure') {
        // Only a known range's own count: strangers' guesses are not undone by the user's regular visits.
        const isForgiven = outcome === 'success' && countRange !== '';
        if (outcome === 'success') await noteKnown(tx, subject, range);
        await putOrDelete(tx, isForgiven ? { ...row, failures: 0, lockedUntil: 0, guesses: [] } : row);
        return NOTHING;
      }
      const failures = row.failures + 1;
      const isLocked = failures >= rules.maxFailures;
      await tx.putCount({
        ...row,
        failures,
        windowEndsAt: row.failures === 0 ? tx.nowMs + rules.windowMs : row.windowEndsAt,
        lockedUntil: isLocked ? tx.nowMs + rules.lockMs : row.lockedUntil,
        guesses: guess === null ? row.guesses : [...row.guesses, guess],
      });
      const sprayed: RangeTally[] = [];
      for (const tally of tallies) if (await countAtRange(tx, subject, tally, rules)) sprayed.push(tally);
      return { delayMs: failureDelayMs(failures, rules), failures, isLocked, sprayed };
    },
  },
  forgetSubject: {
    run: (tx: GuessTransaction, { subject }: { readonly subject: string }): Promise<void> => tx.deleteCounts(subject),
  },
  /** Counts once more for each key; answers their tallies. A new one lasts so long. */
  bump: {
    durable: false,
    async run(tx: GuessTransaction, { keys, lastsMs }: BumpArgs): Promise<readonly number[]> {
      const tallies: number[] = [];
      // In one order, so that two who count the same do not wait for each other.
      for (const key of keys.toSorted()) {
        const row = live(tx.nowMs, await tx.lockTally(key), lastsMs);
        await tx.putTally({ ...row, tally: row.tally + 1 });
        tallies[keys.indexOf(key)] = row.tally + 1;
      }
      return tallies;
    },
  },
  dropTally: {
    durable: false,
    run: (tx: GuessTransaction, { key }: { readonly key: string }): Promise<void> => tx.deleteTally(key),
  },
  /** A portion of what is over; answers how many went of the kind of which most did. */
  forget: {
    durable: false,
    run: (tx: GuessTransaction, { limit }: { readonly limit: number }): Promise<number> =>
      tx.forget({ now: tx.nowMs, seenBefore: tx.nowMs - GUESS_LIMITS.knownMs, limit }),
  },
} satisfies Record<string, GuessOperation>;

export const guessOperations: Readonly<Record<keyof typeof operations, GuessOperation>> = operations;

export function emptyCount(subject: string, range: string): CountRow {
  return { subject, range, failures: 0, claims: 0, claimedUntil: 0, windowEndsAt: 0, lockedUntil: 0, guesses: [] };
}

/** The count as it stands now: an ended lock or window leaves only what is under way. */
function asOf(now: number, row: CountRow, { lockMs, windowMs }: SignInLimitSettings): CountRow {
  const claims = row.claimedUntil > now ? row.claims : 0;
  // Written by a server whose clock is ahead: no later than one of ours would say.
  const lockedUntil = Math.min(row.lockedUntil, now + lockMs);
  const windowEndsAt = Math.min(row.windowEndsAt, now + windowMs);
  const isOver = now >= Math.max(windowEndsAt, lockedUntil);
  return isOver
    ? { ...emptyCount(row.subject, row.range), claims, claimedUntil: row.claimedUntil }
    : { ...row, claims, lockedUntil, windowEndsAt };
}

function live(now: number, row: TallyRow, lastsMs: number): TallyRow {
  return row.endsAt > now
    ? { ...row, endsAt: Math.min(row.endsAt, now + lastsMs) }
    : { key: row.key, tally: 0, endsAt: now + lastsMs, members: [] };
}

async function putOrDelete(tx: GuessTransaction, row: CountRow): Promise<void> {
  if (row.failures === 0 && row.claims === 0) await tx.deleteCount(row.subject, row.range);
  else await tx.putCount(row);
}

async function noteKnown(tx: GuessTransaction, subject: string, range: string): Promise<void> {
  await tx.putKnown(subject, { range, seenAt: tx.nowMs });
  for (const old of (await tx.knownRanges(subject)).slice(MAX_KNOWN_RANGES_PER_SUBJECT))
    await tx.deleteKnown(subject, old.range);
}

/** Whether that was the last different subject its budget has. */
async function countAtRange(
  tx: GuessTransaction,
  subject: string,
  { key, factor }: RangeTally,
  { maxSubjectsPerRange, windowMs }: SignInLimitSettings,
): Promise<boolean> {
  const row = live(tx.nowMs, await tx.lockTally(key), windowMs);
  const most = maxSubjectsPerRange * factor;
  const isNew = row.members.length < most && !row.members.includes(subject);
  await tx.putTally({ ...row, tally: row.tally + 1, members: isNew ? [...row.members, subject] : row.members });
  return isNew && row.members.length + 1 === most;
}

/** When strangers may come from there again; now, or earlier, when they may. */
async function reopening(
  tx: GuessTransaction,
  tallies: readonly RangeTally[],
  { maxFailuresPerRange, maxSubjectsPerRange, windowMs }: SignInLimitSettings,
): Promise<number> {
  let reopensAt = 0;
  for (const { key, factor } of tallies) {
    const row = await tx.tally(key);
    if (row === undefined) continue;
    const isSpent = row.tally >= maxFailuresPerRange * factor || row.members.length >= maxSubjectsPerRange * factor;
    if (isSpent) reopensAt = Math.max(reopensAt, Math.min(row.endsAt, tx.nowMs + windowMs));
  }
  return reopensAt;
}
