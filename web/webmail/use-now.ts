/** The time as the screens tell it: passes by the minute, so that 今天 becomes 昨天 on a page that stays open. */
import { createLive, useLive } from './live.ts';

const MINUTE_MS = 60_000;

const now = createLive(new Date());
setInterval(() => now.set(new Date()), MINUTE_MS);

export function useNow(): Date {
  return useLive(now);
}
