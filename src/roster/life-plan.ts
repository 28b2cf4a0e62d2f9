/**
 * What becomes of an account whose people have left, and when (domain.md §6.3, §8): by population and year of enrolment, days
 * counted from when they left. A rule is a line: `student 2023- receive-only=180 suspended=365 deleting=370 purged=400`.
 */
import { DAY_MS } from '#base/clock.ts';
import { rulesOfStage } from '#directory/stages.ts';
import { ACCOUNT_STAGES, POPULATIONS } from '#directory/types.ts';
import type { AccountStage, PersonRow, Population } from '#directory/types.ts';
import { parseYears } from './initial-passwords.ts';

/** The stages of an end, in order; `purged`: the account and its mail are gone. */
const END_STAGES = [...ACCOUNT_STAGES.slice(ACCOUNT_STAGES.indexOf('restricted')), 'purged'] as const;
export type EndStage = Exclude<AccountStage, 'pending' | 'active' | 'frozen' | 'dormant'> | 'purged';

export interface LifeStep {
  readonly stage: EndStage;
  readonly days: number;
}

export interface LifeRule {
  readonly population: Population;
  readonly from: number;
  readonly to: number;
  /** In order. */
  readonly steps: readonly LifeStep[];
}

/** Days before a step on which the account is told of it. */
export const NOTICE_DAYS = [60, 30, 7, 1] as const;

/** A day between them is the least: nothing is deleted on the day that it is closed. */
const LEAST_DAYS_DELETING = 7;

/** Why it is none, in words. */
export function parseLifeRule(line: string): LifeRule | string {
  const [name, ...words] = line.trim().split(/\s+/);
  const population = POPULATIONS.find((one) => one === name);
  if (population === undefined) return `begins with one of ${POPULATIONS.join(', ')}`;
  const years = words[0]?.includes('=') === false ? parseYears(words.shift() ?? '') : parseYears('');
  if (years === undefined) return 'has years such as 2023-, -2022, 2019-2022 or 2020';
  const steps: LifeStep[] = [];
  for (const word of words) {
    const [, stage, days] = /^([a-z-]+)=(\d{1,5})$/.exec(word) ?? [];
    const known = END_STAGES.find((one) => one === stage) as EndStage | undefined;
    if (known === undefined) return `has stages and days, as receive-only=180; the stages are ${END_STAGES.join(', ')}`;
    steps.push({ stage: known, days: Number(days) });
  }
  const isInOrder = steps.every(({ stage, days }, i) => {
    const before = steps[i - 1];
    return before === undefined || (END_STAGES.indexOf(stage) > END_STAGES.indexOf(before.stage) && days > before.days);
  });
  if (!isInOrder) return 'has its stages in another order than they come';
  const last = steps.at(-1);
  const deleting = steps.find(({ stage }) => stage === 'deleting');
  if (last?.stage === 'purged' && (deleting === undefined || last.days - deleting.days < LEAST_DAYS_DELETING))
    return `deletes nothing that was not "deleting" for ${LEAST_DAYS_DELETING} days`;
  return { population, ...years, steps };
}

/** The rule for an account: by the number that its owner got last. Undefined: none, it goes on for ever. */
export function findLifeRule(rules: readonly LifeRule[], persons: readonly PersonRow[]): LifeRule | undefined {
  const last = persons.toSorted((a, b) => b.personId - a.personId)[0];
  if (last === undefined) return undefined;
  const year = last.enrolled === null ? 9999 : Math.floor(last.enrolled / 100);
  return rules.find(({ population, from, to }) => population === last.population && from <= year && year <= to);
}

export type LifeEvent = {
  readonly at: number;
  readonly step: LifeStep;
  /** When the step comes. */
  readonly stepAt: number;
} & ({ readonly kind: 'step' } | { readonly kind: 'notice'; readonly daysBefore: number });

/**
 * In order. A step is told once the one before has come, to whoever can still read it. Whoever never came, or not for so long
 * that the account was frozen, is not told, and is not let in by the way: their account waits until it is closed.
 */
export function planLife({ steps }: LifeRule, leftAt: number, wasShut: boolean): readonly LifeEvent[] {
  const events: LifeEvent[] = [];
  let before = leftAt;
  let isOpen = true;
  for (const step of steps) {
    const closes = step.stage === 'purged' || !rulesOfStage(step.stage).signsIn;
    if (wasShut && !closes) continue;
    const stepAt = leftAt + step.days * DAY_MS;
    for (const daysBefore of NOTICE_DAYS) {
      const at = stepAt - daysBefore * DAY_MS;
      if (isOpen && !wasShut && at >= before) events.push({ kind: 'notice', at, step, stepAt, daysBefore });
    }
    events.push({ kind: 'step', at: stepAt, step, stepAt });
    before = stepAt;
    isOpen &&= !closes;
  }
  return events;
}
