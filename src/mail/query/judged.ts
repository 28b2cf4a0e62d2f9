/** The general way to an answer: reads what candidates there are, judges each, sorts those that fit. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EmailComparator, EmailQuery, MatchText } from '#mail/email-query.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import type { MailReader } from '#mail/ports/mail-store.ts';
import type { AccountId, EmailId, ThreadEmail, ThreadId } from '#mail/types.ts';
import { baseSubject } from '#mime/base-subject.ts';
import type { MailAddress, MessageSummary } from '#mime/structure.ts';
import { allInThread, type Candidate, compileFilter, hasIt, someInThread } from './compile-filter.ts';
import { marksOf, type Plan } from './plan.ts';
import { sortInTurns } from './sort-in-turns.ts';
import { walk } from './walk.ts';

/** One Email of a result, for sorting and collapsing. */
export interface Judged {
  readonly emailId: EmailId;
  readonly threadId: ThreadId;
  /** One for each comparator. */
  readonly keys: readonly (number | string)[];
}

/** Names and subjects are told apart by so many characters: what is sorted by them is held by the hundred thousand. */
const KEY_LENGTH = 100;

/** All that fit, in order. */
export async function judgeAll(
  reader: MailReader,
  accountId: AccountId,
  { filter, sort = [] }: EmailQuery,
  plan: Plan,
  matchText: MatchText,
): Promise<Judged[]> {
  const { judge, among, asksThreads } = await compileFilter(filter, matchText);
  const comparators: readonly EmailComparator[] =
    sort.length === 0 ? [{ property: 'receivedAt', isAscending: false }] : sort;
  const weights = comparators.some(({ property }) => property === 'relevance')
    ? await Promise.all(plan.texts.map(async (text) => (await matchText(text)).weigh?.() ?? NO_WEIGHTS))
    : [];
  const keysOf = comparators.map((comparator) => toKey(comparator, weights));
  const sortsBySummary = comparators.some(({ property }) => SUMMARY_PROPERTIES.has(property));
  const readsThreads =
    asksThreads ||
    comparators.some(({ property }) => property === 'allInThreadHaveKeyword' || property === 'someInThreadHaveKeyword');
  const judged: Judged[] = [];
  for await (const emailIds of candidates(reader, accountId, plan, among)) {
    const emails = await reader.emails(accountId, emailIds);
    const threads = readsThreads
      ? await threadsOf(
          reader,
          accountId,
          emails.map(({ threadId }) => threadId),
        )
      : NO_THREADS;
    const found: Candidate[] = emails.map((email) => ({
      email,
      thread: threads.get(email.threadId) ?? [],
    }));
    const fitting = found.filter(judge);
    const summaries = await summariesOf(
      reader,
      accountId,
      sortsBySummary ? fitting.map(({ email }) => email.emailId) : [],
    );
    for (const candidate of fitting) {
      const { email } = candidate;
      const summary = summaries.get(email.emailId);
      const keys = keysOf.map((keyOf) => keyOf(candidate, summary));
      judged.push({ emailId: email.emailId, threadId: email.threadId, keys });
    }
    await nextTurn();
  }
  return sortInTurns(judged, comparing(comparators));
}

/** The smallest set that has all of the result, each Email once, ascending within a batch. */
async function* candidates(
  reader: MailReader,
  accountId: AccountId,
  plan: Plan,
  among: ReadonlySet<EmailId> | undefined,
): AsyncGenerator<readonly EmailId[]> {
  const mailboxes = await reader.mailboxes(accountId);
  const [mailboxId] = plan.mailboxIds;
  const mailbox = mailboxes.find((row) => row.mailboxId === mailboxId);
  if (mailboxId !== undefined && mailbox === undefined) return;
  if (among !== undefined && among.size <= (mailbox?.totalEmails ?? Infinity)) {
    yield* batches([...among]);
    return;
  }
  const isFew = mailboxId === undefined && marksOf(plan).length > 0;
  const places = isFew ? mailboxes.map((row) => new Set([row.mailboxId])) : [plan.mailboxIds];
  const seen = new Set<EmailId>();
  for (const mailboxIds of places) {
    for await (const rows of walk(reader, accountId, { ...plan, mailboxIds })) {
      const emailIds = rows.map(({ emailId }) => emailId).filter((emailId) => !seen.has(emailId));
      // Only an Email in several mailboxes comes twice.
      if (isFew) for (const emailId of emailIds) seen.add(emailId);
      yield* batches(emailIds);
    }
  }
}

