/** Codes by SMS as a second step, to the telephone that an account is bound to. */
import type { SelfService } from '#directory/self-service.ts';
import { maskPhone } from '#directory/phone-number.ts';
import type { AccountId } from '#directory/types.ts';
import type { SmsStep } from '#signin/second-step.ts';
import type { Sms } from '#sms/sms.ts';

export function createSmsStep({
  selfService,
  sms,
}: {
  readonly selfService: Pick<SelfService, 'phoneOf'>;
  readonly sms: Pick<Sms, 'sendCode' | 'checkCode'>;
}): SmsStep {
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
      switch (outcome.kind) {
        case 'tooOften':
          return { retryAfterMs: outcome.retryAfterMs };
        case 'unavailable':
          return 'unavailable';
        case 'admitted':
          return (await outcome.sent).kind === 'sent' ? 'sent' : 'unavailable';
      }
    },
    async checkCode(accountId, code) {
      const phone = await selfService.phoneOf(accountId);
      return phone !== undefined && (await sms.checkCode({ codeId: codeIdOf(accountId), phone, code })) === 'right';
    },
  };
}
