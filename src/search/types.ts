/** What is indexed of a message, and what can be asked. */

/** Where a message's text stands. `header`: every header field that holds more than ASCII. */
export const SEARCH_FIELDS = ['subject', 'from', 'to', 'cc', 'bcc', 'body', 'header', 'fileName', 'fileText'] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number];

/** Fields that a message's summary tells. */
export const SUMMARY_FIELDS = ['subject', 'from', 'to', 'cc', 'bcc'] as const satisfies readonly SearchField[];
export type SummaryField = (typeof SUMMARY_FIELDS)[number];

/** A message as the index takes it: every field analysed (`analyse`), '' where there is nothing. */
export type SearchDocument = Readonly<Record<SearchField, string>>;

/** `needle` (of `toNeedle` or `toPartNeedle`, never '') is in one of `fields`. */
export interface SearchPhrase {
  readonly fields: readonly SearchField[];
  readonly needle: string;
}

/** All of them must be found; of none, every Email is a hit. */
export type SearchQuery = readonly SearchPhrase[];

/** The model of every index: whether a message is a hit. */
export function isHit(document: SearchDocument, query: SearchQuery): boolean {
  return query.every(({ fields, needle }) => fields.some((field) => document[field].includes(needle)));
}

/**
 * A needle that stands in `header` of messages whose text was not read to its end: only the message itself can tell
 * what they do not contain.
 */
export const CUT_NEEDLE = ' \ue000 ';

/** As CUT_NEEDLE, of messages of which it is so for parts of words alone: some of their words were cut. */
export const LONG_WORD_NEEDLE = ' \ue001 ';
