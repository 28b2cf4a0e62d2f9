/**
 * The three things that can happen to a row. Each is one step of its type's state, told in the log and to watchers; so
 * an account's rows, its states and what `/changes` says (RFC 8620 §5.2) cannot drift apart.
 */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import type { JmapChange, JmapRows, JmapType, PushSubscriptionRow, SubmissionRow } from '#jmap/types.ts';

/** The row with the id that `make` was given. */
export async function createRow<Type extends JmapType>(
  tx: JmapTransaction,
  accountId: AccountId,
  type: Type,
  make: (id: JmapRows[Type]['id']) => JmapRows[Type],
): Promise<JmapRows[Type]> {
  const { state } = await tx.lockTally(accountId, type);
  const row = make((state + 1) as JmapRows[Type]['id']);
  await tx.putRow(accountId, type, row, dueAtOf(type, row));
  await step(tx, accountId, type, { kind: 'created', id: row.id });
  return row;
}

/** Many at once, for less than one by one: their ids follow the state of their type; `sizeBytes` is what they add to its tally. */
export async function createRows<Type extends JmapType>(
  tx: JmapTransaction,
  accountId: AccountId,
  type: Type,
  rows: readonly JmapRows[Type][],
  sizeBytes: number,
): Promise<void> {
  const tally = await tx.lockTally(accountId, type);
  const state = tally.state + rows.length;
  for (const row of rows) {
    await tx.putRow(accountId, type, row, dueAtOf(type, row));
    await tx.insertChange(accountId, type, { state: row.id, kind: 'created', id: row.id, at: tx.nowMs });
  }
  await tx.putTally(accountId, type, {
    state,
    count: tally.count + rows.length,
    sizeBytes: tally.sizeBytes + sizeBytes,
  });
  if (state > JMAP_STORE_LIMITS.changes) await tx.deleteChanges(accountId, type, state - JMAP_STORE_LIMITS.changes);
  tx.touch(accountId);
}

export async function updateRow<Type extends JmapType>(
  tx: JmapTransaction,
  accountId: AccountId,
  type: Type,
  row: JmapRows[Type],
): Promise<void> {
  await tx.lockTally(accountId, type);
  await tx.putRow(accountId, type, row, dueAtOf(type, row));
  await step(tx, accountId, type, { kind: 'updated', id: row.id });
}

export async function destroyRow(
  tx: JmapTransaction,
  accountId: AccountId,
  type: JmapType,
  { id }: { readonly id: number },
): Promise<void> {
  await tx.lockTally(accountId, type);
  await tx.deleteRow(accountId, type, id);
  await step(tx, accountId, type, { kind: 'destroyed', id });
}

/** The row, and nobody else changes any of its type until the transaction ends. `notFound`. */
export async function lockRow<Type extends JmapType>(
  tx: JmapTransaction,
  accountId: AccountId,
  type: Type,
  id: JmapRows[Type]['id'],
): Promise<JmapRows[Type]> {
  await tx.lockTally(accountId, type);
  const [row] = await tx.rows(accountId, type, { ids: [id] });
  if (row === undefined) throw new MailError('notFound', `there is no ${type} of that id`, { data: { id } });
  return row;
}

/** When something has to happen to a row by itself (attend.ts); null: never. */
export function dueAtOf<Type extends JmapType>(type: Type, row: JmapRows[Type]): number | null {
  switch (type) {
    case 'EmailSubmission': {
      const { undoStatus, sendAt, createdAt } = row as SubmissionRow;
      return undoStatus === 'pending' ? sendAt : Math.max(sendAt, createdAt + JMAP_STORE_LIMITS.submissionKeptMs);
    }
    case 'PushSubscription':
      return (row as PushSubscriptionRow).expires;
    default:
      return null;
  }
}

const COUNTED = { created: 1, updated: 0, destroyed: -1 } as const;

async function step(
  tx: JmapTransaction,
  accountId: AccountId,
  type: JmapType,
  change: Pick<JmapChange, 'kind' | 'id'>,
): Promise<void> {
  const tally = await tx.lockTally(accountId, type);
  const state = tally.state + 1;
  await tx.putTally(accountId, type, { ...tally, state, count: tally.count + COUNTED[change.kind] });
  await tx.insertChange(accountId, type, { ...change, state, at: tx.nowMs });
  if (state > JMAP_STORE_LIMITS.changes) await tx.deleteChanges(accountId, type, state - JMAP_STORE_LIMITS.changes);
  tx.touch(accountId);
}
