/**
 * Makes an account that came back from a backup safe to meet clients that knew its future: uids and modSeqs given out
 * since then will be given out again, for other mail (RFC 9051 §2.3.1.1, RFC 7162 §3.1.1).
 */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { changeAccount } from './account-change.ts';

/** Far beyond what an account changes between a backup and its restore, and far below 2^53. */
const MODSEQ_LEAP = 2 ** 32;

export const renewAccount = {
  durable: true,
  /** Every mailbox gets a new uidValidity, the modSeq leaps ahead, and the change log begins anew. */
  async run(tx: MailTransaction, _args: Record<string, never>): Promise<void> {
    const account = await tx.account();
    if (account === undefined) return;
    await tx.clearChanges();
    await tx.updateAccount({ ...account, modSeq: (account.modSeq + MODSEQ_LEAP) as typeof account.modSeq });
    await changeAccount(tx, async (change) => {
      for (const { mailboxId } of change.mailboxes) change.renewUids(mailboxId);
    });
  },
};
