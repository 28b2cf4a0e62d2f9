/**
 * What every text, number and date is said with. A text is a key of zh-CN.ts, which decides what keys there are and what their
 * `{places}` are called; the other languages are checked against it by the compiler.
 */
import { createContext, useContext } from 'react';
import { formatDay, formatFull, formatMoment } from './dates.ts';
import type { zhCN } from './zh-CN.ts';

export const LANGUAGES = { 'zh-CN': '简体中文', en: 'English' } as const;
export type Language = keyof typeof LANGUAGES;

/** A text; or its forms by the number in `{count}`, where a language has several. */
export type Message = string | { readonly one: string; readonly other: string };

type Chinese = typeof zhCN;
export type TextKey = keyof Chinese;
export type Dictionary = { readonly [Key in TextKey]: Message };

type PlacesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | PlacesIn<Rest> : never;
type Values<Key extends TextKey> = { readonly [Name in PlacesIn<Chinese[Key]>]: string | number };

/** Keys whose text has no places: what a table of labels may hold. */
export type LabelKey = { [Key in TextKey]: PlacesIn<Chinese[Key]> extends never ? Key : never }[TextKey];

export interface Texts {
  readonly language: Language;
  /** The text of a key, its places filled; numbers as the language writes them. */
  readonly t: <Key extends TextKey>(
    key: Key,
    ...values: PlacesIn<Chinese[Key]> extends never ? [] : [Values<Key>]
  ) => string;
  readonly number: (value: number) => string;
  /** `1.5 MB`: of 1024, as people read file sizes. */
  readonly size: (bytes: number) => string;
  /** As a list shows it: 14:03 today, 昨天, 3月5日 this year, 2025/3/5. */
  readonly moment: (at: Date, now: Date) => string;
  /** The day alone: 今天, 昨天, 3月5日, 2025/3/5. */
  readonly day: (at: Date, now: Date) => string;
  /** 2019年9月16日 星期一 10:00. */
  readonly full: (at: Date) => string;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

export function createTexts(language: Language, dictionary: Dictionary): Texts {
  const numbers = new Intl.NumberFormat(language);
  const plurals = new Intl.PluralRules(language);
  const number = (value: number) => numbers.format(value);

  const t = (key: TextKey, values: Readonly<Record<string, string | number>> = {}): string => {
    const message = dictionary[key];
    const text =
      typeof message === 'string'
        ? message
        : message[plurals.select(Number(values['count'])) === 'one' ? 'one' : 'other'];
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? '';
      return typeof value === 'number' ? number(value) : value;
    });
  };

  const size = (bytes: number): string => {
    const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
    const value = bytes / 1024 ** power;
    return `${numbers.format(power === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10)} ${UNITS[power]}`;
  };

  return {
    language,
    t,
    number,
    size,
    moment: (at, now) => formatMoment(language, at, now, t('date.yesterday')),
    day: (at, now) => formatDay(language, at, now, { today: t('date.today'), yesterday: t('date.yesterday') }),
    full: (at) => formatFull(language, at),
  };
}

/** Fetches a language's texts: only the one in use is loaded. */
export async function loadTexts(language: Language): Promise<Texts> {
  if (language === 'en') return createTexts('en', (await import('./en.ts')).en);
  return createTexts('zh-CN', (await import('./zh-CN.ts')).zhCN);
}

/** The first language of the browser's list that we have; Chinese when there is none. */
export function chooseLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'zh-CN';
}

export const TextsContext = createContext<Texts | undefined>(undefined);

export function useTexts(): Texts {
  const texts = useContext(TextsContext);
  if (texts === undefined) throw new Error('no TextsContext above');
  return texts;
}