function* batches(emailIds: readonly EmailId[]): Generator<readonly EmailId[]> {
  const ascending = emailIds.toSorted((a, b) => a - b);
  for (let at = 0; at < ascending.length; at += MAIL_LIMITS.candidatesAtOnce)
    yield ascending.slice(at, at + MAIL_LIMITS.candidatesAtOnce);
}

const NO_WEIGHTS: Weights = new Map();
const NO_THREADS: ReadonlyMap<ThreadId, readonly ThreadEmail[]> = new Map();

async function threadsOf(
  reader: MailReader,
  accountId: AccountId,
  threadIds: readonly ThreadId[],
): Promise<ReadonlyMap<ThreadId, readonly ThreadEmail[]>> {
  const emails = await reader.threadEmails(accountId, [...new Set(threadIds)]);
  return Map.groupBy(emails, ({ threadId }) => threadId);
}

async function summariesOf(
  reader: MailReader,
  accountId: AccountId,
  emailIds: readonly EmailId[],
): Promise<ReadonlyMap<EmailId, MessageSummary>> {
  if (emailIds.length === 0) return new Map();
  const rows = await reader.summaries(accountId, emailIds);
  return new Map(rows.map(({ emailId, summary }) => [emailId, summary]));
}

const SUMMARY_PROPERTIES: ReadonlySet<EmailComparator['property']> = new Set(['from', 'to', 'subject', 'sentAt']);

type Weights = ReadonlyMap<EmailId, number>;
type Key = (candidate: Candidate, summary: MessageSummary | undefined) => number | string;

/** RFC 8621 §4.4.2. */
function toKey(comparator: EmailComparator, weights: readonly Weights[]): Key {
  switch (comparator.property) {
    case 'relevance':
      return ({ email }) => weights.reduce((sum, of) => sum + (of.get(email.emailId) ?? 0), 0);
    case 'receivedAt':
      return ({ email }) => email.receivedAt;
    case 'size':
      return ({ email }) => email.sizeBytes;
    case 'from':
      return (_, summary) => addressKey(summary?.from);
    case 'to':
      return (_, summary) => addressKey(summary?.to);
    case 'subject':
      return (_, summary) => baseSubject(summary?.subject ?? '').slice(0, KEY_LENGTH);
    case 'sentAt':
      // RFC 5256 §2.2: without a Date that can be read, when it came.
      return ({ email }, summary) => summary?.sentAtMs ?? email.receivedAt;
    case 'hasKeyword': {
      const test = hasIt(comparator.keyword);
      return ({ email }) => Number(test(email));
    }
    case 'allInThreadHaveKeyword': {
      const test = allInThread(comparator.keyword);
      return (candidate) => Number(test(candidate));
    }
    case 'someInThreadHaveKeyword': {
      const test = someInThread(comparator.keyword);
      return (candidate) => Number(test(candidate));
    }
  }
}

function addressKey(addresses: readonly MailAddress[] | undefined): string {
  const first = addresses?.[0];
  return (first?.name ?? first?.email ?? '').slice(0, KEY_LENGTH).toLowerCase();
}

function comparing(comparators: readonly EmailComparator[]): (a: Judged, b: Judged) => number {
  const signs = comparators.map(({ isAscending }) => (isAscending ? 1 : -1));
  const lastSign = signs.at(-1) ?? -1;
  return (a, b) => {
    for (const [at, sign] of signs.entries()) {
      const left = a.keys[at] as number | string;
      const right = b.keys[at] as number | string;
      if (left !== right) return left < right ? -sign : sign;
    }
    return lastSign * (a.emailId - b.emailId);
  };
}
