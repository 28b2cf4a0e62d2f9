/**
 * What was deleted and can be had back: taken up again as new Emails, or let go for good. Who deletes says so (`by` of
 * expunge, setEmails and deleteMailbox), and AccountChange keeps it. To let go changes nothing that a client knows of:
 * modSeq stays.
 */
import { MailError } from '#base/errors.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { DeletionId, DeletionRow, EmailId, MailboxId, ModSeq } from '#mail/types.ts';
import { type AccountChange, changeAccount, sumOfSizes } from './account-change.ts';

export interface RecoverDeletionsArgs {
  readonly deletionIds: readonly DeletionId[];
}

export interface RecoveredDeletion {
  readonly deletionId: DeletionId;
  readonly emailId: EmailId;
  readonly mailboxId: MailboxId;
}

export const recoverDeletions = {
  durable: true,
  /**
   * All that exist, or none: new Emails with the old keywords and time, where they were last, or in the inbox when that
   * Mailbox is gone or is the trash. Throws `overQuota`, `limit` (too many at once), `notFound` (the account).
   */
  run: (
    tx: MailTransaction,
    { deletionIds }: RecoverDeletionsArgs,
  ): Promise<{ readonly modSeq: ModSeq; readonly recovered: readonly RecoveredDeletion[] }> =>
    changeAccount(tx, async (change) => {
      const rows = await findDeletions(tx, deletionIds);
      if (rows.length === 0) return { modSeq: change.account.modSeq, recovered: [] };
      change.requireQuota(sumOfSizes(rows), rows.length);
      await change.openThreads(rows.map(({ threadId }) => threadId));
      const news = [];
      for (const { blobKey, threadId, receivedAt, sizeBytes, flags, keywords, mailboxId } of rows) {
        const joined = await change.joinThread(threadId);
        const mailboxes = [{ mailboxId: homeOf(change, mailboxId), deleted: false }];
        news.push({ blobKey, threadId: joined, receivedAt, sizeBytes, flags, keywords, mailboxes });
      }
      const emails = await change.insertEmails(news);
      await change.removeDeletions(rows);
      const recovered = rows.map(({ deletionId }, at) => {
        const { emailId, placements } = emails[at] as (typeof emails)[number];
        return { deletionId, emailId, mailboxId: (placements[0] as (typeof placements)[number]).mailboxId };
      });
      return { modSeq: change.modSeq, recovered };
    }),
};

export const destroyDeletions = {
  durable: true,
  /** Those that exist are gone for good; answers which those were. Throws `limit` (too many at once). */
  async run(
    tx: MailTransaction,
    { deletionIds }: { readonly deletionIds: readonly DeletionId[] },
  ): Promise<readonly DeletionId[]> {
    const rows = await findDeletions(tx, deletionIds);
    await drop(tx, rows);
    return rows.map(({ deletionId }) => deletionId);
  },
};

export const forgetDeletions = {
  durable: true,
  /** The oldest from before `deletedBefore`, at most `limit`; answers how many. */
  async run(
    tx: MailTransaction,
    { deletedBefore, limit }: { readonly deletedBefore: number; readonly limit: number },
  ): Promise<number> {
    const rows = (await tx.oldestDeletions(limit)).filter(({ deletedAt }) => deletedAt < deletedBefore);
    await drop(tx, rows);
    return rows.length;
  },
};

async function findDeletions(tx: MailTransaction, deletionIds: readonly DeletionId[]): Promise<readonly DeletionRow[]> {
  const asked = new Set(deletionIds);
  if (asked.size > MAIL_LIMITS.operationEmails)
    throw new MailError('limit', `at most ${MAIL_LIMITS.operationEmails} deletions at once`);
  return tx.deletions([...asked]);
}

async function drop(tx: MailTransaction, rows: readonly DeletionRow[]): Promise<void> {
  const account = await tx.account();
  if (account === undefined || rows.length === 0) return;
  await tx.deleteDeletions(rows);
  await tx.updateAccount({
    ...account,
    deletions: account.deletions - rows.length,
    deletionBytes: account.deletionBytes - sumOfSizes(rows),
  });
}

/** The inbox cannot be deleted. */
function homeOf(change: AccountChange, mailboxId: MailboxId): MailboxId {
  const former = change.findMailbox(mailboxId);
  if (former?.selectable === true && former.role !== 'trash') return mailboxId;
  for (const { role, mailboxId: inboxId } of change.mailboxes) if (role === 'inbox') return inboxId;
  throw new MailError('notFound', 'the account has no inbox');
}
