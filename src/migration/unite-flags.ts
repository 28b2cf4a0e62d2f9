/** Flags of messages that are here already: what either side has, both have (A12); \Deleted stays where it is. */
import type { EmailId } from '#base/ids.ts';
import type { MessageSummary } from '#imap/client/connection.ts';
import { readForeignFlags } from '#imap/client/flags.ts';
import type { MailAccount } from '#mail/account.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import type { KnownEmails } from '#mail/known-emails.ts';
import { MIGRATION_LIMITS } from './limits.ts';

/** Of a mailbox there. A message is known here by its date and size; of several alike each gets its own while all are there. */
export async function uniteFlags(
  account: MailAccount,
  known: KnownEmails,
  summaries: readonly MessageSummary[],
): Promise<void> {
  const alike = Map.groupBy(
    summaries.filter(({ receivedAt }) => receivedAt !== undefined),
    ({ receivedAt, sizeBytes }) => `${receivedAt} ${sizeBytes}`,
  );
  const wanted = new Map<EmailId, readonly string[]>();
  for (const group of alike.values()) {
    const [first] = group as [MessageSummary];
    const emailIds = known.find(first.receivedAt ?? 0, first.sizeBytes);
    const flags = group.map((summary) => readForeignFlags(summary.flags).keywords);
    const common = flags.reduce((all, own) => all.filter((keyword) => own.includes(keyword)));
    for (const [i, emailId] of emailIds.entries()) {
      const keywords = emailIds.length === group.length ? (flags[i] ?? common) : common;
      if (keywords.length > 0) wanted.set(emailId, keywords);
    }
    if (wanted.size >= MIGRATION_LIMITS.flagsAtOnce) await addKeywords(account, wanted);
  }
  await addKeywords(account, wanted);
}

/** Empties `wanted`. An Email that has as many keywords as it may stays as it is. */
async function addKeywords(account: MailAccount, wanted: Map<EmailId, readonly string[]>): Promise<void> {
  const rows = await account.emails([...wanted.keys()]);
  const update = rows.flatMap((row) => {
    const has = new Set(unpackKeywords(row));
    const add = (wanted.get(row.emailId) ?? []).filter((keyword) => !has.has(keyword));
    return add.length === 0 ? [] : [{ emailId: row.emailId, keywords: { add } }];
  });
  wanted.clear();
  if (update.length > 0) await account.setEmails({ update, destroy: [] });
}
