/** What an account may do in each stage of its life. */
import type { AccountStage, DirectoryAccountRow } from './types.ts';

/** How far what it sends may go. */
export type SendingReach = 'everywhere' | 'inside' | 'nowhere';

interface StageRules {
  readonly signsIn: boolean;
  readonly takesMail: boolean;
  readonly sends: SendingReach;
}

const RULES: Readonly<Record<AccountStage, StageRules>> = {
  pending: { signsIn: false, takesMail: true, sends: 'nowhere' },
  active: { signsIn: true, takesMail: true, sends: 'everywhere' },
  frozen: { signsIn: false, takesMail: true, sends: 'nowhere' },
  dormant: { signsIn: false, takesMail: false, sends: 'nowhere' },
  restricted: { signsIn: true, takesMail: true, sends: 'inside' },
  'receive-only': { signsIn: true, takesMail: true, sends: 'nowhere' },
  'forward-only': { signsIn: true, takesMail: true, sends: 'nowhere' },
  suspended: { signsIn: false, takesMail: false, sends: 'nowhere' },
  deleting: { signsIn: false, takesMail: false, sends: 'nowhere' },
};

export function rulesOfStage(stage: AccountStage): StageRules {
  return RULES[stage];
}

/** Whether it is shut only because nobody used it: its owner opens it by showing who they are. */
export function isFrozen(stage: AccountStage): boolean {
  return stage === 'frozen' || stage === 'dormant';
}

/** Whether mail for the account is accepted. */
export function takesMail({ receives, stage }: Pick<DirectoryAccountRow, 'receives' | 'stage'>): boolean {
  return receives && RULES[stage].takesMail;
}

/** Why its owner may not come in, whatever proves them; undefined: they may. */
export function entryRefusal({
  state,
  stage,
}: Pick<DirectoryAccountRow, 'state' | 'stage'>): 'disabled' | 'notActivated' | 'frozen' | undefined {
  if (state !== 'active') return 'disabled';
  if (stage === 'pending') return 'notActivated';
  if (isFrozen(stage)) return 'frozen';
  return rulesOfStage(stage).signsIn ? undefined : 'disabled';
}
