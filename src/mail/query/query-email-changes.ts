/** What became of a query's result (RFC 8620 §5.6), from the change log. */
import { conditionsOf, type ChangesWindow, type EmailQuery, type QueryChanges } from '#mail/email-query.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import type { AccountRow, ChangeRecord, EmailId, EmailRow, ModSeq, ThreadId } from '#mail/types.ts';
import { asksThreads } from './compile-filter.ts';
import { type Plan, planQuery } from './plan.ts';
import { type QueryContext, wholeResult } from './query-emails.ts';
import { walk } from './walk.ts';

/** How often it is tried anew when the account changes meanwhile. */
const ATTEMPTS = 3;

export async function queryEmailChanges(
  context: QueryContext,
  query: EmailQuery,
  since: ModSeq,
  window: ChangesWindow,
): Promise<QueryChanges | 'cannotCalculate' | 'tooMany'> {
  const { reader, accountId } = context;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const account = await reader.account(accountId);
    if (account === undefined || since > account.modSeq) return 'cannotCalculate';
    const records = await reader.changes(accountId, since, MAIL_LIMITS.catchUpChanges + 1);
    if (records === undefined || records.length > MAIL_LIMITS.catchUpChanges) return 'cannotCalculate';
    const touched = await findTouched(context, query, records);
    if (touched.size > MAIL_LIMITS.queryChanges) return 'cannotCalculate';
    const answer = await compare(context, account, query, touched, window);
    if ((await reader.modSeq(accountId)) !== account.modSeq) continue;
    // What is new was not in the old result.
    const created = new Set(records.flatMap(({ emails }) => emails.created));
    const removed = [...touched].filter((emailId) => !created.has(emailId));
    if (removed.length + answer.added.length > (window.maxChanges ?? Infinity)) return 'tooMany';
    return { ...answer, removed, modSeq: account.modSeq };
  }
  return 'cannotCalculate';
}

/** The Emails whose place in the result may not be what it was, destroyed ones among them. */
async function findTouched(
  { reader, accountId }: QueryContext,
  query: EmailQuery,
  records: readonly ChangeRecord[],
): Promise<ReadonlySet<EmailId>> {
  const isFixed = isImmutable(query);
  const touched = new Set<EmailId>();
  const threadIds = new Set<ThreadId>();
  for (const { emails, threads } of records) {
    for (const list of [emails.created, isFixed ? [] : emails.updated, emails.destroyed])
      for (const emailId of list) touched.add(emailId);
    // The threads of those that are created and destroyed.
    for (const list of [threads.created, threads.updated]) for (const threadId of list) threadIds.add(threadId);
  }
  const { sort = [], filter, collapseThreads = false } = query;
  const isOfThreads =
    collapseThreads ||
    asksThreads(filter) ||
    sort.some(({ property }) => property === 'allInThreadHaveKeyword' || property === 'someInThreadHaveKeyword');
  if (!isOfThreads || touched.size > MAIL_LIMITS.queryChanges) return touched;
  for (const { threadId } of await reader.emails(accountId, [...touched])) threadIds.add(threadId);
  for (const { emailId } of await reader.threadEmails(accountId, [...threadIds])) touched.add(emailId);
  return touched;
}

/** Whether nothing that can happen to an Email but its end changes its place: no keyword and no mailbox is asked for. */
function isImmutable({ filter, sort = [] }: EmailQuery): boolean {
  const isSortFixed = sort.every(({ property }) => !property.endsWith('Keyword'));
  if (filter === undefined || !isSortFixed) return isSortFixed;
  return conditionsOf(filter).every((condition) =>
    Object.keys(condition).every((name) => !/Keyword|Mailbox/.test(name)),
  );
}

/** Those of `touched` that are in the result, with their places. */
async function compare(
  context: QueryContext,
  account: AccountRow,
  query: EmailQuery,
  touched: ReadonlySet<EmailId>,
  { calculateTotal = false, upToId }: ChangesWindow,
): Promise<Pick<QueryChanges, 'added' | 'total'>> {
  const plan = planQuery(query);
  const upTo = isImmutable(query) ? upToId : undefined;
  if (plan.isWalk && !calculateTotal) return { added: await walkPast(context, query, plan, touched, upTo) };
  const result = await wholeResult(context, account, query, plan);
  const end = upTo === undefined ? -1 : result.indexOf(upTo);
  const added: { emailId: EmailId; index: number }[] = [];
  for (const [index, emailId] of result.entries()) {
    if (touched.has(emailId as EmailId)) added.push({ emailId: emailId as EmailId, index });
    if (index === end) break;
  }
  return calculateTotal ? { added, total: result.length } : { added };
}

/** The same by walking only as far as the last of them would stand: new mail is at the front. */
async function walkPast(
  { reader, accountId }: QueryContext,
  { collapseThreads = false }: EmailQuery,
  plan: Plan,
  touched: ReadonlySet<EmailId>,
  upTo: EmailId | undefined,
): Promise<QueryChanges['added']> {
  const added: { emailId: EmailId; index: number }[] = [];
  const sign = plan.isAscending ? 1 : -1;
  const inOrder = (a: Pick<EmailRow, 'receivedAt' | 'emailId'>, b: Pick<EmailRow, 'receivedAt' | 'emailId'>): number =>
    sign * (a.receivedAt - b.receivedAt || a.emailId - b.emailId);
  const left = await reader.emails(accountId, [...touched]);
  const [first, ...others] = left;
  if (first === undefined) return added;
  const last = others.reduce((latest, email) => (inOrder(email, latest) > 0 ? email : latest), first);
  const threads = new Set<ThreadId>();
  let index = 0;
  for await (const rows of walk(reader, accountId, plan, 2 * touched.size)) {
    for (const row of rows) {
      if (inOrder(row, last) > 0) return added;
      if (collapseThreads && threads.has(row.threadId)) continue;
      threads.add(row.threadId);
      if (touched.has(row.emailId)) added.push({ emailId: row.emailId, index });
      if (row.emailId === upTo) return added;
      index++;
    }
  }
  return added;
}
