/** Filters made ready for judging Email after Email. */
import {
  conditionsOf,
  isOperator,
  type EmailCondition,
  type EmailFilter,
  type MatchText,
  type TextCondition,
  type TextHits,
} from '#mail/email-query.ts';
import { packKeywords, type PackedKeywords } from '#mail/keywords.ts';
import { FLAG, type EmailId, type EmailRow, type ThreadEmail } from '#mail/types.ts';

export interface Candidate {
  readonly email: EmailRow;
  /** All of its thread, it among them; empty unless asked for. */
  readonly thread: readonly ThreadEmail[];
}

export type Judge = (candidate: Candidate) => boolean;

export interface CompiledFilter {
  readonly judge: Judge;
  /** Whether threads are looked at. */
  readonly asksThreads: boolean;
  /** Every Email that fits is among these; `undefined`: any may be. */
  readonly among: ReadonlySet<EmailId> | undefined;
}

export const TEXT_PROPERTIES = ['text', 'from', 'to', 'cc', 'bcc', 'subject', 'body', 'header'] as const;

/** The text conditions of a condition, if it has any. */
export function textOf(condition: EmailCondition): TextCondition | undefined {
  const entries = TEXT_PROPERTIES.filter((name) => condition[name] !== undefined).map((name) => [
    name,
    condition[name],
  ]);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as TextCondition);
}

export function asksText(filter: EmailFilter | undefined): boolean {
  return filter !== undefined && conditionsOf(filter).some((condition) => textOf(condition) !== undefined);
}

export function asksThreads(filter: EmailFilter | undefined): boolean {
  return (
    filter !== undefined &&
    conditionsOf(filter).some(
      (one) => (one.allInThreadHaveKeyword ?? one.someInThreadHaveKeyword ?? one.noneInThreadHaveKeyword) !== undefined,
    )
  );
}

/** Throws `invalid` for a keyword that is none, and whatever `matchText` throws. */
export async function compileFilter(filter: EmailFilter | undefined, matchText: MatchText): Promise<CompiledFilter> {
  if (filter === undefined) return { judge: () => true, asksThreads: false, among: undefined };
  const hits = new Map<EmailCondition, ReadonlySet<EmailId>>();
  for (const condition of conditionsOf(filter)) {
    const text = textOf(condition);
    if (text !== undefined) hits.set(condition, await settleAll(await matchText(text)));
  }
  return { judge: toJudge(filter, hits), asksThreads: asksThreads(filter), among: findAmong(filter, hits) };
}

function settleAll({ among, settle }: TextHits): Promise<ReadonlySet<EmailId>> | ReadonlySet<EmailId> {
  return settle === undefined ? among : settle([...among]);
}

type Hits = ReadonlyMap<EmailCondition, ReadonlySet<EmailId>>;

/** The fewest hits that every Email that fits must be among. */
function findAmong(filter: EmailFilter, hits: Hits): ReadonlySet<EmailId> | undefined {
  if (!isOperator(filter)) return hits.get(filter);
  const sets = filter.conditions.map((one) => findAmong(one, hits));
  switch (filter.operator) {
    case 'AND':
      return sets.reduce(
        (least, set) => (set !== undefined && set.size < (least?.size ?? Infinity) ? set : least),
        undefined,
      );
    case 'OR': {
      if (sets.length === 0 || sets.includes(undefined)) return undefined;
      const all = new Set<EmailId>();
      for (const set of sets) for (const emailId of set ?? []) all.add(emailId);
      return all;
    }
    case 'NOT':
      return undefined;
  }
}

function toJudge(filter: EmailFilter, hits: Hits): Judge {
  if (!isOperator(filter)) return judgeAll(conditionJudges(filter, hits.get(filter)));
  const judges = filter.conditions.map((one) => toJudge(one, hits));
  switch (filter.operator) {
    case 'AND':
      return judgeAll(judges);
    case 'OR':
      return negate(judgeAll(judges.map(negate)));
    case 'NOT':
      return judgeAll(judges.map(negate));
  }
}

function judgeAll(judges: readonly Judge[]): Judge {
  return (candidate) => judges.every((judge) => judge(candidate));
}

function negate(judge: Judge): Judge {
  return (candidate) => !judge(candidate);
}

function conditionJudges(condition: EmailCondition, hits: ReadonlySet<EmailId> | undefined): Judge[] {
  const judges: Judge[] = [];
  const { inMailbox, inMailboxOtherThan, before, after, minSize, maxSize, hasAttachment } = condition;
  if (hits !== undefined) judges.push(({ email }) => hits.has(email.emailId));
  if (inMailbox !== undefined)
    judges.push(({ email }) => email.placements.some(({ mailboxId }) => mailboxId === inMailbox));
  if (inMailboxOtherThan !== undefined) {
    const others = new Set(inMailboxOtherThan);
    judges.push(({ email }) => email.placements.some(({ mailboxId }) => !others.has(mailboxId)));
  }
  if (before !== undefined) judges.push(({ email }) => email.receivedAt < before);
  if (after !== undefined) judges.push(({ email }) => email.receivedAt >= after);
  if (minSize !== undefined) judges.push(({ email }) => email.sizeBytes >= minSize);
  if (maxSize !== undefined) judges.push(({ email }) => email.sizeBytes < maxSize);
  const { hasKeyword, notKeyword } = condition;
  if (hasKeyword !== undefined) judges.push(ofEmail(hasIt(hasKeyword)));
  if (notKeyword !== undefined) judges.push(negate(ofEmail(hasIt(notKeyword))));
  const { allInThreadHaveKeyword: all, someInThreadHaveKeyword: some, noneInThreadHaveKeyword: none } = condition;
  if (all !== undefined) judges.push(allInThread(all));
  if (some !== undefined) judges.push(someInThread(some));
  if (none !== undefined) judges.push(negate(someInThread(none)));
  if (hasAttachment !== undefined)
    judges.push(({ email }) => ((email.flags & FLAG.HAS_ATTACHMENT) !== 0) === hasAttachment);
  return judges;
}

/** Whether something has the keyword. Throws `invalid` for one that none can have. */
export function hasIt(name: string): (keywords: PackedKeywords) => boolean {
  const { flags, keywords } = packKeywords([name]);
  const [keyword] = keywords;
  return keyword === undefined
    ? (packed) => (packed.flags & flags) !== 0
    : (packed) => packed.keywords.includes(keyword);
}

function ofEmail(test: (keywords: PackedKeywords) => boolean): Judge {
  return ({ email }) => test(email);
}

export function allInThread(keyword: string): (candidate: Pick<Candidate, 'thread'>) => boolean {
  const test = hasIt(keyword);
  return ({ thread }) => thread.every(test);
}

export function someInThread(keyword: string): (candidate: Pick<Candidate, 'thread'>) => boolean {
  const test = hasIt(keyword);
  return ({ thread }) => thread.some(test);
}
