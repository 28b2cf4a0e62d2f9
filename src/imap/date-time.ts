/** Dates as IMAP writes them (RFC 9051 §9 date, date-time). */
import { DAY_MS } from '#base/clock.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Milliseconds since the epoch of `17-Jul-1996 02:44:25 -0700`; `undefined` for anything else. */
export function parseDateTime(text: string): number | undefined {
  const match = /^([ 0-3]?\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [, day, month, year, hour, minute, second, sign, zoneHour, zoneMinute] = match;
  const dayMs = toDay(Number(year), month as string, Number(day));
  if (dayMs === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const timeMs = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const zoneMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return dayMs + timeMs - (sign === '-' ? -zoneMs : zoneMs);
}

/** The day `1-Feb-1994` as days since the epoch, without regard to zones; `undefined` for anything else. */
export function parseDay(text: string): number | undefined {
  const match = /^([ 0-3]?\d)-([A-Za-z]{3})-(\d{4})$/.exec(text);
  if (match === null) return undefined;
  const dayMs = toDay(Number(match[3]), match[2] as string, Number(match[1]));
  return dayMs === undefined ? undefined : dayMs / DAY_MS;
}

function toDay(year: number, monthName: string, day: number): number | undefined {
  const month = MONTHS.findIndex((name) => name.toLowerCase() === monthName.toLowerCase());
  if (month < 0 || day < 1 || day > 31) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getUTCDate() === day ? date.getTime() : undefined;
}

/** Days since the epoch, in UTC, of a moment. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** `"17-Jul-1996 09:44:25 +0000"`. */
export function formatDateTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
  const day = date.getUTCDate();
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  return `"${day < 10 ? ' ' : ''}${day}-${MONTHS[date.getUTCMonth()]}-${year} ${time} +0000"`;
}
