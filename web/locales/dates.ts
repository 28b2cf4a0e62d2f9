/** Dates as people who read mail in Chinese or English expect them, in the browser's time zone, 24 hours. */
import type { Language } from './texts.ts';

/** How many midnights lie between; negative for the future. */
function daysBetween(at: Date, now: Date): number {
  // By calendar fields, so that a day of 23 or 25 hours is one day.
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (day(now) - day(at)) / 86_400_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs fifty times what using it does, and a list uses one a row. */
function formatOf(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined)
    formats.set(key, (format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, options)));
  return format;
}

const TIME = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const MONTH_DAY = { month: 'short', day: 'numeric' } as const;

export function formatDay(
  language: Language,
  at: Date,
  now: Date,
  words: { readonly today: string; readonly yesterday: string },
): string {
  const days = daysBetween(at, now);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  if (at.getFullYear() === now.getFullYear()) return formatOf(language, MONTH_DAY).format(at);
  if (language === 'en') return formatOf(language, { ...MONTH_DAY, year: 'numeric' }).format(at);
  return `${at.getFullYear()}/${at.getMonth() + 1}/${at.getDate()}`;
}

export function formatMoment(language: Language, at: Date, now: Date, yesterday: string): string {
  if (daysBetween(at, now) === 0) return formatOf(language, TIME).format(at);
  return formatDay(language, at, now, { today: '', yesterday });
}

export function formatFull(language: Language, at: Date): string {
  const day = formatOf(language, { year: 'numeric', month: 'long', day: 'numeric' }).format(at);
  const weekday = formatOf(language, { weekday: 'long' }).format(at);
  const time = formatOf(language, TIME).format(at);
  return language === 'en' ? `${weekday}, ${day}, ${time}` : `${day} ${weekday} ${time}`;
}
