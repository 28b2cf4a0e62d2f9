/** How long to wait before trying again. */
import { RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits.ts';

/** Doubles with each failure in a row; chance takes up to half off, so that 60,000 browsers do not come back at once. */
export function backoffMs(failures: number, random: () => number): number {
  const longest = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return longest * (1 - random() / 2);
}
