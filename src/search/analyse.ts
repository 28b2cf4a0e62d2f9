/**
 * The one analyser of index and query. A text becomes *items* separated by single blanks: a word, or a run of a script
 * that is written without blanks. `重跑Gen-ITGC（会议）` is ` 重跑 gen itgc 会议 `. In such text a query is found by
 * looking for its *needle*: a run of any length inside a run, a word only as a whole.
 *
 * An index keeps no texts but their tokens (`textTokens`). They rule out nearly every text that a needle is not in; of one
 * or two characters, or one word, they tell for certain.
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

/** What an index looks up: the words of an analysed text, and of its runs all pairs of neighbours and the last character. */
export function textTokens(analysed: string): Set<string> {
  const tokens = new Set<string>();
  for (const item of listParts(analysed)) {
    if (isRun(item)) {
      let last = '';
      for (const character of item) {
        if (last !== '') tokens.add(last + character);
        last = character;
      }
      tokens.add(last);
    } else tokens.add(item);
  }
  return tokens;
}

/** What a text with the needle has for certain. */
export interface NeedleToken {
  readonly token: string;
  /** A single character of a run: any token that begins with it shows that it is there. */
  readonly isBeginning: boolean;
}

/** `isExact`: a text that has them has the needle too. Otherwise it may. */
export function needleTokens(needle: string): { readonly tokens: readonly NeedleToken[]; readonly isExact: boolean } {
  const tokens = new Map<string, NeedleToken>();
  for (const item of listParts(needle)) {
    const characters = isRun(item) ? Array.from(item) : [];
    if (characters.length < 2) tokens.set(item, { token: item, isBeginning: characters.length === 1 });
    for (let at = 1; at < characters.length; at++) {
      const token = `${characters[at - 1]}${characters[at]}`;
      tokens.set(token, { token, isBeginning: false });
    }
  }
  return { tokens: [...tokens.values()], isExact: tokens.size === 1 && tokens.has(needle.trim()) };
}

/** Without the empty ones at both ends. */
function listParts(analysed: string): string[] {
  const trimmed = analysed.trim();
  return trimmed === '' ? [] : trimmed.split(' ');
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
