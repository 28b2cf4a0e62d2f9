/** When an account's vacation holds. */
import { DAY_MS } from '#base/clock.ts';
import type { VacationRow } from './types.ts';

export function isAway(
  { isEnabled, from, until }: Pick<VacationRow, 'isEnabled' | 'from' | 'until'>,
  nowMs: number,
): boolean {
  return isEnabled && (from === null || nowMs >= from) && (until === null || nowMs < until);
}

/** A sender who was answered before this instant may be answered again. */
export function answeredAnew({ days }: Pick<VacationRow, 'days'>, nowMs: number): number {
  return nowMs - days * DAY_MS;
}
