import type { Texts } from '#web/locales/texts.ts';
import type { Trouble } from '#web/webmail/writing.ts';

/** Why, in words; with what the server said to it. */
export function troubleText({ reason, detail }: Trouble, { t }: Texts): string {
  return detail === '' ? t(`trouble.${reason}`) : `${t(`trouble.${reason}`)} ${detail}`;
}
