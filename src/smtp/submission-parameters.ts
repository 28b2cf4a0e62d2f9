/**
 * The values of MAIL parameters that only users may give: HOLDFOR and HOLDUNTIL (RFC 4865), BY (RFC 2852), MT-PRIORITY
 * (RFC 6710). Pure: the time is passed in, epoch milliseconds.
 */
import type { DeliverBy } from './receiver.ts';

/** HOLDFOR, seconds from now: until when. */
export function parseHoldFor(value: string, nowMs: number): number | undefined {
  return /^[1-9]\d{0,8}$/.test(value) ? nowMs + Number(value) * 1000 : undefined;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** HOLDUNTIL, a date and time of RFC 3339. */
export function parseHoldUntil(value: string): number | undefined {
  const match = DATE_TIME.exec(value);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  // Date.parse makes the first of March of the 30th of February. The 60th is a leap second, taken as the next.
  const isGood = month <= 12 && day >= 1 && day <= daysOf(year, month) && hour <= 23 && minute <= 59 && second <= 60;
  if (!isGood) return undefined;
  const untilMs = Date.parse(second === 60 ? `${value.slice(0, 17)}59${value.slice(19)}` : value);
  if (Number.isNaN(untilMs)) return undefined;
  return second === 60 ? untilMs + 1000 : untilMs;
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** BY: seconds, how to go on after them, and whether to trace. Returning what is late already is an error. */
export function parseDeliverBy(value: string, nowMs: number): DeliverBy | undefined {
  const match = /^([+-]?\d{1,9});([RN])(T?)$/i.exec(value);
  if (match === null) return undefined;
  const [seconds, mode] = [Number(match[1]), match[2]?.toUpperCase() === 'R' ? 'return' : 'notify'] as const;
  if (mode === 'return' && seconds <= 0) return undefined;
  return { until: nowMs + seconds * 1000, mode, trace: match[3] !== '' };
}

/** MT-PRIORITY: -9 … 9. */
export function parsePriority(value: string): number | undefined {
  return /^(?:0|-?[1-9])$/.test(value) ? Number(value) : undefined;
}
