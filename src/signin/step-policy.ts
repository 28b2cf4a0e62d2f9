/**
 * What a sign-in whose password was right has to show besides: by what the account has set up, by what its realm wants, and
 * by what is odd about it. Knows no routes; whether what is shown is right is second-step.ts's matter.
 */
import type { AccountId } from '#base/ids.ts';
import type { Directory } from '#directory/directory.ts';
import { hasSecondStep } from '#directory/second-steps.ts';
import type { SecondStep as StepKind } from '#directory/types.ts';
import type { Journal } from './journal.ts';
import type { SecondStep, StepChoices } from './second-step.ts';

/** What of a place has to be new to the account before a code is sent to its telephone. */
export const NEW_PLACES = ['off', 'country', 'place'] as const;
export type NewPlace = (typeof NEW_PLACES)[number];

export type Asked =
  | { readonly kind: 'nothing' }
  /** `isForced`: by SMS, although its owner has not set that up. */
  | { readonly kind: 'step'; readonly choices: StepChoices; readonly isForced: boolean }
  /** There is none yet, and nobody gets in without: one of these is set up first. */
  | { readonly kind: 'enrolment'; readonly choices: Enrolment };

export interface Enrolment {
  readonly steps: readonly StepKind[];
  /** Where a code by SMS would go. */
  readonly phone?: string;
}

export interface StepPolicyParts {
  readonly directory: Directory;
  readonly steps: SecondStep;
  readonly journal: Pick<Journal, 'isNewPlace'>;
  readonly newPlace: NewPlace;
}

export class StepPolicy {
  readonly #parts: StepPolicyParts;

  constructor(parts: StepPolicyParts) {
    this.#parts = parts;
  }

  /** `isTrusted`: whether the browser has shown a second step of late; asked for only where that counts. */
  async ask(accountId: AccountId, remoteAddress: string, isTrusted: () => Promise<boolean>): Promise<Asked> {
    const { directory, steps } = this.#parts;
    const isAlarmed = (await directory.factorsOf(accountId)).some(({ kind }) => kind === 'alarm');
    const choices = await steps.choices(accountId);
    if (choices.steps.length > 0) {
      if (!isAlarmed && (await isTrusted())) return { kind: 'nothing' };
      return { kind: 'step', choices, isForced: false };
    }
    const phone = await steps.maskedPhone(accountId);
    if (phone !== undefined && (isAlarmed || (await this.#isElsewhere(accountId, remoteAddress, isTrusted))))
      return { kind: 'step', choices: { steps: ['sms'], phone }, isForced: true };
    // There is nothing that its owner could show: the help desk gives a code to whom it knows.
    if (isAlarmed) return { kind: 'step', choices: { steps: ['recovery'] }, isForced: false };
    return this.askForEnrolment(accountId);
  }

  /** The same once something was shown. */
  async askForEnrolment(accountId: AccountId): Promise<Exclude<Asked, { kind: 'step' }>> {
    const { directory, steps } = this.#parts;
    const realm = await directory.realmOf(accountId);
    if (realm?.secondStep !== 'required' || hasSecondStep(await directory.factorsOf(accountId)))
      return { kind: 'nothing' };
    const phone = await steps.maskedPhone(accountId);
    const own: readonly StepKind[] = ['passkey', 'totp'];
    return { kind: 'enrolment', choices: phone === undefined ? { steps: own } : { steps: [...own, 'sms'], phone } };
  }

  async #isElsewhere(accountId: AccountId, remoteAddress: string, isTrusted: () => Promise<boolean>): Promise<boolean> {
    const { newPlace, journal } = this.#parts;
    if (newPlace === 'off' || !(await journal.isNewPlace(accountId, remoteAddress, newPlace))) return false;
    return !(await isTrusted());
  }
}
