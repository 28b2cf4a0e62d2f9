/**
 * What becomes of an account that nobody uses, and when (domain.md §8): by class of service, days counted from its last use. A
 * rule is a line: `student warned=150 frozen=365 dormant=395`. Nothing of it is ever deleted.
 */
import { DAY_MS } from '#base/clock.ts';
import { SERVICE_CLASSES } from '#directory/types.ts';
import type { AccountStage, IdleRow, ServiceClass } from '#directory/types.ts';

export interface IdleRule {
  readonly serviceClass: ServiceClass;
  /** After how many days its owner is warned. */
  readonly warned: number;
  /** After how many it is shut, and how: `frozen` goes on taking mail. */
  readonly shut: { readonly stage: 'frozen' | 'dormant'; readonly days: number };
  /** How many days a frozen account takes mail; null: for ever. */
  readonly takesMailDays: number | null;
}

/** Days that the owner has at the least, from the first warning on: also when a school begins to use a rule. */
export const LEAST_NOTICE_DAYS = 30;

/** Days before it is shut on which its owner is told once more. */
const AGAIN_DAYS = [30, 7] as const;

const STEPS = ['warned', 'frozen', 'dormant'] as const;

/** Why it is none, in words. A department's mailbox has no sign-in of its own. */
export function parseIdleRule(line: string): IdleRule | string {
  const [name, ...words] = line.trim().split(/\s+/);
  const classes = SERVICE_CLASSES.filter((one) => one !== 'department');
  const serviceClass = classes.find((one) => one === name);
  if (serviceClass === undefined) return `begins with one of ${classes.join(', ')}`;
  const days = new Map<(typeof STEPS)[number], number>();
  for (const word of words) {
    const [, step, number] = /^([a-z]+)=(\d{1,5})$/.exec(word) ?? [];
    const known = STEPS.find((one) => one === step);
    if (known === undefined || days.has(known)) return `has each of ${STEPS.join(', ')} once, as warned=150`;
    days.set(known, Number(number));
  }
  const [warned, frozen, dormant] = STEPS.map((step) => days.get(step));
  const first = frozen ?? dormant;
  if (warned === undefined || first === undefined)
    return 'says after how many days it is warned, and frozen or dormant';
  if (warned < 1 || first - warned < LEAST_NOTICE_DAYS) return `warns ${LEAST_NOTICE_DAYS} days ahead at the least`;
  if (frozen === undefined)
    return { serviceClass, warned, shut: { stage: 'dormant', days: first }, takesMailDays: null };
  if (dormant !== undefined && dormant <= frozen) return 'is frozen before it is dormant';
  const takesMailDays = dormant === undefined ? null : dormant - frozen;
  return { serviceClass, warned, shut: { stage: 'frozen', days: frozen }, takesMailDays };
}

export interface IdleStanding {
  readonly stage: AccountStage;
  /** When it was used last, or opened again, or made. */
  readonly usedAt: number;
  readonly row: IdleRow | undefined;
}

export type IdleEvent =
  | {
      readonly kind: 'notice';
      readonly at: number;
      /** The first is 1. */
      readonly number: number;
      /** When it will be shut. */
      readonly shutAt: number;
    }
  | { readonly kind: 'step'; readonly at: number; readonly stage: 'frozen' | 'dormant' };

/** What comes next: due when its time has come. Undefined: nothing. */
export function planIdle(rule: IdleRule, { stage, usedAt, row }: IdleStanding, nowMs: number): IdleEvent | undefined {
  if (stage === 'frozen') {
    const frozenAt = row?.frozenAt ?? null;
    if (frozenAt === null || rule.takesMailDays === null) return undefined;
    return { kind: 'step', at: frozenAt + rule.takesMailDays * DAY_MS, stage: 'dormant' };
  }
  if (stage !== 'active') return undefined;
  const regularAt = usedAt + rule.shut.days * DAY_MS;
  const noticeMs = LEAST_NOTICE_DAYS * DAY_MS;
  const warnedAt = row?.warnedAt ?? null;
  if (row === undefined || warnedAt === null || warnedAt < usedAt) {
    const at = usedAt + rule.warned * DAY_MS;
    return { kind: 'notice', at, number: 1, shutAt: Math.max(regularAt, Math.max(at, nowMs) + noticeMs) };
  }
  const shutAt = Math.max(regularAt, warnedAt + noticeMs);
  const again = AGAIN_DAYS.map((days) => shutAt - days * DAY_MS).filter((at) => at > warnedAt);
  // The one that was last due, where several were missed.
  const next = Math.max(row.told, again.filter((at) => at <= nowMs).length) - 1;
  const at = again[next];
  if (at !== undefined && nowMs < shutAt) return { kind: 'notice', at, number: next + 2, shutAt };
  return { kind: 'step', at: shutAt, stage: rule.shut.stage };
}
