/** How this browser shows mail: kept here and not with the account, because a phone and a desk differ. */
import { chooseLanguage, LANGUAGES, type Language } from '#web/locales/texts.ts';
import { createLive, useLive, type Live } from './live.ts';

export interface Preferences {
  readonly language: Language;
  readonly theme: 'auto' | 'light' | 'dark';
  readonly density: 'comfortable' | 'compact';
  /** Whether an open message stands beside the list or in its place. */
  readonly reading: 'beside' | 'instead';
  /** Whether new mail is announced while the web mail is open somewhere behind, or closed: not at all, that there is some, or from whom. */
  readonly notify: 'off' | 'quiet' | 'full';
  /** Of the list when a message stands beside it, CSS pixels. */
  readonly listWidth: number;
  /** Colours chosen for labels, by keyword: one of those of ui/avatar.css. */
  readonly labelColours: Readonly<Record<string, number>>;
}

/** The list's least and greatest width, CSS pixels: a subject still reads, and so does the message beside it. */
export const LIST_WIDTH = { least: 280, most: 640 } as const;

const STORED_AS = 'campusmail.preferences';

const CHOICES = {
  language: Object.keys(LANGUAGES),
  theme: ['auto', 'light', 'dark'],
  density: ['comfortable', 'compact'],
  reading: ['beside', 'instead'],
  notify: ['off', 'quiet', 'full'],
};

function load(): Preferences {
  const preferences: Record<string, string | number | Record<string, number>> = {
    language: chooseLanguage(navigator.languages),
    theme: 'auto',
    density: 'comfortable',
    reading: 'beside',
    notify: 'off',
    listWidth: 400,
    labelColours: {},
  };
  try {
    const stored = JSON.parse(localStorage.getItem(STORED_AS) ?? '{}') as Record<string, unknown>;
    for (const [name, choices] of Object.entries(CHOICES)) {
      const value = stored[name];
      if (typeof value === 'string' && choices.includes(value)) preferences[name] = value;
    }
    const width = Number(stored['listWidth']);
    if (width >= LIST_WIDTH.least && width <= LIST_WIDTH.most) preferences['listWidth'] = width;
    const colours = Object.entries(stored['labelColours'] ?? {}).filter(([, colour]) => Number.isInteger(colour));
    preferences['labelColours'] = Object.fromEntries(colours);
  } catch {
    // Storage forbidden, or written by something else: the defaults serve.
  }
  return preferences as unknown as Preferences;
}

const preferences = createLive(load());

/** Puts the preferences on the document, where the style sheets look. */
function apply({ theme, density, language }: Preferences): void {
  const { dataset } = document.documentElement;
  dataset['theme'] = theme;
  dataset['density'] = density;
  document.documentElement.lang = language;
}

apply(preferences.getSnapshot());

/** For what is no component. */
export const currentPreferences: Live<Preferences> = preferences;

export function usePreferences(): Preferences {
  return useLive(preferences);
}

export function setPreferences(change: Partial<Preferences>): void {
  const next = { ...preferences.getSnapshot(), ...change };
  apply(next);
  preferences.set(next);
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(next));
  } catch {
    // It lasts as long as the page does.
  }
}
