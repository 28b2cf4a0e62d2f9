/**
 * The second step: what an account shows beside its password, checked within limits and each thing once, and how what was not right is answered. Knows no sessions; what is
 * kept of each is totp.ts's, passkeys.ts's and recovery-codes.ts's matter.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { equalSecrets, randomId, type Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { secondStepsOf } from '#directory/second-steps.ts';
import type { SignInLimits } from '#directory/sign-in-limits.ts';
import type { FactorRow, SecondStep as StepKind } from '#directory/types.ts';
import type { HttpAnswer } from '#http/types.ts';
import { refusal } from './answers.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import type { Challenge, PasskeyHost, Passkeys } from './passkeys.ts';
import { checkRecoveryCode, countRecoveryCodes } from './recovery-codes.ts';
import type { Totp } from './totp.ts';

/** Codes by SMS to the telephone that an account is bound to. */
export interface SmsStep {
  /** `138****1234`; undefined: none is bound. */
  maskedPhone(accountId: AccountId): Promise<string | undefined>;
  sendCode(
    accountId: AccountId,
    remoteAddress: string,
  ): Promise<'sent' | 'unavailable' | { readonly retryAfterMs: number }>;
  /** Each code once, and a few tries. */
  checkCode(accountId: AccountId, code: string): Promise<boolean>;
}

/** What somebody shows. */
export type StepProof =
  | { readonly kind: 'totp' | 'recovery'; readonly code: string }
  /** `isForced`: the telephone is asked although its owner has not set that up as a second step. */
  | { readonly kind: 'sms'; readonly code: string; readonly isForced: boolean }
  | {
      readonly kind: 'passkey';
      readonly response: unknown;
      readonly challenge: Challenge;
      readonly host: PasskeyHost;
      /** Without a password before it. */
      readonly isAlone: boolean;
    };

export type StepOutcome = 'right' | 'wrong' | { readonly retryAfterMs: number };

export interface StepChoices {
  readonly steps: readonly (StepKind | 'recovery')[];
  /** Where a code by SMS would go. */
  readonly phone?: string;
}

