/** The first Emails in the order of their time that have certain texts: of many hits only those of a page are looked at. */
import type { EmailQuery } from '#mail/email-query.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import type { AccountRow, EmailId, ThreadId } from '#mail/types.ts';
import type { Plan } from './plan.ts';
import type { QueryContext } from './query-emails.ts';
import { walk } from './walk.ts';

/** The first `wanted`; undefined where the hits are so few that judging and sorting all of them costs less. */
export async function walkTexts(
  { reader, accountId, matchText }: QueryContext,
  account: AccountRow,
  { collapseThreads = false }: EmailQuery,
  plan: Plan,
  wanted: number,
): Promise<EmailId[] | undefined> {
  const hits = await Promise.all(plan.texts.map(matchText));
  const fewest = Math.min(...hits.map(({ among }) => among.size));
  const isCostly = hits.some(({ settle }) => settle !== undefined);
  if (fewest <= (isCostly ? MAIL_LIMITS.textsSettled : MAIL_LIMITS.textsJudged)) return undefined;
  // To judge all would be to read all that are not indexed yet.
  if (plan.isFew && !isCostly) return undefined;
  const found: EmailId[] = [];
  const threads = new Set<ThreadId>();
  for await (const rows of walk(reader, accountId, plan)) {
    let waiting = rows.filter(
      ({ emailId }) => emailId < account.nextEmailId && hits.every(({ among }) => among.has(emailId)),
    );
    while (waiting.length > 0) {
      const some = waiting.slice(0, isCostly ? Math.max(wanted - found.length, 1) : waiting.length);
      waiting = waiting.slice(some.length);
      let fitting: ReadonlySet<EmailId> = new Set(some.map(({ emailId }) => emailId));
      for (const { settle } of hits) if (settle !== undefined) fitting = await settle([...fitting]);
      for (const { emailId, threadId } of some) {
        if (!fitting.has(emailId) || (collapseThreads && threads.has(threadId))) continue;
        threads.add(threadId);
        found.push(emailId);
        if (found.length === wanted) return found;
      }
    }
  }
  return found;
}
