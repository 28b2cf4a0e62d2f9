/** Takes an Email away again whose author thinks better of it, unless it has been read: asked and done in one change. */
import { FLAG } from '#mail/types.ts';
import type { EmailId } from '#mail/types.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { changeAccount } from './account-change.ts';

export interface RecallArgs {
  readonly emailId: EmailId;
  readonly unreadOnly: boolean;
}

export const recall = {
  durable: true,
  /** Wherever it lies. `missing`: it is gone. Throws `notFound` (the account). */
  run: (tx: MailTransaction, { emailId, unreadOnly }: RecallArgs): Promise<'recalled' | 'read' | 'missing'> =>
    changeAccount(tx, async (change) => {
      const [email] = await tx.emails([emailId]);
      if (email === undefined) return 'missing';
      if (unreadOnly && (email.flags & FLAG.SEEN) !== 0) return 'read';
      await change.destroyEmails([email]);
      return 'recalled';
    }),
};
