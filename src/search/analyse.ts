/**
 * The one analyser of index and query. A text becomes *items* separated by single blanks: a word, or a run of a script
 * that is written without blanks. `重跑Gen-ITGC（会议）` is ` 重跑 gen itgc 会议 `. In such text a query is found by
 * looking for its *needle*: a run of any length inside a run, a word as a whole or, where the needle has no blank at that
 * end, a part of it.
 *
 * An index keeps no texts but their tokens and where they stand (`textTokens`), which tells as much.
 */
import { foldText } from './fold.ts';
import { SEARCH_LIMITS } from './limits.ts';

/** Scripts without blanks between words, and Hangul, whose words carry their particles. */
const RUN_SCRIPTS = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => String.raw`\p{Script=${script}}`)
  .join('');
const RUN = `[${RUN_SCRIPTS}ー]`;
const ITEM = new RegExp(`${RUN}+|[[\\p{L}\\p{N}\\p{M}]--${RUN}]+`, 'gv');
const STARTS_ITEM = new RegExp(`^(?:${ITEM.source})`, 'v');
const ENDS_ITEM = new RegExp(`(?:${ITEM.source})$`, 'v');
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

/**
 * What is in every analysed text whose text has `part`, even within its words; '' when that tells nothing. Only of texts
 * without long words (`hasLongWord`). Signs in `part` are not told: it is the caller's to look for them.
 */
export function toPartNeedle(part: string): string {
  const folded = foldText(part);
  const needle = analyse(folded);
  const from = STARTS_ITEM.test(folded) || isRun(needle.trim()) ? 1 : 0;
  return needle.slice(from, ENDS_ITEM.test(folded) ? -1 : undefined);
}

/** The runs of a text, each a needle by itself. */
export function listRuns(text: string): string[] {
  return listParts(analyse(text)).filter(isRun);
}

/** Whether it may have a word that was cut, whose parts are not found where they lie across the cut. */
export function hasLongWord(analysed: string): boolean {
  return listParts(analysed).some((item) => item.length === SEARCH_LIMITS.wordChars && !isRun(item));
}

/** What an index has of a text: a word, a character of a run with the one after it, or the last one of a run. */
export interface TextToken {
  readonly token: string;
  readonly isOfRun: boolean;
  /** From 0: words and characters of runs before it. What is neither leaves no gap. */
  readonly place: number;
}

/** The tokens of an analysed text, by place: one for each. With their places they tell the text but for its signs. */
export function* textTokens(analysed: string): Generator<TextToken> {
  let place = 0;
  for (const item of listParts(analysed)) {
    if (!isRun(item)) {
      yield { token: item, isOfRun: false, place: place++ };
      continue;
    }
    let last = '';
    for (const character of item) {
      if (last !== '') yield { token: last + character, isOfRun: true, place: place++ };
      last = character;
    }
    yield { token: last, isOfRun: true, place: place++ };
  }
}

/** What must stand at a place of a text that has the needle; places count from the needle's beginning. */
export interface NeedleToken extends TextToken {
  /** How much of the text's own token it is. */
  readonly is: 'whole' | 'beginning' | 'end' | 'part';
}

/** By place; never none. A text that has them at their distances has the needle, and no other has. */
export function needleTokens(needle: string): readonly NeedleToken[] {
  const items = listParts(needle);
  const lastItem = items.at(-1) ?? '';
  const isOpenBefore = !needle.startsWith(' ') && !isRun(items[0]);
  // Where a run may go on, its last character is told by the one before it.
  const isTold = !needle.endsWith(' ') && isRun(lastItem) && Array.from(lastItem).length > 1;
  const isOpenBehind = !needle.endsWith(' ') && !isTold;
  const tokens = [...textTokens(needle)].slice(0, isTold ? -1 : undefined);
  return tokens.map((token, at) => {
    const isEnd = isOpenBefore && at === 0;
    const isBeginning = isOpenBehind && at === tokens.length - 1;
    return { ...token, is: isEnd ? (isBeginning ? 'part' : 'end') : isBeginning ? 'beginning' : 'whole' };
  });
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
