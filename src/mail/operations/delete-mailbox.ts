/** Removes a mailbox and what is in it and nowhere else (RFC 9051 §6.3.5; RFC 8621 §2.5 onDestroyRemoveEmails). */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { MailboxId } from '#mail/types.ts';
import { changeAccount } from './account-change.ts';

export interface DeleteMailboxArgs {
  readonly mailboxId: MailboxId;
  /** False: a mailbox with Emails in it is left alone (`inUse`). */
  readonly removeEmails: boolean;
}

export const deleteMailbox = {
  durable: true,
  /** Throws `notFound`, `forbidden` (the inbox), `inUse` with data.reason `children` or `emails`. */
  run: (tx: MailTransaction, args: DeleteMailboxArgs): Promise<void> =>
    changeAccount(tx, async (change) => {
      const { mailboxId, role, totalEmails } = change.mailbox(args.mailboxId);
      if (role === 'inbox') throw new MailError('forbidden', 'the inbox cannot be deleted');
      for (const row of change.mailboxes) {
        if (row.parentId === mailboxId) {
          throw new MailError('inUse', 'the mailbox has mailboxes below it', { data: { reason: 'children' } });
        }
      }
      if (totalEmails > 0) {
        if (!args.removeEmails) {
          throw new MailError('inUse', 'the mailbox is not empty', { data: { reason: 'emails' } });
        }
        const found = await tx.emailsIn(mailboxId);
        await change.removeFromMailbox(
          mailboxId,
          found.map(({ email }) => email),
        );
      }
      await change.deleteMailbox(mailboxId);
    }),
};
