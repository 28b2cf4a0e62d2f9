/** Removes all mail of an account. Final: only a backup brings it back. */
import type { MailTransaction } from '#mail/ports/mail-store.ts';

export const deleteAccount = {
  durable: true,
  async run(tx: MailTransaction, _args: Record<string, never>): Promise<void> {
    if ((await tx.account()) !== undefined) await tx.deleteAccount();
  },
};
