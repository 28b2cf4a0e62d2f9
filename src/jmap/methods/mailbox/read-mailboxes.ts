/** An account's mailboxes as JMAP has them (RFC 8621 §2). */
import type { AccountId } from '#base/ids.ts';
import type { Mailbox } from '#contract/jmap/mailbox.ts';
import { formatMailboxId } from '#jmap/core/ids.ts';
import type { MailAccount, MailboxListing } from '#mail/account.ts';

/** Ordered by rank, then by name as people read. */
export async function readMailboxes(account: MailAccount): Promise<readonly Mailbox[]> {
  return (await account.mailboxes()).map((row) => toMailbox(account.accountId, row));
}

export function toMailbox(accountId: AccountId, row: MailboxListing): Mailbox {
  const isInbox = row.role === 'inbox';
  return {
    id: formatMailboxId(accountId, row.mailboxId),
    // RFC 8621 §2: INBOX is a name of IMAP's; people see it translated by role.
    name: isInbox ? 'Inbox' : row.name,
    parentId: row.parentId === null ? null : formatMailboxId(accountId, row.parentId),
    role: row.role,
    sortOrder: row.sortOrder,
    totalEmails: row.totalEmails,
    unreadEmails: row.unreadEmails - row.unreadDrafts,
    totalThreads: row.totalThreads,
    unreadThreads: row.unreadThreads,
    myRights: {
      mayReadItems: true,
      mayAddItems: row.selectable,
      mayRemoveItems: true,
      maySetSeen: true,
      maySetKeywords: true,
      mayCreateChild: true,
      mayRename: !isInbox,
      mayDelete: !isInbox,
      maySubmit: true,
    },
    isSubscribed: row.subscribed,
  };
}
