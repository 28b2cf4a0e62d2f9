/** Removes a mailbox and what is in it and nowhere else (RFC 9051 §6.3.5; RFC 8621 §2.5 onDestroyRemoveEmails). */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { DeletedBy, MailboxId } from '#mail/types.ts';
import { changeAccount } from './account-change.ts';

export interface DeleteMailboxArgs {
  readonly mailboxId: MailboxId;
  /** False: a mailbox with Emails in it is left alone (`inUse`). */
  readonly removeEmails: boolean;
  /**
   * IMAP thinks in names (RFC 9051 §6.3.5): with mailboxes below it the name stays as a level that cannot be selected,
   * and subscribed to it stays so. Otherwise (RFC 8621 §2.5) a mailbox with others below it is left alone (`inUse`).
   */
  readonly keepName?: boolean;
  /** Whoever deletes it: what was in it can then be had back (deletions.ts). */
  readonly by?: DeletedBy;
}

export const deleteMailbox = {
  durable: true,
  /** Throws `notFound`, `forbidden` (the inbox), `inUse` with data.reason `children` or `emails`. */
  run: (tx: MailTransaction, args: DeleteMailboxArgs): Promise<void> =>
    changeAccount(tx, async (change) => {
      const { mailboxId, parentId, name, role, subscribed, sortOrder, selectable, totalEmails } = change.mailbox(
        args.mailboxId,
      );
      if (role === 'inbox') throw new MailError('forbidden', 'the inbox cannot be deleted');
      const children = [...change.mailboxes].filter((row) => row.parentId === mailboxId);
      if (children.length > 0 && (args.keepName !== true || !selectable)) {
        throw new MailError('inUse', 'the mailbox has mailboxes below it', { data: { reason: 'children' } });
      }
      if (args.keepName === true) change.keepSubscriptions();
      if (totalEmails > 0) {
        if (!args.removeEmails) {
          throw new MailError('inUse', 'the mailbox is not empty', { data: { reason: 'emails' } });
        }
        const found = await tx.emailsIn(mailboxId);
        await change.removeFromMailbox(
          mailboxId,
          found.map(({ email }) => email),
          args.by,
        );
      }
      if (children.length > 0) {
        // A new row in its place, so that whoever has the old one open or remembers its id learns that it is gone.
        const level = await change.insertMailbox({
          parentId,
          name,
          role: null,
          subscribed,
          sortOrder,
          selectable: false,
        });
        for (const child of children) change.updateMailbox(child.mailboxId, { parentId: level.mailboxId });
      }
      await change.deleteMailbox(mailboxId);
    }),
};
