/** Codes by SMS as the second step of a sign-in: to the telephone that the account is bound to, and to no other. */
import type { AccountId } from '#base/ids.ts';
import { maskPhone } from '#directory/phone-number.ts';
import type { SelfService } from '#directory/self-service.ts';
import type { SmsStep } from '#signin/second-step.ts';
import type { Sms } from '#sms/sms.ts';

export interface SmsStepParts {
  readonly selfService: Pick<SelfService, 'phoneOf'>;
  readonly sms: Pick<Sms, 'sendCode' | 'checkCode'>;
}

export function createSmsStep({ selfService, sms }: SmsStepParts): SmsStep {
  const codeIdOf = (accountId: AccountId): string => `second step ${accountId}`;
  return {
    async maskedPhone(accountId) {
      const phone = await selfService.phoneOf(accountId);
      return phone && maskPhone(phone);
    },

    async sendCode(accountId, remoteAddress) {
      const phone = await selfService.phoneOf(accountId);
      if (phone === undefined) return 'unavailable';
      const outcome = await sms.sendCode({ codeId: codeIdOf(accountId), phone, remoteAddress });
      const sent = outcome.kind === 'admitted' ? await outcome.sent : outcome;
      if (sent.kind === 'tooOften') return { retryAfterMs: sent.retryAfterMs };
      return sent.kind === 'sent' ? 'sent' : 'unavailable';
    },

    async checkCode(accountId, code) {
      const phone = await selfService.phoneOf(accountId);
      return phone !== undefined && (await sms.checkCode({ codeId: codeIdOf(accountId), phone, code })) === 'right';
    },
  };
}
