/** The place where a query was found, as RFC 8621 §5 wants it: escaped HTML with `<mark>`. */
import { analyseWithPlaces } from './analyse.ts';
import { SEARCH_LIMITS } from './limits.ts';

export type Snippet = string;

/** Characters of text shown before the first find. */
const LEAD_CHARS = 30;
/** A find further on in a text is not looked for: the message is a hit, and its preview will do. */
const READ_CHARS = 200_000;

/**
 * The text around the first find of any of `needles`, on one line, at most SEARCH_LIMITS.snippetBytes octets; `whole`:
 * from the text's beginning. Null when none is found.
 */
export function makeSnippet(
  text: string,
  needles: readonly string[],
  show: 'around' | 'whole' = 'around',
): Snippet | null {
  const read = text.slice(0, READ_CHARS);
  const marks = findMarks(read, needles);
  const first = marks[0];
  if (first === undefined) return null;
  let start = show === 'whole' ? 0 : Math.max(0, first.start - LEAD_CHARS);
  // Not inside of a surrogate pair, and at a blank where one is near.
  if (start > 0 && isLowSurrogate(read, start)) start++;
  const blank = read.slice(start, first.start).search(/\s/);
  if (start > 0 && blank !== -1) start += blank + 1;
  let bytesLeft: number = SEARCH_LIMITS.snippetBytes;
  let out = '';
  let isMarked = false;
  for (let at = start; at < read.length;) {
    const character = String.fromCodePoint(read.codePointAt(at) ?? 0);
    const marked = marks.some(({ start: from, end }) => at >= from && at < end);
    const piece = (marked === isMarked ? '' : marked ? '<mark>' : '</mark>') + escapeHtml(character);
    const close = marked ? 7 : 0;
    if (Buffer.byteLength(piece) + close > bytesLeft) break;
    bytesLeft -= Buffer.byteLength(piece);
    out += piece;
    isMarked = marked;
    at += character.length;
  }
  return (isMarked ? `${out}</mark>` : out).replace(/\s+/g, ' ').trim();
}

/** Ascending, without overlap; as many as a snippet can hold. */
function findMarks(text: string, needles: readonly string[]): { start: number; end: number }[] {
  const { analysed, placeOf } = analyseWithPlaces(text);
  const found: { start: number; end: number }[] = [];
  for (const needle of needles) {
    for (let at = analysed.indexOf(needle), n = 0; at !== -1 && n < 50; at = analysed.indexOf(needle, at + 1), n++) {
      const from = at + (needle.startsWith(' ') ? 1 : 0);
      const to = at + needle.length - (needle.endsWith(' ') ? 1 : 0);
      found.push({ start: placeOf(from).start, end: placeOf(to - 1).end });
    }
  }
  const marks: { start: number; end: number }[] = [];
  for (const mark of found.toSorted((a, b) => a.start - b.start)) {
    const last = marks.at(-1);
    if (last !== undefined && mark.start <= last.end) last.end = Math.max(last.end, mark.end);
    else marks.push(mark);
  }
  return marks;
}

function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

function escapeHtml(character: string): string {
  return { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }[character] ?? character;
}
