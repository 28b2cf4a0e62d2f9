/** EmailSubmission/query and EmailSubmission/queryChanges (RFC 8621 §7.3, 7.4). */
import { CAPABILITIES, type FilterOf, type QueryChangesResponse } from '#contract/jmap/core.ts';
import {
  EmailSubmissionQuery,
  EmailSubmissionQueryChanges,
  type EmailSubmissionFilterCondition,
} from '#contract/jmap/submission.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { answerQuery, isFound, sortItems } from '#jmap/core/list.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { toSubmission } from './read-submissions.ts';

type Submission = ReturnType<typeof toSubmission>;

interface ListArguments {
  readonly filter: FilterOf<EmailSubmissionFilterCondition> | null;
  readonly sort: readonly { readonly property: string; readonly isAscending: boolean }[] | null;
}

export const emailSubmissionQuery = defineMethod({
  name: 'EmailSubmission/query',
  capability: CAPABILITIES.submission,
  arguments: EmailSubmissionQuery,
  async run(context, args) {
    const { state, ids } = await list(context, args);
    return answerQuery(args, ids, state, false);
  },
});

export const emailSubmissionQueryChanges = defineMethod({
  name: 'EmailSubmission/queryChanges',
  capability: CAPABILITIES.submission,
  arguments: EmailSubmissionQueryChanges,
  async run(context, args): Promise<QueryChangesResponse> {
    const { state, ids } = await list(context, args);
    if (args.sinceQueryState !== state) throw new MethodError('cannotCalculateChanges');
    const { accountId, calculateTotal } = args;
    const total = calculateTotal ? { total: ids.length } : {};
    return { accountId, oldQueryState: state, newQueryState: state, removed: [], added: [], ...total };
  },
});

async function list(
  context: MethodContext,
  { filter, sort }: ListArguments,
): Promise<{ readonly state: string; readonly ids: readonly Id[] }> {
  const { state, rows } = await context.services.records.submissions(context.accountId);
  const submissions = rows.map((row) => toSubmission(context, row));
  const found = sortItems(submissions, sort, SORTABLE, compare).filter((one) => isFound(one, filter, meets));
  return { state: String(state), ids: found.map(({ id }) => id) };
}

const SORTABLE = ['sentAt', 'sendAt', 'emailId', 'threadId'] as const;

function compare(a: Submission, b: Submission, property: (typeof SORTABLE)[number]): number {
  switch (property) {
    case 'sentAt':
    case 'sendAt':
      return Date.parse(a.sendAt) - Date.parse(b.sendAt);
    case 'emailId':
    case 'threadId':
      return a[property] < b[property] ? -1 : Number(a[property] > b[property]);
  }
}

function meets(one: Submission, condition: EmailSubmissionFilterCondition): boolean {
  const { identityIds, emailIds, threadIds, undoStatus, before, after } = condition;
  const sendAt = Date.parse(one.sendAt);
  return (
    (identityIds === undefined || identityIds.includes(one.identityId)) &&
    (emailIds === undefined || emailIds.includes(one.emailId)) &&
    (threadIds === undefined || threadIds.includes(one.threadId)) &&
    (undoStatus === undefined || one.undoStatus === undoStatus) &&
    (before === undefined || sendAt < Date.parse(before)) &&
    (after === undefined || sendAt >= Date.parse(after))
  );
}
