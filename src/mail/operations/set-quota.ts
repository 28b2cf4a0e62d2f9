/** Sets what an account may hold. Mail over a lowered quota stays; only new mail is refused. */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { changeAccount } from './account-change.ts';

export interface SetQuotaArgs {
  /** `null`: no limit. */
  readonly quotaBytes: number | null;
  readonly quotaMessages: number | null;
}

export const setQuota = {
  durable: true,
  run: (tx: MailTransaction, args: SetQuotaArgs): Promise<void> =>
    changeAccount(tx, async (change) => change.setQuota(args.quotaBytes, args.quotaMessages)),
};
