/** Subscribes to a mailbox or no longer, by name: RFC 9051 §6.3.7, §6.3.8. */
import { MailError } from '#base/errors.ts';
import { findByLevels, parseMailboxPath, PATH_SEPARATOR } from '#mail/mailbox-name.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { changeAccount } from './account-change.ts';

export interface SetSubscriptionArgs {
  readonly path: string;
  readonly subscribed: boolean;
}

export const setSubscription = {
  durable: true,
  /** Throws `invalid`, `notFound` (neither a mailbox nor a name still subscribed to). */
  run: (tx: MailTransaction, { path, subscribed }: SetSubscriptionArgs): Promise<void> =>
    changeAccount(tx, async (change) => {
      const levels = parseMailboxPath(path);
      const row = findByLevels(change.mailboxes, levels);
      if (row !== undefined) {
        if (row.subscribed !== subscribed) change.updateMailbox(row.mailboxId, { subscribed });
        return;
      }
      const name = levels.join(PATH_SEPARATOR);
      if (!(await tx.lostSubscriptions()).includes(name)) throw new MailError('notFound', 'no such mailbox');
      if (!subscribed) await tx.deleteLostSubscriptions([name]);
    }),
};
