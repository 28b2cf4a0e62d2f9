/** Mailbox/changes (RFC 8621 §2.2). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MailboxChanges, type MailboxChangesResponse } from '#contract/jmap/mailbox.ts';
import { formatMailboxId } from '#jmap/core/ids.ts';
import { readChanges } from '#jmap/core/mail-changes.ts';
import { defineMethod } from '#jmap/core/method.ts';
import type { MailboxId } from '#mail/types.ts';

/** What messages that come, go and are read change of a mailbox. */
const COUNTS = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'] as const;

export const mailboxChanges = defineMethod({
  name: 'Mailbox/changes',
  capability: CAPABILITIES.mail,
  arguments: MailboxChanges,
  async run(context, args): Promise<MailboxChangesResponse> {
    const { response, records } = await readChanges<MailboxId>(
      context,
      args,
      ({ mailboxes: { created, updated, counted, destroyed } }) => ({
        created,
        updated: [...updated, ...counted],
        destroyed,
      }),
      (mailboxId) => formatMailboxId(context.accountId, mailboxId),
    );
    const onlyCounts = response.updated.length > 0 && records.every(({ mailboxes }) => mailboxes.updated.length === 0);
    return { ...response, updatedProperties: onlyCounts ? COUNTS : null };
  },
});
