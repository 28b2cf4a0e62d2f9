/** 工号 and 学号 in one spelling, however people type them. */
import { MAX_ROSTER_NUMBER_LENGTH } from './limits.ts';

/**
 * Full-width characters are folded, blanks go, letters become small. Undefined: not a roster number, which is letters and
 * digits, with `-`, `_` and `.` inside.
 */
export function canonicalizeNumber(text: string): string | undefined {
  if (text.length > 4 * MAX_ROSTER_NUMBER_LENGTH) return undefined;
  const number = text.normalize('NFKC').replaceAll(/\s/gu, '').toLowerCase();
  if (number.length > MAX_ROSTER_NUMBER_LENGTH) return undefined;
  return /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(number) ? number : undefined;
}
