/** EmailSubmission/get and EmailSubmission/changes (RFC 8621 §7.1, 7.2). */
import { CAPABILITIES, type GetResponse } from '#contract/jmap/core.ts';
import {
  EMAIL_SUBMISSION_PROPERTIES,
  EmailSubmissionChanges,
  EmailSubmissionGet,
  type EmailSubmission,
} from '#contract/jmap/submission.ts';
import type { Id } from '#contract/jmap/values.ts';
import { chooseIds, chooseProperties, pick } from '#jmap/core/get.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readRecordChanges } from '#jmap/core/record-changes.ts';
import { readDeliveryStatus, toSubmission } from './read-submissions.ts';
import { formatRowId, parseRowId } from '#jmap/row-ids.ts';

export const emailSubmissionGet = defineMethod({
  name: 'EmailSubmission/get',
  capability: CAPABILITIES.submission,
  arguments: EmailSubmissionGet,
  async run(context, args): Promise<GetResponse<Partial<EmailSubmission>>> {
    const { services, accountId } = context;
    const properties = chooseProperties(args.properties, EMAIL_SUBMISSION_PROPERTIES);
    const rowIds = args.ids?.flatMap((id) => parseRowId('EmailSubmission', accountId, id) ?? []);
    const { state, rows } = await services.records.submissions(accountId, rowIds);
    // RFC 8620 §5.1: all of a type only where they are few.
    const ids = chooseIds(args.ids ?? rows.map(({ id }) => formatRowId('EmailSubmission', accountId, id)));
    const byId = new Map(rows.map((row) => [formatRowId('EmailSubmission', accountId, row.id), row]));
    const list: Partial<EmailSubmission>[] = [];
    for (const row of byId.values()) {
      const deliveryStatus = properties.has('deliveryStatus') ? await readDeliveryStatus(context, row) : null;
      list.push(pick({ ...toSubmission(context, row), deliveryStatus }, properties));
      await context.pause();
    }
    const notFound: Id[] = ids.filter((id) => !byId.has(id));
    return { accountId: args.accountId, state: String(state), list, notFound };
  },
});

export const emailSubmissionChanges = defineMethod({
  name: 'EmailSubmission/changes',
  capability: CAPABILITIES.submission,
  arguments: EmailSubmissionChanges,
  run: (context, args) => readRecordChanges(context, args, 'EmailSubmission'),
});
