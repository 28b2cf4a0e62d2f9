/** What was handed in, and what became of it (RFC 8621 §7). */
import type { DeliveryStatus, EmailSubmission } from '#contract/jmap/submission.ts';
import { formatEmailId, formatRecordId, formatThreadId } from '#jmap/core/ids.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import type { SubmissionRow } from '#jmap/types.ts';
import type { TraceEvent } from '#trace/types.ts';

export function toSubmission(
  { accountId }: MethodContext,
  row: SubmissionRow,
): Omit<EmailSubmission, 'deliveryStatus'> {
  return {
    id: formatRecordId('S', accountId, row.id),
    identityId: formatRecordId('I', accountId, row.identityId),
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
  return Object.fromEntries(row.envelope.rcptTo.map(({ email }) => [email, statusOf(trace.events, email)]));
}

const DELIVERED: Partial<Record<TraceEvent['kind'], DeliveryStatus['delivered']>> = {
  delivered: 'yes',
  redirected: 'yes',
  // Another server has it; whether it reaches a mailbox there is not ours to know.
  relayed: 'unknown',
  failed: 'no',
  queued: 'queued',
  deferred: 'queued',
};

function statusOf(events: readonly TraceEvent[], email: string): DeliveryStatus {
  const last = events.findLast(
    ({ kind, recipients }) =>
      DELIVERED[kind] !== undefined &&
      (recipients === undefined || recipients.some((one) => one.toLowerCase() === email.toLowerCase())),
  );
  return {
    smtpReply: last === undefined ? '' : describe(last),
    delivered: (last && DELIVERED[last.kind]) ?? 'queued',
    displayed: 'unknown',
  };
}

/** The remote's words; for what was done here, ours in the same form. */
function describe({ kind, enhanced, text }: TraceEvent): string {
  if (text !== undefined && /^\d{3}[ -]/.test(text)) return text;
  const code = kind === 'failed' ? '550' : kind === 'deferred' ? '450' : '250';
  return [code, enhanced ?? `${code.slice(0, 1)}.0.0`, text ?? ''].join(' ').trim();
}
