/** Whether an account asks for more than its password. */
import { SECOND_STEPS } from './types.ts';
import type { AccountId, FactorRow, SecondStep } from './types.ts';

/** What its second step can be made with, recovery codes aside. */
export function secondStepsOf(factors: readonly FactorRow[]): readonly SecondStep[] {
  return SECOND_STEPS.filter((step) => factors.some(({ kind }) => kind === step));
}

export function hasSecondStep(factors: readonly FactorRow[]): boolean {
  return secondStepsOf(factors).length > 0;
}

/** That codes go to whatever telephone the account is bound to. */
export function smsStepOf(accountId: AccountId): Omit<FactorRow, 'createdAt'> {
  return { accountId, factorId: 'sms', kind: 'sms', name: '', secret: '', usedAt: null, usedFrom: '' };
}
