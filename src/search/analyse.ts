/**
 * The one analyser of index and query. A text becomes *items* separated by single blanks: a word, or a run of a script
 * that is written without blanks. `重跑Gen-ITGC（会议）` is ` 重跑 gen itgc 会议 `. In such text a query is found by
 * looking for its *needle*: a run of any length inside a run, a word only as a whole.
 *
 * Backends that look up tokens split items by `textTokens` and `needleTokens`: words stay, runs become pairs of
 * characters. The needle's tokens follow each other in a text's exactly where the needle is in the text.
 */
import { foldText } from './fold.ts';
import { SEARCH_LIMITS } from './limits.ts';

/** Scripts without blanks between words, and Hangul, whose words carry their particles. */
const RUN_SCRIPTS = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => String.raw`\p{Script=${script}}`)
  .join('');
const RUN = `[${RUN_SCRIPTS}ー]`;
const ITEM = new RegExp(`${RUN}+|[[\\p{L}\\p{N}\\p{M}]--${RUN}]+`, 'gv');
const STARTS_RUN = new RegExp(`^${RUN}`, 'v');

/** Between a text's own tokens and the single characters that follow them; no text has it. */
const END = '\ue001';

/** The items of a text, folded, between blanks; '' when there are none. */
export function analyse(text: string): string {
  let out = '';
  for (const [item] of foldText(text).matchAll(ITEM)) {
    if (item.length <= SEARCH_LIMITS.wordChars || STARTS_RUN.test(item)) out += ` ${item}`;
    else
      for (let at = 0; at < item.length; at += SEARCH_LIMITS.wordChars)
        out += ` ${item.slice(at, at + SEARCH_LIMITS.wordChars)}`;
  }
  return out === '' ? '' : `${out} `;
}

/** What to look for in an analysed text; '' when `text` has nothing to look for. */
export function toNeedle(text: string): string {
  const analysed = analyse(text);
  if (analysed === '') return '';
  const items = analysed.trim().split(' ');
  return `${isRun(items[0]) ? '' : ' '}${items.join(' ')}${isRun(items.at(-1)) ? '' : ' '}`;
}

/** One item of a query, by itself. */
export interface QueryItem {
  readonly needle: string;
  readonly isRun: boolean;
}

/** The items of a text in order, each with its own needle; words too long to be one item are left out. */
export function listItems(text: string): QueryItem[] {
  return analyse(text)
    .split(' ')
    .filter((item) => item !== '' && (isRun(item) || item.length < SEARCH_LIMITS.wordChars))
    .map((item) => ({ needle: isRun(item) ? item : ` ${item} `, isRun: isRun(item) }));
}

/** Every token of an analysed text in order, then the characters of its runs that are none yet, once each. */
export function textTokens(analysed: string): string[] {
  const tokens: string[] = [];
  const characters = new Set<string>();
  if (analysed === '') return tokens;
  for (const item of analysed.trim().split(' ')) {
    if (!isRun(item)) tokens.push(item);
    else for (const character of pushRun(tokens, item, true, true)) characters.add(character);
  }
  const inside = characters.difference(new Set(tokens));
  return inside.size === 0 ? tokens : [...tokens, END, ...inside];
}

/** The tokens that stand in a row wherever the needle is. */
export function needleTokens(needle: string): string[] {
  const tokens: string[] = [];
  const items = needle.trim().split(' ');
  for (const [at, item] of items.entries()) {
    if (isRun(item)) pushRun(tokens, item, at > 0, at < items.length - 1);
    else tokens.push(item);
  }
  return tokens;
}

/** A run's pairs; where it begins and ends also the character there, which keeps it apart from its neighbours. */
function pushRun(tokens: string[], run: string, showsStart: boolean, showsEnd: boolean): string[] {
  const characters = Array.from(run);
  const [first = ''] = characters;
  if (characters.length === 1) {
    tokens.push(first);
    return characters;
  }
  if (showsStart) tokens.push(first);
  for (let at = 1; at < characters.length; at++) tokens.push(`${characters[at - 1]}${characters[at]}`);
  if (showsEnd) tokens.push(characters.at(-1) ?? '');
  return characters;
}

function isRun(item = ''): boolean {
  return STARTS_RUN.test(item);
}

/** `analyse`, with the place in `text` that each of its characters came from: for showing what was found. */
export function analyseWithPlaces(text: string): {
  readonly analysed: string;
  readonly placeOf: (at: number) => { readonly start: number; readonly end: number };
} {
  // Folded letter by letter with its marks, so that places are known; composition beyond that is not seen here.
  let folded = '';
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: letter, index } of text.matchAll(/\P{M}\p{M}{0,30}|\p{M}/gsu)) {
    const piece = foldText(letter);
    for (let n = 0; n < piece.length; n++) {
      starts.push(index);
      ends.push(index + letter.length);
    }
    folded += piece;
  }
  let analysed = '';
  const places: number[] = [];
  for (const { 0: item, index } of folded.matchAll(ITEM)) {
    analysed += ` ${item}`;
    places.push(index);
    for (let n = 0; n < item.length; n++) places.push(index + n);
  }
  return {
    analysed: `${analysed} `,
    placeOf: (at) => ({ start: starts[places[at] ?? 0] ?? 0, end: ends[places[at] ?? 0] ?? 0 }),
  };
}
