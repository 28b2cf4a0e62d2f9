/** What was handed in, and what became of it (RFC 8621 §7). */
import type { DeliveryStatus, EmailSubmission } from '#contract/jmap/submission.ts';
import { formatEmailId, formatThreadId } from '#jmap/core/ids.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import type { SubmissionRow } from '#jmap/types.ts';
import { deliveryStatusOf } from '#jmap/delivery-status.ts';
import { formatRowId } from '#jmap/row-ids.ts';

export function toSubmission(
  { accountId }: MethodContext,
  row: SubmissionRow,
): Omit<EmailSubmission, 'deliveryStatus'> {
  return {
    id: formatRowId('EmailSubmission', accountId, row.id),
    identityId: formatRowId('Identity', accountId, row.identityId),
    emailId: formatEmailId(accountId, row.emailId),
    threadId: formatThreadId(accountId, row.threadId),
    envelope: {
      mailFrom: row.envelope.mailFrom,
      rcptTo: [...row.envelope.rcptTo],
    },
    sendAt: formatUtcDate(row.sendAt),
    undoStatus: row.undoStatus,
    dsnBlobIds: [],
    mdnBlobIds: [],
  };
}

/** By recipient, from the message's trace; null when it is not traced (any more). */
export async function readDeliveryStatus(
  { services: { traces } }: MethodContext,
  row: SubmissionRow,
): Promise<Readonly<Record<string, DeliveryStatus>> | null> {
  const [queueId] = row.queueIds;
  const trace = queueId === undefined ? undefined : await traces.trace(queueId);
  if (trace === undefined) return null;
  return deliveryStatusOf(
    row.envelope.rcptTo.map(({ email }) => email),
    trace.events,
  );
}
