/** Changes a mailbox's own properties: subscription, role, rank. */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { MailboxId, MailboxRole } from '#mail/types.ts';
import { changeAccount } from './account-change.ts';
import { requireFreeRole } from './create-mailbox.ts';

export interface UpdateMailboxArgs {
  readonly mailboxId: MailboxId;
  readonly subscribed?: boolean;
  readonly role?: MailboxRole | null;
  readonly sortOrder?: number;
}

export const updateMailbox = {
  durable: true,
  /** Throws `notFound`, `inUse` (the role), `forbidden` (the inbox's role). */
  run: (tx: MailTransaction, args: UpdateMailboxArgs): Promise<void> =>
    changeAccount(tx, async (change) => {
      const { mailboxId, ...patch } = args;
      const row = change.mailbox(mailboxId);
      if (patch.role !== undefined && patch.role !== row.role) {
        if (row.role === 'inbox' || patch.role === 'inbox')
          throw new MailError('forbidden', 'the inbox stays the inbox');
        requireFreeRole(change, patch.role);
      }
      const isSame = Object.entries(patch).every(([key, value]) => row[key as keyof typeof patch] === value);
      if (!isSame) change.updateMailbox(mailboxId, patch);
    }),
};
