/**
 * Whether what somebody types means a name (domain.md §7.6): as it is written, in full pinyin (`zengguofan`), by initials
 * (`zgf`), any mixture (`zengg`, `曾gf`), and names in other scripts by the beginnings of their words (`mar gon`). Pure; works in
 * the product of the name's parts and the letters typed, whatever either is.
 */

/** One step of a name: a Chinese character and its readings in letters, or a word. */
export type Step = readonly [written: string, ...readings: readonly string[]];

/** The step of a Chinese character; `isFirst`: it stands where a surname does. */
export type StepOf = (character: string, isFirst: boolean) => Step;

/** A name as it is looked for. */
export interface NameForm {
  readonly steps: readonly Step[];
  /** Where a search may begin: any part of 阿依努尔·买买提. */
  readonly starts: readonly number[];
}

/** Steps of a name that are looked at: longer ones are no names of people. */
const MAX_STEPS = 24;
/** Characters of a word, and of what is typed: at most two UTF-16 units each. */
const MAX_LETTERS = 32;

/** Most names have one part: a hundred thousand of them share this. */
const ONLY_FIRST: readonly number[] = [0];

const HAN = /\p{Script=Han}/u;

/** What is typed, or a word, in one spelling: without marks, blanks and case. */
export function foldLetters(text: string): string {
  const folded = text
    .normalize('NFKD')
    .replace(/[\p{M}\s'’.·•・-]/gu, '')
    .toLowerCase();
  // As the characters were, which NFKD may take apart.
  return Array.from(folded.normalize('NFKC')).slice(0, MAX_LETTERS).join('');
}

export function readName(name: string, stepOf: StepOf): NameForm {
  const steps: Step[] = [];
  const starts: number[] = [];
  for (const part of name.normalize('NFKC').split(/[\s·•・‧.,，()（）-]+/u)) {
    if (part === '' || steps.length >= MAX_STEPS) continue;
    starts.push(steps.length);
    for (const [run] of part.matchAll(/\p{Script=Han}|[^\p{Script=Han}]+/gu)) {
      if (steps.length >= MAX_STEPS) break;
      if (HAN.test(run)) steps.push(stepOf(run, steps.length === starts.at(-1)));
      else {
        const word = foldLetters(run);
        if (word !== '') steps.push([word]);
      }
    }
  }
  return { steps, starts: starts.length === 1 ? ONLY_FIRST : starts };
}

/**
 * With what a search for the name may begin: its first letter, and its first two. The second one either goes on with the first
 * step or begins the next, so few names have those two.
 */
export function openings({ steps, starts }: NameForm): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [at, step] of steps.entries()) {
    const isStart = starts.includes(at);
    for (const text of step) {
      found.add(firstOf(text));
      found.add(openingOf(text));
      for (const next of steps[at + 1] ?? []) found.add(firstOf(text) + firstOf(next));
      // What is in the middle is looked for as it is written: 国藩.
      if (!isStart) break;
    }
  }
  return found;
}

/** The first two letters, or the only one. */
export function openingOf(text: string): string {
  const first = firstOf(text);
  return first + firstOf(text.slice(first.length));
}

function firstOf(text: string): string {
  return text.slice(0, (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
}

const UNREACHABLE = 0x7f;
/** Of what is typed up to each letter, how far from whole the steps are so far; used again by each question. */
let reached = new Uint8Array(2 * MAX_LETTERS + 1);
let reachedNext = new Uint8Array(2 * MAX_LETTERS + 1);

/**
 * How well the name is meant by `typed`, which `foldLetters` has folded: the steps that only begin with what was typed, the
 * last one not counted; from the middle of the name, 4 more. Undefined: not meant.
 */
export function matchName({ steps, starts }: NameForm, typed: string): number | undefined {
  if (typed === '') return undefined;
  const isHan = isHanFirst(typed);
  let best: number | undefined;
  for (let start = 0; start < steps.length; start++) {
    const isStart = starts.includes(start);
    if (!isStart && !isHan) continue;
    const found = matchFrom(steps, start, typed);
    if (found === undefined) continue;
    const distance = found + (start === 0 ? 0 : isStart ? 1 : 4);
    if (best === undefined || distance < best) best = distance;
  }
  return best;
}

let [lastTyped, lastIsHan] = ['', false];

/** Asked of a hundred thousand names in a row. */
function isHanFirst(typed: string): boolean {
  if (typed !== lastTyped) [lastTyped, lastIsHan] = [typed, HAN.test(firstOf(typed))];
  return lastIsHan;
}

function matchFrom(steps: readonly Step[], start: number, typed: string): number | undefined {
  reached.fill(UNREACHABLE, 0, typed.length + 1);
  reached[0] = 0;
  let best = UNREACHABLE;
  for (let at = start; at < steps.length; at++) {
    reachedNext.fill(UNREACHABLE, 0, typed.length + 1);
    let nearest = UNREACHABLE;
    for (let from = 0; from < typed.length; from++) {
      const distance = reached[from] ?? UNREACHABLE;
      if (distance === UNREACHABLE) continue;
      for (const text of steps[at] ?? []) {
        for (let length = 1; length <= text.length && from + length <= typed.length; length++) {
          if (text.charCodeAt(length - 1) !== typed.charCodeAt(from + length - 1)) break;
          const to = from + length;
          const further = distance + (length === text.length ? 0 : 1);
          if (to === typed.length) best = Math.min(best, length === text.length ? distance : distance + 0.5);
          else if (further < (reachedNext[to] ?? 0)) {
            reachedNext[to] = further;
            nearest = Math.min(nearest, further);
          }
        }
      }
    }
    [reached, reachedNext] = [reachedNext, reached];
    // Distances only grow: nothing that goes on from here comes nearer.
    if (nearest >= best) break;
  }
  return best === UNREACHABLE ? undefined : best;
}
