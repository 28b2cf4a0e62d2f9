/** The help centre's texts: what the notice's third annex explains, and what people ask most. `{places}` are the host's own names. */
import type { Language } from './texts.ts';

export interface HelpTopic {
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** One after the other. */
  readonly steps?: readonly string[];
  /** What else people type who look for it. */
  readonly words?: readonly string[];
}

export async function loadHelp(language: Language): Promise<readonly HelpTopic[]> {
  if (language === 'en') return (await import('./help.en.ts')).HELP;
  return (await import('./help.zh-CN.ts')).HELP;
}

/** Those that hold every word; where one's title or catchwords hold them all, it comes first. */
export function findTopics(topics: readonly HelpTopic[], wanted: string): readonly HelpTopic[] {
  const words = fold(wanted).split(/\s+/u).filter(Boolean);
  const holdsAll = (texts: readonly string[]): boolean => {
    const text = fold(texts.join('\n'));
    return words.every((word) => text.includes(word));
  };
  const heads = topics.filter(({ title, words = [] }) => holdsAll([title, ...words]));
  const rest = topics.filter(
    (topic) =>
      !heads.includes(topic) &&
      holdsAll([topic.title, ...(topic.words ?? []), ...topic.paragraphs, ...(topic.steps ?? [])]),
  );
  return [...heads, ...rest];
}

/** As people type it: full width or not, in either case. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
