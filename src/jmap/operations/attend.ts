/** Time changes rows by itself: what may no longer be taken back becomes final, what has expired goes. */
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import type { JmapRows, JmapType, SubmissionRow } from '#jmap/types.ts';
import { destroyRow, dueAtOf, updateRow } from './change-row.ts';

/** At most `limit` rows of any accounts; answers how many were looked at. */
export async function attend(tx: JmapTransaction, { limit }: { readonly limit: number }): Promise<number> {
  const due = await tx.dueRows(tx.nowMs, limit);
  // Locked in one order everywhere, so that two front-ends never wait for each other.
  const inOrder = due.toSorted((a, b) => a.accountId - b.accountId || (a.type < b.type ? -1 : 1));
  for (const { accountId, type, id } of inOrder) await attendTo(tx, accountId, type, [id]);
  return due.length;
}

/** Of one account's submissions, all whose time has come. */
export async function settleSubmissions(
  tx: JmapTransaction,
  { accountId }: { readonly accountId: AccountId },
): Promise<void> {
  await attendTo(tx, accountId, 'EmailSubmission');
}

async function attendTo<Type extends JmapType>(
  tx: JmapTransaction,
  accountId: AccountId,
  type: Type,
  ids?: readonly number[],
): Promise<void> {
  await tx.lockTally(accountId, type);
  for (const row of await tx.rows(accountId, type, ids === undefined ? {} : { ids })) {
    const dueAt = dueAtOf(type, row);
    if (dueAt === null || dueAt > tx.nowMs) continue;
    if (isPending(row)) await updateRow(tx, accountId, 'EmailSubmission', { ...row, undoStatus: 'final' });
    else await destroyRow(tx, accountId, type, row);
  }
}

function isPending(row: JmapRows[JmapType]): row is SubmissionRow {
  return 'undoStatus' in row && row.undoStatus === 'pending';
}
