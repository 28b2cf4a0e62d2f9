/** An account's mailboxes as JMAP has them (RFC 8621 §2). */
import type { AccountId } from '#base/ids.ts';
import type { Mailbox } from '#contract/jmap/mailbox.ts';
import { formatMailboxId } from '#jmap/core/ids.ts';
import { accountMailboxRights, writesAs } from '#directory/delegation.ts';
import type { SharedAccount } from '#directory/delegation.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import type { MailboxListing } from '#mail/account.ts';

/** Ordered by rank, then by name as people read. */
export async function readMailboxes({ account, share }: MailboxSource): Promise<readonly Mailbox[]> {
  return (await account.mailboxes()).map((row) => toMailbox(account.accountId, row, share));
}

type MailboxSource = Pick<MethodContext, 'account' | 'share'>;

export function toMailbox(accountId: AccountId, row: MailboxListing, share?: SharedAccount): Mailbox {
  const isInbox = row.role === 'inbox';
  const may = (right: string): boolean => share === undefined || accountMailboxRights(share).includes(right);
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
      mayAddItems: row.selectable && may('i'),
      mayRemoveItems: may('t') && may('e'),
      maySetSeen: may('s'),
      maySetKeywords: may('w'),
      mayCreateChild: may('k'),
      mayRename: !isInbox && may('x'),
      mayDelete: !isInbox && may('x'),
      maySubmit: share === undefined || writesAs(share) !== undefined,
    },
    isSubscribed: row.subscribed,
  };
}
