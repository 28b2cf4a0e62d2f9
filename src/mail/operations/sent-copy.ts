/**
 * The author's copy of a submitted message, never twice: the system puts one into Sent, and most mail programs put one
 * there, too, some before they send and some after. Of the two the program's stays, for it is the one the program
 * knows: whichever comes second, the system's copy is not made, or gives way.
 */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import type { EmailRow, MailboxId, PreparedMessage } from '#mail/types.ts';
import type { AccountChange } from './account-change.ts';

/** On the system's copies: RFC 5550 has it for what has been submitted. */
export const SUBMITTED = '$submitted';

/**
 * The copies of `message` among the latest Emails of a mailbox: the same Message-ID and Date. A message that is not of
 * these days has none: bringing old mail over costs no looking.
 */
export async function findSentCopies(
  tx: MailTransaction,
  change: AccountChange,
  mailboxId: MailboxId,
  message: PreparedMessage,
): Promise<readonly EmailRow[]> {
  const { messageId, sentAtMs } = message.digest.summary;
  const [id] = messageId;
  if (id === undefined || sentAtMs === undefined) return [];
  if (Math.abs(tx.nowMs - sentAtMs) > MAIL_LIMITS.sentCopyMs) return [];
  const { uidNext } = change.mailbox(mailboxId);
  const from = Math.max(1, uidNext - MAIL_LIMITS.sentCopiesSearched);
  const latest = await tx.emailsIn(
    mailboxId,
    Array.from({ length: uidNext - from }, (_, i) => from + i),
  );
  const summaries = await tx.summaries(latest.map(({ email }) => email.blobKey));
  return latest.flatMap(({ email }) => {
    const summary = summaries.get(email.blobKey);
    return summary?.messageId[0] === id && summary.sentAtMs === sentAtMs ? [email] : [];
  });
}
