/** What people type into a search box, as a query. */
import { toNeedle } from './analyse.ts';
import { SEARCH_LIMITS } from './limits.ts';
import { SEARCH_FIELDS, type SearchField, type SearchQuery } from './types.ts';

/**
 * Phrases between blanks, all of which must be found, each in any of `fields` (all by default); `"a b"` is one phrase.
 * Punctuation alone asks for nothing. Text beyond the limits is not read.
 */
export function parseQuery(text: string, fields: readonly SearchField[] = SEARCH_FIELDS): SearchQuery {
  const needles = new Set<string>();
  // Quotation marks as they are typed here; one that is not closed ends with the text.
  for (const [, quoted, bare] of text
    .slice(0, SEARCH_LIMITS.queryChars)
    .matchAll(/["“”「『]([^"“”」』]*)["“”」』]?|([^\s"“”「『]+)/gu)) {
    const needle = toNeedle(quoted ?? bare ?? '');
    if (needle !== '' && needles.size < SEARCH_LIMITS.phrases) needles.add(needle);
  }
  return Array.from(needles, (needle) => ({ fields, needle }));
}
