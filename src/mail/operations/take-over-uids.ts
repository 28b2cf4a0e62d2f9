/**
 * A mailbox whose mail comes from another system takes over its uidValidity, so that programs find again what they have
 * (RFC 9051 §2.3.1.1). Whatever came here by another way gets uids far above those the other system still gives: no uid
 * ever stands for two messages, whichever of the two a program has asked.
 */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import type { MailboxId } from '#mail/types.ts';
import { changeAccount } from './account-change.ts';

export interface TakeOverUidsArgs {
  readonly mailboxId: MailboxId;
  /** Of the mailbox there; 0: it has none. */
  readonly uidValidity: number;
  readonly uidNext: number;
}

export const takeOverUids = {
  durable: true,
  /**
   * Answers whether uids of that uidValidity are kept here, as far as they can be. Not where a uid was given already; nor
   * under a value as high as our own, for a mailbox of that name made later needs a higher one; nor under that of another
   * mailbox, whose name it could be given. Throws `notFound`.
   */
  run: (tx: MailTransaction, { mailboxId, uidValidity, uidNext }: TakeOverUidsArgs): Promise<boolean> =>
    changeAccount(tx, async (change) => {
      const row = change.target(mailboxId);
      if (uidNext > MAIL_LIMITS.foreignUids) return false;
      const isOver = row.ownUidsFrom > 0;
      if (isOver ? row.uidValidity !== uidValidity : row.uidNext > 1) return false;
      if (!isOver && (uidValidity < 1 || uidValidity >= row.uidValidity)) return false;
      for (const other of change.mailboxes)
        if (other.mailboxId !== mailboxId && other.uidValidity === uidValidity) return false;
      const ownUidsFrom = uidNext + MAIL_LIMITS.foreignUidsToCome;
      // Once mail of our own has begun there, nothing below is given any more.
      if (row.uidNext <= row.ownUidsFrom || !isOver)
        change.takeOverUids(mailboxId, uidValidity, Math.max(row.ownUidsFrom, ownUidsFrom));
      return true;
    }),
};
