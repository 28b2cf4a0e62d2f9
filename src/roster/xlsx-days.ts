/** Days as spreadsheets count them: the smallest part of what a workbook is made of, and all that a CSV has of it. */
import { DAY_MS } from '#base/clock.ts';

/**
 * `YYYY-MM-DD` of a day as spreadsheets count them; undefined outside 1900-03-01 … 2173. Day 60 of the older count is a
 * 29 February 1900 that never was, so days count from two days before 1900-01-01 on.
 */
export function serialToDay(serial: number, startsIn1904 = false): string | undefined {
  const day = Math.floor(serial) + (startsIn1904 ? 1462 : 0);
  if (day < 61 || day > 100_000) return undefined;
  return new Date(Date.UTC(1899, 11, 30) + day * DAY_MS).toISOString().slice(0, 10);
}
