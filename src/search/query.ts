/** What people type into a search box, and what JMAP asks, as a query. */
import { toNeedle } from './analyse.ts';
import { SEARCH_LIMITS } from './limits.ts';
import { SEARCH_FIELDS, type SearchField, type SearchQuery } from './types.ts';

/**
 * RFC 8621 §4.4.1: `text` must look into addresses, subject and text parts, and may look into more: here into the other
 * header fields, the names of attachments and what they say. `body` is what stands in a part, so names are not of it.
 */
const CONDITION_FIELDS = {
  text: SEARCH_FIELDS,
  from: ['from'],
  to: ['to'],
  cc: ['cc'],
  bcc: ['bcc'],
  subject: ['subject'],
  body: ['body', 'fileText'],
} as const satisfies Readonly<Record<string, readonly SearchField[]>>;

/** The properties of a JMAP FilterCondition that ask for text; all must fit. */
export type TextCondition = Readonly<Partial<Record<keyof typeof CONDITION_FIELDS, string>>>;

/**
 * Empty when nothing is asked for. `header` is not among the properties: the index does not know fields by their names,
 * so whoever asks for one has to read messages.
 */
export function toSearchQuery(condition: TextCondition): SearchQuery {
  const properties = Object.keys(CONDITION_FIELDS) as (keyof typeof CONDITION_FIELDS)[];
  return properties.flatMap((property) => parseQuery(condition[property] ?? '', CONDITION_FIELDS[property]));
}

/** In quotation marks as they are typed here, closed or not, `\` before those that are meant; or up to the next blank. */
const PHRASE =
  /(?<=^|\s)"((?:[^"\\]|\\.)*)"?|(?<=^|\s)'((?:[^'\\]|\\.)*)'(?=\s|$)|[“「『]([^”」』]*)[”」』]?|([^\s“「『]+)/gsu;

/**
 * Phrases between blanks, all of which must be found, each in any of `fields` (all by default); `"a b"` is one phrase
 * (RFC 8621 §4.4.1). Punctuation alone asks for nothing. Text beyond the limits is not read.
 */
export function parseQuery(text: string, fields: readonly SearchField[] = SEARCH_FIELDS): SearchQuery {
  const needles = new Set<string>();
  for (const [, ...forms] of text.slice(0, SEARCH_LIMITS.queryChars).matchAll(PHRASE)) {
    const needle = toNeedle(forms.find((form) => form !== undefined) ?? '');
    if (needle !== '' && needles.size < SEARCH_LIMITS.phrases) needles.add(needle);
  }
  return Array.from(needles, (needle) => ({ fields, needle }));
}
