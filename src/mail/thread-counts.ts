/** How a thread counts in the mailboxes that it is in (RFC 8621 §2). */
import { FLAG, type MailboxId, type ThreadEmail } from './types.ts';

/** RFC 8621 §2: what a person has written so far is nothing to read. */
export function isUnread({ flags }: Pick<ThreadEmail, 'flags'>): boolean {
  return (flags & (FLAG.SEEN | FLAG.DRAFT)) === 0;
}

/**
 * The mailboxes that a thread of these Emails is in, and whether it is unread there.
 *
 * RFC 8621 §2: an unread Email makes its thread unread wherever the thread is, so that the count is what opening it
 * would show. Only trash is a world of its own: what is nowhere else makes nothing unread outside, and what is not in
 * it makes nothing unread there.
 */
export function countThread(
  emails: Iterable<Pick<ThreadEmail, 'flags' | 'placements'>>,
  trashId: MailboxId | undefined,
): Map<MailboxId, boolean> {
  const counts = new Map<MailboxId, boolean>();
  let isUnreadInTrash = false;
  let isUnreadOutside = false;
  for (const email of emails) {
    const isIt = isUnread(email);
    for (const { mailboxId } of email.placements) {
      counts.set(mailboxId, false);
      if (!isIt) continue;
      if (mailboxId === trashId) isUnreadInTrash = true;
      else isUnreadOutside = true;
    }
  }
  for (const mailboxId of counts.keys())
    counts.set(mailboxId, mailboxId === trashId ? isUnreadInTrash : isUnreadOutside);
  return counts;
}
