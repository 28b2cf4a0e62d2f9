/** Takes Emails out of a mailbox for good (RFC 9051 §6.4.3, RFC 4315 §2.1; POP3 QUIT after DELE). */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { DeletedBy, MailboxId, ModSeq, Uid } from '#mail/types.ts';
import { changeAccount } from './account-change.ts';

export interface ExpungeArgs {
  readonly mailboxId: MailboxId;
  /** Only these; all of the mailbox when absent. */
  readonly uids?: readonly number[];
  /** With `onlyDeleted` and without `uids`: so many, the lowest uids first. */
  readonly atMost?: number;
  /** Only those marked \Deleted. POP3 and JMAP, which know no such mark, say false. */
  readonly onlyDeleted: boolean;
  /** Whoever deletes them: what leaves can then be had back (deletions.ts). */
  readonly by?: DeletedBy;
}

export interface ExpungeResult {
  readonly modSeq: ModSeq;
  /** Ascending. */
  readonly expunged: readonly Uid[];
}

export const expunge = {
  durable: true,
  /** Throws `notFound` (the mailbox). */
  run: (tx: MailTransaction, args: ExpungeArgs): Promise<ExpungeResult> =>
    changeAccount(tx, async (change) => {
      const mailbox = change.mailbox(args.mailboxId);
      if (args.onlyDeleted && mailbox.deletedEmails === 0) return { modSeq: change.account.modSeq, expunged: [] };
      const found =
        args.onlyDeleted && args.uids === undefined
          ? await tx.deletedEmailsIn(mailbox.mailboxId, args.atMost ?? mailbox.deletedEmails)
          : await tx.emailsIn(mailbox.mailboxId, args.uids);
      const leaving = args.onlyDeleted
        ? found.filter(({ uid, email }) =>
            email.placements.some((p) => p.deleted && p.mailboxId === mailbox.mailboxId && p.uid === uid),
          )
        : found;
      await change.removeFromMailbox(
        mailbox.mailboxId,
        leaving.map(({ email }) => email),
        args.by,
      );
      return {
        modSeq: leaving.length === 0 ? change.account.modSeq : change.modSeq,
        expunged: leaving.map(({ uid }) => uid),
      };
    }),
};
