/** Bounds of what is counted for several servers, each with its unit and reason. */
import { DAY_MS } from '#base/clock.ts';

export const GUESS_LIMITS = {
  /** How long a check may take, milliseconds: longer than a hash that waited, or an old server that was asked. */
  claimMs: 120_000,
  /** How long a range stays known without a sign-in, milliseconds. */
  knownMs: 30 * DAY_MS,
  /** That a subject was seen at a known range is written down so often, milliseconds. */
  seenEveryMs: DAY_MS,
  /** Rows of each kind forgotten by one operation: some 10 ms. */
  forgottenAtOnce: 1_000,
  /** After the store could not be asked, how long it is not asked again, milliseconds: sign-ins would wait for each try. */
  storeRestsMs: 5_000,
} as const;
