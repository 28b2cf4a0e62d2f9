/** Dates of header fields (RFC 5322 §3.3, obsolete and broken forms) to milliseconds, and back. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** RFC 5322 §4.3, in minutes. Others, the military letters among them, mean an unknown offset: read as +0000. */
const ZONES: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  hkt: 480,
  sgt: 480,
  jst: 540,
  kst: 540,
  cet: 60,
  cest: 120,
  bst: 60,
  msk: 180,
};

const CHINA_OFFSET = 480;
const VALUE_MAX = 200;

/**
 * Milliseconds since the epoch of a Date value, or undefined when it cannot be read. Reads RFC 5322 with its obsolete
 * forms, asctime and Java's Date.toString, ISO 8601, and 2019年9月16日 10:00. Without a zone the time is UTC.
 */
export function parseDate(value: string): number | undefined {
  return parseZonedDate(value)?.ms;
}

/** The same, with the zone it was written in: minutes east of UTC. */
export function parseZonedDate(value: string): { readonly ms: number; readonly offsetMinutes: number } | undefined {
  const text = value
    .slice(0, VALUE_MAX)
    .replace(/\([^()]*\)?/g, ' ')
    .trim();
  const time =
    /(\d{1,2})\s*[:.时]\s*(\d{1,2})(?:\s*[:.分]\s*(\d{1,2}))?(?:[.,]\d+)?秒?(?:\s*([ap])\.?m\.?(?![a-z]))?/i.exec(text);
  const date = time === null ? text : text.slice(0, time.index);
  const after = time === null ? '' : text.slice(time.index + time[0].length);
  const day = readDay(date) ?? readDay(`${date} ${after}`);
  if (day === undefined) return undefined;
  let hour = Number(time?.[1] ?? 0);
  const minute = Number(time?.[2] ?? 0);
  let second = Number(time?.[3] ?? 0);
  const half = time?.[4]?.toLowerCase();
  if (half === 'p' && hour < 12) hour += 12;
  else if (half === 'a' && hour === 12) hour = 0;
  // A leap second is the minute's last.
  if (second === 60) second = 59;
  if (hour > 24 || minute > 59 || second > 59) return undefined;
  const utc = Date.UTC(day.year, day.month, day.day, hour, minute, second);
  const offsetMinutes = readOffset(after);
  const ms = utc - offsetMinutes * 60_000;
  return Number.isFinite(ms) ? { ms, offsetMinutes } : undefined;
}

interface Day {
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  readonly day: number;
}

const DAY_FIRST = /(\d{1,2})[\s./-]*([a-z]{3})[a-z]*\.?[\s,./-]*(\d{2,4})(?!\d)/i;
const YEAR_FIRST = /(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)/;
/** asctime and Java: `Mon Sep 16 10:00:00 CST 2019`, the year last. */
const MONTH_FIRST =
  /([a-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(?:[a-z]{3,5}\s+)?(?:[+-]\d{4}\s+)?(\d{4})(?!\d)/i;

function readDay(text: string): Day | undefined {
  const [, day, month, year] = DAY_FIRST.exec(text) ?? [];
  const found = year === undefined ? undefined : checkDay(year, MONTHS.indexOf(month!.toLowerCase()), day!);
  if (found !== undefined) return found;
  const iso = YEAR_FIRST.exec(text);
  if (iso !== null) return checkDay(iso[1]!, Number(iso[2]) - 1, iso[3]!);
  const match = MONTH_FIRST.exec(text);
  return match === null ? undefined : checkDay(match[3]!, MONTHS.indexOf(match[1]!.toLowerCase()), match[2]!);
}

function checkDay(yearText: string, month: number, dayText: string): Day | undefined {
  let year = Number(yearText);
  // RFC 5322 §4.3: two digits below 50 are 20xx; two others, or three, count from 1900.
  if (yearText.length === 2) year += year < 50 ? 2000 : 1900;
  else if (yearText.length === 3) year += 1900;
  const day = Number(dayText);
  if (month < 0 || month > 11 || day < 1 || day > 31 || year < 1900 || year > 9999) return undefined;
  return { year, month, day };
}

/** Minutes east of UTC, from what stands after the time. */
function readOffset(after: string): number {
  const numeric = /([+-])\s*(\d{2}):?(\d{2})(?!\d)/.exec(after) ?? /([+-])\s*(\d{1,2})(?!\d)/.exec(after);
  if (numeric !== null) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0);
    if (Number(numeric[2]) <= 24 && Number(numeric[3] ?? 0) <= 59) return numeric[1] === '-' ? -minutes : minutes;
    return 0;
  }
  const name = /^\s*([a-z]{1,5})\b/i.exec(after)?.[1]?.toLowerCase();
  if (name === undefined) return 0;
  // Java's `10:00:00 CST 2019` on a server in China; RFC 5322's own form puts the year first.
  if (name === 'cst' && /\d{4}\s*$/.test(after)) return CHINA_OFFSET;
  return ZONES[name] ?? 0;
}

/** RFC 5322 §3.3: `Mon, 16 Sep 2019 10:00:00 +0800`. `offsetMinutes` is east of UTC. */
export function formatDate(ms: number, offsetMinutes: number): string {
  const local = new Date(ms + offsetMinutes * 60_000);
  const zone = Math.abs(offsetMinutes);
  return (
    `${DAY_NAMES[local.getUTCDay()]}, ${local.getUTCDate()} ${MONTH_NAMES[local.getUTCMonth()]} ` +
    `${local.getUTCFullYear()} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())} ` +
    `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}${two(zone % 60)}`
  );
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
