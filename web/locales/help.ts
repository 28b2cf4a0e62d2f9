/** The help centre's texts: what the notice's third annex explains, and what people ask most. `{places}` are the host's own names. */
import type { Language } from './texts.ts';

export interface HelpTopic {
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** One after the other. */
  readonly steps?: readonly string[];
}

export async function loadHelp(language: Language): Promise<readonly HelpTopic[]> {
  if (language === 'en') return (await import('./help.en.ts')).HELP;
  return (await import('./help.zh-CN.ts')).HELP;
}