export interface SecondStepParts {
  readonly directory: Directory;
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly sms?: SmsStep;
  /** Of guesses at codes, apart from those at passwords. */
  readonly limits: SignInLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class SecondStep {
  readonly #parts: SecondStepParts;

  constructor(parts: SecondStepParts) {
    this.#parts = parts;
  }

  /** The telephone that codes would go to; undefined: there is none. */
  maskedPhone(accountId: AccountId): Promise<string | undefined> {
    return this.#parts.sms?.maskedPhone(accountId) ?? Promise.resolve(undefined);
  }

  /** What the account may show; no steps: it asks for none. */
  async choices(accountId: AccountId): Promise<StepChoices> {
    const factors = await this.#parts.directory.factorsOf(accountId);
    const phone = factors.some(({ kind }) => kind === 'sms') ? await this.maskedPhone(accountId) : undefined;
    const steps = secondStepsOf(factors).filter((step) => step !== 'sms' || phone !== undefined);
    if (steps.length === 0) return { steps };
    const hasCodes = factors.some((one) => one.kind === 'recovery' && countRecoveryCodes(one) > 0);
    return { steps: hasCodes ? [...steps, 'recovery'] : steps, ...(phone === undefined ? {} : { phone }) };
  }

  /** Ten wrong ones in a quarter of an hour, and nothing is checked for a while. */
  async check(accountId: AccountId, proof: StepProof, remoteAddress: string): Promise<StepOutcome> {
    const { limits } = this.#parts;
    const admission = await limits.admit({ subject: `second step ${accountId}`, remoteAddress, guess: null });
    if (admission.verdict === 'limited') return { retryAfterMs: admission.retryAfterMs };
    if (admission.verdict === 'repeat') return 'wrong';
    try {
      const isRight = await this.#fits(accountId, proof, remoteAddress);
      const { delayMs } = await limits.settle(admission.ticket, isRight ? 'success' : 'failure');
      if (isRight) return 'right';
      if (delayMs > 0) await new Promise<void>((resolve) => this.#parts.clock.after(delayMs, resolve));
      return 'wrong';
    } catch (error) {
      await limits.settle(admission.ticket, 'unchecked');
      throw error;
    }
  }

  async #fits(accountId: AccountId, proof: StepProof, remoteAddress: string): Promise<boolean> {
    const { directory, totp, passkeys, sms } = this.#parts;
    const factors = await directory.factorsOf(accountId);
    const factor = factors.find(({ kind }) => kind === proof.kind);
    if (proof.kind === 'sms')
      return (proof.isForced || factor !== undefined) && ((await sms?.checkCode(accountId, proof.code)) ?? false);
    if (factor === undefined) return false;
    switch (proof.kind) {
      case 'totp':
        return this.#use(factor, await totp.check(factor, proof.code.replaceAll(/\s/g, '')), remoteAddress);
      case 'recovery':
        return this.#use(factor, checkRecoveryCode(directory.factorKey, factor, proof.code), remoteAddress);
      case 'passkey': {
        const own = factors.filter(({ kind }) => kind === 'passkey');
        const found = await passkeys.check(proof.host, proof.challenge, proof.response, own, proof);
        return found !== undefined && this.#use(found.factor, found.secret, remoteAddress);
      }
    }
  }

  /** Only if nobody used it meanwhile: what is good once is good once, in whichever thread. */
  async #use(factor: FactorRow, to: string | undefined, remoteAddress: string): Promise<boolean> {
    if (to === undefined) return false;
    const { accountId, factorId, secret: from } = factor;
    const usedFrom = `${remoteAddress} http`;
    return this.#parts.directory.useFactor({
      accountId,
      factorId,
      from,
      to,
      usedAt: this.#parts.clock.now(),
      usedFrom,
    });
  }

  // Browsers that have shown it

  /** For the browser's cookie. */
  async trust(accountId: AccountId, agent: string): Promise<string> {
    const { directory, random } = this.#parts;
    const factorId = randomId(random, 16);
    const token = random.bytes(SIGNIN_LIMITS.secretBytes).toString('base64url');
    const name = agent
      .slice(0, SIGNIN_LIMITS.agentLength)
      .toWellFormed()
      .replaceAll(/\p{Cc}/gu, ' ');
    const secret = hashOf(token);
    await directory.addFactor({ accountId, factorId, kind: 'device', name, secret, usedAt: null, usedFrom: '' });
    return `${factorId}.${token}`;
  }

  async isTrusted(accountId: AccountId, cookie: string | undefined): Promise<boolean> {
    const [, factorId, token = ''] = /^([a-z2-7]{16})\.([\w-]{43})$/.exec(cookie ?? '') ?? [];
    if (factorId === undefined) return false;
    const device = (await this.#parts.directory.factorsOf(accountId)).find(
      (one) => one.kind === 'device' && one.factorId === factorId,
    );
    if (device === undefined || this.#parts.clock.now() - device.createdAt >= SIGNIN_LIMITS.trustedMs) return false;
    return equalSecrets(Buffer.from(device.secret), Buffer.from(hashOf(token)));
  }
}

/** How a step is answered that was not the right one. */
export function wrongAnswer(outcome: Exclude<StepOutcome, 'right'>): HttpAnswer {
  if (outcome === 'wrong') return refusal('wrongCode');
  const retryAfter = Math.ceil(outcome.retryAfterMs / 1000);
  return refusal('tooManyAttempts', { 'retry-after': String(retryAfter) }, undefined, { retryAfter });
}

export function sentAnswer(sent: Awaited<ReturnType<SmsStep['sendCode']>>): HttpAnswer {
  if (sent === 'sent') return { status: 204 };
  return sent === 'unavailable' ? refusal('unavailable') : wrongAnswer(sent);
}

/** As for sessions: nobody guesses 256 bits. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
