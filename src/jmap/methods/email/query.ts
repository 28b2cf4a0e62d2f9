/** Email/query and Email/queryChanges (RFC 8621 §4.4, 4.5). */
import { CAPABILITIES, type FilterOf, type QueryChangesResponse, type QueryResponse } from '#contract/jmap/core.ts';
import {
  EmailQuery,
  EmailQueryChanges,
  type EmailComparator,
  type EmailFilterCondition,
} from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { formatEmailId, formatState, parseEmailId, parseMailboxId, parseState } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import type {
  EmailComparator as MailComparator,
  EmailCondition,
  EmailFilter,
  EmailQuery as MailQuery,
  MatchText,
} from '#mail/email-query.ts';
import type { MailboxId } from '#mail/types.ts';
import { findByText } from './find-by-text.ts';

interface ListArguments {
  readonly filter: FilterOf<EmailFilterCondition> | null;
  readonly sort: readonly EmailComparator[] | null;
  readonly collapseThreads: boolean;
}

export const emailQuery = defineMethod({
  name: 'Email/query',
  capability: CAPABILITIES.mail,
  arguments: EmailQuery,
  async run(context, args): Promise<QueryResponse> {
    const { account, accountId } = context;
    const limit = Math.min(args.limit ?? JMAP_LIMITS.idsInQuery, JMAP_LIMITS.idsInQuery);
    const anchor = args.anchor === null ? undefined : parseEmailId(accountId, args.anchor);
    if (args.anchor !== null && anchor === undefined) throw new MethodError('anchorNotFound');
    const { anchorOffset, calculateTotal } = args;
    const place = anchor === undefined ? { position: args.position } : { anchor, anchorOffset };
    const answer = await account.queryEmails(
      toMailQuery(context, args),
      { ...place, limit, calculateTotal },
      matchText(context),
    );
    if (answer === 'anchorNotFound') throw new MethodError('anchorNotFound');
    const { emailIds, position, total, modSeq } = answer;
    return {
      accountId: args.accountId,
      queryState: formatState(modSeq),
      canCalculateChanges: !isByRelevance(args),
      position,
      ids: emailIds.map((emailId) => formatEmailId(accountId, emailId)),
      ...(total === undefined ? {} : { total }),
      ...(limit === args.limit ? {} : { limit }),
    };
  },
});

export const emailQueryChanges = defineMethod({
  name: 'Email/queryChanges',
  capability: CAPABILITIES.mail,
  arguments: EmailQueryChanges,
  async run(context, args): Promise<QueryChangesResponse> {
    const { account, accountId } = context;
    const since = parseState(args.sinceQueryState);
    if (since === undefined || isByRelevance(args)) throw new MethodError('cannotCalculateChanges');
    const upToId = args.upToId === null ? undefined : parseEmailId(accountId, args.upToId);
    const window = {
      calculateTotal: args.calculateTotal,
      ...(args.maxChanges === null ? {} : { maxChanges: args.maxChanges }),
      ...(upToId === undefined ? {} : { upToId }),
    };
    const changes = await account.queryEmailChanges(toMailQuery(context, args), since, window, matchText(context));
    if (changes === 'cannotCalculate') throw new MethodError('cannotCalculateChanges');
    if (changes === 'tooMany') throw new MethodError('tooManyChanges');
    const { removed, added, total, modSeq } = changes;
    return {
      accountId: args.accountId,
      oldQueryState: args.sinceQueryState,
      newQueryState: formatState(modSeq),
      removed: removed.map((emailId) => formatEmailId(accountId, emailId)),
      added: added.map(({ emailId, index }) => ({ id: formatEmailId(accountId, emailId), index })),
      ...(total === undefined ? {} : { total }),
    };
  },
});

/** What else is found changes the order of what was found before. */
function isByRelevance({ sort }: ListArguments): boolean {
  return (sort ?? []).some(({ property }) => property === 'relevance');
}

function matchText(context: MethodContext): MatchText {
  return (condition) => findByText(context, condition);
}

function toMailQuery(context: MethodContext, { filter, sort, collapseThreads }: ListArguments): MailQuery {
  return {
    collapseThreads,
    ...(filter === null ? {} : { filter: toMailFilter(context, filter) }),
    ...(sort === null ? {} : { sort: sort.map(toMailComparator) }),
  };
}

/** The filter with our numbers for the client's ids. A mailbox that is not there holds nothing. */
export function toMailFilter(context: MethodContext, filter: FilterOf<EmailFilterCondition>): EmailFilter {
  if ('operator' in filter) {
    const conditions = filter.conditions.map((condition) => toMailFilter(context, condition));
    return { operator: filter.operator, conditions };
  }
  const { inMailbox, inMailboxOtherThan, before, after, header, ...same } = filter;
  const find = (id: Id): MailboxId => parseMailboxId(context.accountId, id) ?? (0 as MailboxId);
  return dropUndefined<EmailCondition>({
    ...same,
    inMailbox: inMailbox === undefined ? undefined : find(inMailbox),
    inMailboxOtherThan: inMailboxOtherThan?.map(find),
    before: before === undefined ? undefined : Date.parse(before),
    after: after === undefined ? undefined : Date.parse(after),
    header: header as [string, string?] | undefined,
  });
}

function dropUndefined<Item extends object>(item: { [Name in keyof Item]: Item[Name] | undefined }): Item {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as Item;
}

function toMailComparator({ property, isAscending, keyword, collation }: EmailComparator): MailComparator {
  if (collation !== undefined && collation !== 'i;ascii-casemap' && collation !== 'i;unicode-casemap')
    throw new MethodError('unsupportedSort', `there is no collation ${collation}`);
  switch (property) {
    case 'receivedAt':
    case 'size':
    case 'from':
    case 'to':
    case 'subject':
    case 'sentAt':
    case 'relevance':
      return { property, isAscending };
    case 'hasKeyword':
    case 'allInThreadHaveKeyword':
    case 'someInThreadHaveKeyword':
      if (keyword === undefined) throw new MethodError('invalidArguments', `/sort: ${property} needs a keyword`);
      return { property, keyword, isAscending };
    default:
      throw new MethodError('unsupportedSort', `nothing is sorted by ${property}`);
  }
}
