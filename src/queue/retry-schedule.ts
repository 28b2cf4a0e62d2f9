/** When to try again. */
import type { Random } from '#base/random.ts';

const MINUTE = 60_000;
/** After the first, second … attempt (domain.md §8): soon for greylisting, seldom for what is down. */
const PAUSES_MS = [5, 15, 30, 60, 60, 120].map((minutes) => minutes * MINUTE);
/** A destination that could not be reached at all is tried again by one message, which costs little. */
const DESTINATION_PAUSES_MS = [1, 2, 5, 10, 15].map((minutes) => minutes * MINUTE);
/** So that what failed together is not tried again together. */
const JITTER = 0.1;

/** Milliseconds to wait after the `attempts`-th attempt, from 1 on. */
export function pauseAfter(attempts: number, random: Random): number {
  return jitter(pick(PAUSES_MS, attempts), random);
}

/** The same for a destination after so many failures to reach it in a row. */
export function destinationPauseAfter(failures: number, random: Random): number {
  return jitter(pick(DESTINATION_PAUSES_MS, failures), random);
}

function pick(pauses: readonly number[], count: number): number {
  return pauses[Math.min(Math.max(count, 1), pauses.length) - 1] ?? MINUTE;
}

function jitter(ms: number, random: Random): number {
  const share = random.bytes(4).readUInt32LE() / 2 ** 32;
  return Math.round(ms * (1 + JITTER * (2 * share - 1)));
}
