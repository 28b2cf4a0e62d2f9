/** Pages of a query's result. */
import type { LruMap } from '#base/lru-map.ts';
import type { EmailQuery, MatchText, QueryAnswer, QueryWindow, TextHits } from '#mail/email-query.ts';
import type { MailReader } from '#mail/ports/mail-store.ts';
import { FLAG, type AccountId, type AccountRow, type EmailId, type ThreadId } from '#mail/types.ts';
import { asksText } from './compile-filter.ts';
import { judgeAll } from './judged.ts';
import { type Plan, planQuery } from './plan.ts';
import { walk } from './walk.ts';
import { walkTexts } from './walk-texts.ts';

/** Whole results by account, state and query, so that paging does not find them again. */
export type QueryResults = LruMap<string, Uint32Array>;

export interface QueryContext {
  readonly reader: MailReader;
  readonly accountId: AccountId;
  readonly results: QueryResults;
  readonly matchText: MatchText;
}

export async function queryEmails(
  context: QueryContext,
  query: EmailQuery,
  window: QueryWindow,
): Promise<QueryAnswer | 'anchorNotFound'> {
  // Read before all else: whatever changes from here on is told by the changes since.
  const account = await context.reader.account(context.accountId);
  const { limit, anchor, anchorOffset = 0, calculateTotal = false } = window;
  const position = anchor === undefined ? (window.position ?? 0) : 0;
  if (account === undefined) {
    if (anchor !== undefined) return 'anchorNotFound';
    return {
      emailIds: [],
      position: Math.max(0, position),
      modSeq: 0 as never,
      ...(calculateTotal ? { total: 0 } : {}),
    };
  }
  const plan = planQuery(query);
  const needsTotal = calculateTotal || position < 0;
  let total = needsTotal ? await countedTotal(context, account, query, plan) : undefined;
  let found: ArrayLike<number>;
  if (plan.isWalk && (!needsTotal || total !== undefined)) {
    const start = position < 0 ? Math.max(0, (total ?? 0) + position) : position;
    const isEnough = (count: number, anchorAt: number): boolean =>
      anchor === undefined
        ? count >= start + limit
        : anchorAt >= 0 && count >= Math.max(0, anchorAt + anchorOffset) + limit;
    found = await walkFor(context, account, query, plan, isEnough, { anchor, wanted: start + limit });
  } else {
    const once = { ...context, matchText: asking(context.matchText) };
    const page =
      plan.isTextWalk && !needsTotal && anchor === undefined
        ? await walkTexts(once, account, query, plan, position + limit)
        : undefined;
    found = page ?? (await wholeResult(once, account, query, plan));
    if (page === undefined) total = found.length;
  }
  let start = position < 0 ? Math.max(0, (total ?? 0) + position) : position;
  if (anchor !== undefined) {
    const at = Array.prototype.indexOf.call(found, anchor);
    if (at < 0) return 'anchorNotFound';
    start = Math.max(0, at + anchorOffset);
  }
  return {
    emailIds: Array.prototype.slice.call(found, start, start + limit) as EmailId[],
    position: start,
    modSeq: account.modSeq,
    ...(calculateTotal && total !== undefined ? { total } : {}),
  };
}

/** Each condition is asked for once. */
function asking(matchText: MatchText): MatchText {
  const asked = new Map<string, Promise<TextHits>>();
  return (condition) => {
    const key = JSON.stringify(condition);
    const hits = asked.get(key) ?? matchText(condition);
    asked.set(key, hits);
    return hits;
  };
}

/** The number of Emails in the result, where counters have it. */
async function countedTotal(
  { reader, accountId }: QueryContext,
  account: AccountRow,
  { collapseThreads = false }: EmailQuery,
  plan: Plan,
): Promise<number | undefined> {
  if (!plan.isWalk || plan.withFlags !== 0 || plan.from !== -Infinity || plan.before !== Infinity) return undefined;
  const [mailboxId] = plan.mailboxIds;
  if (mailboxId === undefined) return plan.withoutFlags === 0 && !collapseThreads ? account.usedMessages : undefined;
  const row = (await reader.mailboxes(accountId)).find((mailbox) => mailbox.mailboxId === mailboxId);
  if (plan.withoutFlags === 0) return (collapseThreads ? row?.totalThreads : row?.totalEmails) ?? 0;
  return plan.withoutFlags === FLAG.SEEN && !collapseThreads ? (row?.unreadEmails ?? 0) : undefined;
}

/**
 * The result of a walk from its beginning, as far as it takes. `anchor`, where one is given, is looked for no further
 * than where it would stand.
 */
async function walkFor(
  { reader, accountId }: QueryContext,
  account: AccountRow,
  { collapseThreads = false }: EmailQuery,
  plan: Plan,
  isEnough: (count: number, anchorAt: number) => boolean,
  { anchor, wanted }: { readonly anchor: EmailId | undefined; readonly wanted: number },
): Promise<EmailId[]> {
  const found: EmailId[] = [];
  const [anchorRow] = anchor === undefined ? [] : await reader.emails(accountId, [anchor]);
  if (anchor !== undefined && anchorRow === undefined) return found;
  const threads = new Set<ThreadId>();
  let anchorAt = -1;
  // Of a conversation's Emails one is shown: some more are read than are wanted.
  for await (const rows of walk(reader, accountId, plan, collapseThreads ? 2 * wanted : wanted)) {
    for (const { emailId, threadId, receivedAt } of rows) {
      if (anchorAt < 0 && anchorRow !== undefined && emailId !== anchor) {
        const difference = receivedAt - anchorRow.receivedAt || emailId - anchorRow.emailId;
        if (plan.isAscending ? difference > 0 : difference < 0) return found;
      }
      if (emailId >= account.nextEmailId || (collapseThreads && threads.has(threadId))) continue;
      threads.add(threadId);
      if (emailId === anchor) anchorAt = found.length;
      found.push(emailId);
      if (isEnough(found.length, anchorAt)) return found;
    }
  }
  return found;
}

/**
 * All of the result. Emails that came after `account` was read are left out: a later answer to changes says that they
 * were created.
 */
export async function wholeResult(
  context: QueryContext,
  account: AccountRow,
  query: EmailQuery,
  plan: Plan,
): Promise<Uint32Array> {
  const { reader, accountId, results, matchText } = context;
  const key = `${accountId} ${account.modSeq} ${JSON.stringify(query)}`;
  // What an index of words finds may change without the account: such results are not kept.
  const isKept = !asksText(query.filter);
  const kept = isKept ? results.get(key) : undefined;
  if (kept !== undefined) return kept;
  let found: EmailId[] = [];
  if (plan.isWalk) {
    found = await walkFor(context, account, query, plan, () => false, { anchor: undefined, wanted: Infinity });
  } else {
    const threads = new Set<ThreadId>();
    for (const { emailId, threadId } of await judgeAll(reader, accountId, query, plan, matchText)) {
      if (emailId >= account.nextEmailId || (query.collapseThreads === true && threads.has(threadId))) continue;
      threads.add(threadId);
      found.push(emailId);
    }
  }
  const result = Uint32Array.from(found);
  if (isKept) results.set(key, result);
  return result;
}
