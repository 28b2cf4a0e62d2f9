/** Who wrote, and about what: of the mail that has come to the inbox. */
import type { NewEmail } from '#contract/jmap/push.ts';
import { formatEmailId, formatThreadId } from '#jmap/core/ids.ts';
import { PUSH_LIMITS } from '#jmap/limits.ts';
import type { MailAccount } from '#mail/account.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import type { ModSeq } from '#mail/types.ts';

/** Of what has come since, the newest, newest first: what somebody has read elsewhere meanwhile is not new. None where too much happened to tell. */
export async function readNewEmails(account: MailAccount, since: ModSeq, nowMs: number): Promise<readonly NewEmail[]> {
  const { accountId } = account;
  const records = await account.changes(since, PUSH_LIMITS.recordsRead);
  if (records === undefined || records.length === PUSH_LIMITS.recordsRead) return [];
  const created = records.flatMap(({ emails }) => emails.created).slice(-PUSH_LIMITS.emailsRead);
  const inbox = (await account.mailboxes()).find(({ role }) => role === 'inbox');
  const known = new Set(['$seen', '$draft']);
  const rows = (await account.emails(created))
    .filter(({ placements }) => placements.some(({ mailboxId }) => mailboxId === inbox?.mailboxId))
    .filter(({ receivedAt }) => receivedAt >= nowMs - PUSH_LIMITS.newForMs)
    .filter((row) => !unpackKeywords(row).some((keyword) => known.has(keyword)))
    .toSorted((a, b) => b.receivedAt - a.receivedAt || b.emailId - a.emailId)
    .slice(0, PUSH_LIMITS.newEmails);
  const summaries = new Map(
    (await account.listRows(rows.map(({ emailId }) => emailId))).map((row) => [row.emailId, row]),
  );
  return rows.flatMap(({ emailId, threadId }) => {
    const summary = summaries.get(emailId)?.summary;
    if (summary === undefined) return [];
    const [from] = summary.from;
    return {
      id: formatEmailId(accountId, emailId),
      threadId: formatThreadId(accountId, threadId),
      from: from === undefined ? null : { name: cut(from.name ?? '') || null, email: cut(from.email) },
      subject: cut(summary.subject),
    };
  });
}

function cut(text: string): string {
  return text.slice(0, PUSH_LIMITS.textLength).toWellFormed();
}
