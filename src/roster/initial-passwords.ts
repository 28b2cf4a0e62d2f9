/**
 * What password somebody is given to begin with (domain.md S-13): by population and year of enrolment, made of what the
 * roster knows. A rule is a line, `student 2023- Kust{idTail(8)}`; the parts of a template:
 *
 *     literal               as it stands
 *     {idTail(n)}           the last n characters of the identity number
 *     {idTail(n, skipCheck)} the n before its check character
 *     {noTail(n)}           the last n characters of 工号 or 学号
 *     {birthday}            YYYYMMDD
 */
import { POPULATIONS } from '#directory/types.ts';
import type { Population } from '#directory/types.ts';

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'idTail'; readonly length: number; readonly skipsCheck: boolean }
  | { readonly kind: 'noTail'; readonly length: number }
  | { readonly kind: 'birthday' };

export type Template = readonly Part[];

export interface InitialPasswordRule {
  readonly population: Population;
  /** Years of enrolment, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly template: Template;
}

export interface InitialPasswordSettings {
  /** Of a population and a year the first counts. */
  readonly rules: readonly InitialPasswordRule[];
  /** For whom has no identity number of 18 characters (A3). */
  readonly withoutId: Template;
}

/** What a template may ask of somebody; '' where the roster does not know. */
export interface InitialPasswordFacts {
  readonly population: Population;
  readonly enrolledYear: number | null;
  readonly number: string;
  /** 18 characters, checked. */
  readonly identityNumber: string;
  /** YYYYMMDD. */
  readonly birthday: string;
}

export interface InitialPasswords {
  /** Any is taken; what the rule says comes first (A1). */
  readonly passwords: readonly string[];
  /** Made of what is no secret at all: whoever has it must activate the account first. */
  readonly isWeak: boolean;
}

const PART = /\{(idTail|noTail)\((\d{1,2})(,\s*skipCheck)?\)\}|\{(birthday)\}|([^{}]+)/gy;

/** Why it is none, in words, for whoever wrote it. */
export function parseTemplate(text: string): Template | string {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(PART)) {
    const [whole, name, digits, skipCheck, birthday, literal] = match;
    end = match.index + whole.length;
    const length = Number(digits);
    if (literal !== undefined) parts.push({ kind: 'literal', text: literal });
    else if (birthday !== undefined) parts.push({ kind: 'birthday' });
    else if (length < 1 || length > 17) return 'takes 1 to 17 characters of a number';
    else if (name === 'idTail') parts.push({ kind: 'idTail', length, skipsCheck: skipCheck !== undefined });
    else if (skipCheck === undefined) parts.push({ kind: 'noTail', length });
    else return 'knows skipCheck for idTail alone';
  }
  if (end < text.length) return `is not understood at "${text.slice(end, end + 20)}"`;
  return parts.some(({ kind }) => kind !== 'literal') ? parts : 'is the same for everybody';
}

/** `student 2023- Kust{idTail(8)}`: population, years or none, template. Why it is none, in words. */
export function parseInitialPasswordRule(line: string): InitialPasswordRule | string {
  const [, name, yearsText = '', text = ''] = /^\s*(\S+)(?:\s+([\d-]{4,9}))?\s+(\S.*?)\s*$/.exec(line) ?? [];
  const population = POPULATIONS.find((one) => one === name);
  if (population === undefined) return `begins with one of ${POPULATIONS.join(', ')}`;
  const years = parseYears(yearsText);
  if (years === undefined) return 'has years such as 2023-, -2022, 2019-2022 or 2020';
  const template = parseTemplate(text);
  return typeof template === 'string' ? `has a template that ${template}` : { population, ...years, template };
}

/** Years of enrolment, both inclusive: `2023-`, `-2022`, `2019-2022`, `2020`; '' all. Undefined: none of these. */
export function parseYears(text: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^(\d{4})?(-)?(\d{4})?$/.exec(text);
  const [, from, dash, to] = match ?? [];
  if (match === null || (from !== undefined && dash === undefined && to !== undefined)) return undefined;
  const first = from === undefined ? 0 : Number(from);
  const last = to === undefined ? (from !== undefined && dash === undefined ? first : 9999) : Number(to);
  return first <= last ? { from: first, to: last } : undefined;
}

/** Undefined: no rule is for them, so they get no initial password. */
export function makeInitialPasswords(
  { rules, withoutId }: InitialPasswordSettings,
  facts: InitialPasswordFacts,
): InitialPasswords | undefined {
  const own = rules.filter(({ population }) => population === facts.population);
  // Whose year nobody knows is taken for new.
  const year = facts.enrolledYear ?? 9999;
  const rule = own.find(({ from, to }) => from <= year && year <= to);
  if (rule === undefined) return undefined;
  const main = fill(rule.template, facts);
  if (main === undefined) {
    const weak = fill(withoutId, facts);
    return weak === undefined ? undefined : { passwords: [weak], isWeak: true };
  }
  // The notice leaves the first year of a rule undecided: there the rule of the year before is taken, too.
  const before = rule.from === year ? own.find(({ from, to }) => from <= year - 1 && year - 1 <= to) : undefined;
  const other = before && fill(before.template, facts);
  return { passwords: [...new Set([main, ...(other === undefined ? [] : [other])])], isWeak: false };
}

/** Undefined when the roster does not know what it asks for. */
function fill(template: Template, facts: InitialPasswordFacts): string | undefined {
  let text = '';
  for (const part of template) {
    const value = valueOf(part, facts);
    if (value === '') return undefined;
    text += value;
  }
  return text;
}

function valueOf(part: Part, { number, identityNumber, birthday }: InitialPasswordFacts): string {
  switch (part.kind) {
    case 'literal':
      return part.text;
    case 'idTail':
      return (part.skipsCheck ? identityNumber.slice(0, -1) : identityNumber).slice(-part.length);
    case 'noTail':
      return number.slice(-part.length);
    case 'birthday':
      return birthday === '' ? identityNumber.slice(6, 14) : birthday;
  }
}
