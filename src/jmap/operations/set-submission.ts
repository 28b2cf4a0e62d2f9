/** A message was handed in, was taken back in time, or is to be remembered no more (RFC 8621 §7.5). */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import type { SubmissionId, SubmissionRow } from '#jmap/types.ts';
import { createRow, destroyRow, lockRow, updateRow } from './change-row.ts';

export interface CreateSubmissionArgs {
  readonly accountId: AccountId;
  readonly submission: Omit<SubmissionRow, 'id' | 'createdAt' | 'undoStatus'>;
}

/** Never refused, for by then the message is on its way: of too many the oldest go. */
export async function createSubmission(
  tx: JmapTransaction,
  { accountId, submission }: CreateSubmissionArgs,
): Promise<SubmissionRow> {
  const { count } = await tx.lockTally(accountId, 'EmailSubmission');
  const surplus = count + 1 - JMAP_STORE_LIMITS.submissions;
  if (surplus > 0) {
    const oldest = await tx.rows(accountId, 'EmailSubmission', { limit: surplus });
    for (const row of oldest) await destroyRow(tx, accountId, 'EmailSubmission', row);
  }
  const undoStatus = submission.sendAt > tx.nowMs ? 'pending' : 'final';
  return createRow(tx, accountId, 'EmailSubmission', (id) => ({ ...submission, id, createdAt: tx.nowMs, undoStatus }));
}

export interface SubmissionName {
  readonly accountId: AccountId;
  readonly id: SubmissionId;
}

/**
 * Says that it was taken back. The queue is asked first: what says so without being so would be a lie, and what is left
 * pending by a crash is not. `notFound`; `forbidden` when it is final.
 */
export async function cancelSubmission(tx: JmapTransaction, { accountId, id }: SubmissionName): Promise<SubmissionRow> {
  const row = await lockRow(tx, accountId, 'EmailSubmission', id);
  if (row.undoStatus === 'final') throw new MailError('forbidden', 'The message was sent', { data: { id } });
  const canceled = { ...row, undoStatus: 'canceled' } as const;
  if (row.undoStatus === 'pending') await updateRow(tx, accountId, 'EmailSubmission', canceled);
  return canceled;
}

/** The message goes its way all the same. `notFound`. */
export async function destroySubmission(tx: JmapTransaction, { accountId, id }: SubmissionName): Promise<void> {
  await destroyRow(tx, accountId, 'EmailSubmission', await lockRow(tx, accountId, 'EmailSubmission', id));
}
