/** Days as people here read them. */
import type { Bilingual } from './troubles.ts';

/** Where the campus is. */
export function formatDay(ms: number): Bilingual {
  const day = new Date(ms + 8 * 3_600_000);
  const en = day.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return { zh: `${day.getUTCFullYear()}年${day.getUTCMonth() + 1}月${day.getUTCDate()}日`, en };
}
