/** Flags of messages that are here already: what either side has, both have (A12); \Deleted stays where it is. */
import type { EmailId } from '#base/ids.ts';
import type { ImapConnection, MessageSummary } from '#imap/client/connection.ts';
import { readForeignFlags } from '#imap/client/flags.ts';
import type { MailAccount } from '#mail/account.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import type { KnownEmails } from '#mail/known-emails.ts';
import { digestMessage } from '#mime/digest.ts';
import { MIGRATION_LIMITS } from './limits.ts';

/** Messages there and Emails here of one date and size. */
interface Alike {
  readonly summaries: readonly MessageSummary[];
  readonly emailIds: readonly EmailId[];
}

/**
 * Of the mailbox there that is open. A message is known here by its date and size; where several are alike, by its
 * Message-ID as well, or else by the order they came in; what all of them have, all get.
 */
export async function uniteFlags(
  account: MailAccount,
  known: KnownEmails,
  connection: ImapConnection,
  summaries: readonly MessageSummary[],
): Promise<void> {
  const groups = Map.groupBy(
    summaries.filter(({ receivedAt }) => receivedAt !== undefined),
    ({ receivedAt, sizeBytes }) => `${receivedAt} ${sizeBytes}`,
  );
  const wanted = new Map<EmailId, readonly string[]>();
  const ambiguous: Alike[] = [];
  for (const group of groups.values()) {
    const [first] = group as [MessageSummary];
    const emailIds = known.find(first.receivedAt ?? 0, first.sizeBytes);
    const common = commonKeywords(group);
    for (const emailId of emailIds) if (common.length > 0) wanted.set(emailId, common);
    const isPlain = group.every(({ flags }) => readForeignFlags(flags).keywords.length === common.length);
    if (!isPlain && emailIds.length > 0) ambiguous.push({ summaries: group, emailIds });
    if (wanted.size >= MIGRATION_LIMITS.flagsAtOnce) await addKeywords(account, wanted);
  }
  await addKeywords(account, wanted);
  for (const group of ambiguous) {
    await uniteById(account, connection, group, wanted);
    if (wanted.size >= MIGRATION_LIMITS.flagsAtOnce) await addKeywords(account, wanted);
  }
  await addKeywords(account, wanted);
}

function commonKeywords(group: readonly MessageSummary[]): readonly string[] {
  return group
    .map(({ flags }) => readForeignFlags(flags).keywords)
    .reduce((all, own) => all.filter((keyword) => own.includes(keyword)));
}

async function uniteById(
  account: MailAccount,
  connection: ImapConnection,
  { summaries, emailIds }: Alike,
  wanted: Map<EmailId, readonly string[]>,
): Promise<void> {
  for (let at = 0; at < summaries.length; at += MIGRATION_LIMITS.flagsAtOnce) {
    const page = summaries.slice(at, at + MIGRATION_LIMITS.flagsAtOnce);
    const fields = await connection.messageIdFields(page);
    const keywords = new Map<string, readonly string[]>();
    for (const { uid, flags } of page) {
      const [messageId] = digestMessage(fields.get(uid) ?? Buffer.alloc(0)).summary.messageId;
      if (messageId !== undefined) keywords.set(messageId, readForeignFlags(flags).keywords);
    }
    for (const { emailId, summary } of await account.listRows(emailIds)) {
      const own = keywords.get(summary.messageId[0] ?? '');
      if (own !== undefined) wanted.set(emailId, own);
    }
    // Without any: in the order they came, while all are on both sides.
    if (keywords.size > 0 || summaries.length !== emailIds.length) continue;
    for (const [i, { flags }] of page.entries())
      wanted.set(emailIds[at + i] as EmailId, readForeignFlags(flags).keywords);
  }
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
