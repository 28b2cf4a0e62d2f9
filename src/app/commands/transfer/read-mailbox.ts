/** The messages of a mailbox, one after another, as an export writes them. */
import { errorText } from '#base/errors.ts';
import type { EmailId } from '#base/ids.ts';
import type { MailAccount, MailboxListing } from '#mail/account.ts';
import type { MailStore } from '#mail/ports/mail-store.ts';
import { toPrintable } from '#app/commands/arguments/table.ts';
import type { ExportedMessage } from './export-target.ts';
import { flagsOf } from './keywords.ts';

const PAGE = 200;

/** By uid. One that cannot be read is a text that says which and why. */
export async function* readMailbox(
  mailStore: MailStore,
  account: MailAccount,
  mailbox: MailboxListing,
): AsyncGenerator<ExportedMessage | string> {
  const columns = await mailStore.reader.entries(account.accountId, mailbox.mailboxId);
  for (let from = 0; from < columns.uids.length; from += PAGE) {
    const emailIds = Array.from(columns.emailIds.subarray(from, from + PAGE)) as EmailId[];
    const rows = new Map((await account.listRows(emailIds)).map((row) => [row.emailId, row]));
    for (const [i, emailId] of emailIds.entries()) {
      const row = rows.get(emailId);
      // Deleted since the mailbox was listed.
      if (row === undefined) continue;
      const uid = columns.uids[from + i] ?? 0;
      const flags = flagsOf(columns.flags[from + i] ?? 0, columns.keywords.get(uid) ?? []);
      let octets: Buffer;
      try {
        octets = await account.readMessage(emailId);
      } catch (error) {
        const date = new Date(row.receivedAt).toISOString();
        yield `${mailbox.path}: "${toPrintable(row.summary.subject)}" of ${date}: ${errorText(error)}`;
        continue;
      }
      const sender = row.summary.from[0]?.email ?? '';
      // The same Email in two mailboxes makes two files.
      const key = `M${emailId}_${mailbox.mailboxId}_${uid}`;
      yield { ...flags, octets, receivedAt: row.receivedAt, key, sender };
    }
  }
}
