import type { Texts } from '#web/locales/texts.ts';
import type { Refused } from './api.ts';

/** What a refusal means, and how long it lasts. */
export function refusalText({ t, day }: Texts, refused: Refused, now: Date): string {
  const { error, retryAfter = 0, problem, until } = refused;
  if (error === 'alias' && problem !== undefined) {
    return problem === 'tooSoon' && typeof until === 'string'
      ? t('alias.tooSoonUntil', { day: day(new Date(until), now) })
      : t(`alias.${problem}`);
  }
  const text = t(`steps.${error}`);
  if (retryAfter <= 0) return text;
  return retryAfter <= 90
    ? `${text} ${t('steps.retrySeconds', { seconds: retryAfter })}`
    : `${text} ${t('signIn.retryAfter', { minutes: Math.ceil(retryAfter / 60) })}`;
}
