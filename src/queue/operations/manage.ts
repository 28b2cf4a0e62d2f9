/** What people do to the queue: hold, release, try now, cancel. In slices, so that a queue of any size can be managed. */
import type { DeliverySelection, QueueTransaction } from '#queue/ports/queue-store.ts';
import type { QueueId } from '#base/ids.ts';
import { NEVER } from '#queue/types.ts';
import type { LeasedDelivery } from '#queue/types.ts';
import { deleteIfDone } from './conclude.ts';

export interface ManageArgs {
  readonly selection: DeliverySelection;
  readonly action: 'hold' | 'release' | 'retry' | 'cancel';
  readonly after?: { readonly queueId: QueueId; readonly destination: string };
  /** After a release, time that a message gets at least before it is returned, milliseconds. */
  readonly graceMs: number;
}

export interface ManageResult {
  readonly changed: readonly Pick<LeasedDelivery, 'queueId' | 'recipients'>[];
  /** Those under way cannot be changed: it is too late. */
  readonly busy: number;
  /** Where to go on; null when all were seen. */
  readonly next: { readonly queueId: QueueId; readonly destination: string } | null;
}

const SLICE = 200;

export async function manage(tx: QueueTransaction, args: ManageArgs): Promise<ManageResult> {
  const { selection, action, after, graceMs } = args;
  const rows = await tx.list(selection, { ...(after === undefined ? {} : { after }), limit: SLICE });
  const changed: ManageResult['changed'][number][] = [];
  let busy = 0;
  for (const { queueId, destination, message } of rows) {
    const row = await tx.lockDelivery(queueId, destination);
    if (row === undefined) continue;
    if (row.owner !== null) {
      busy++;
      continue;
    }
    if (await act(tx, { ...row, message }, action, graceMs)) changed.push({ queueId, recipients: row.recipients });
  }
  const last = rows.length < SLICE ? undefined : rows.at(-1);
  return { changed, busy, next: last === undefined ? null : { queueId: last.queueId, destination: last.destination } };
}

async function act(
  tx: QueueTransaction,
  { message, ...row }: LeasedDelivery,
  action: ManageArgs['action'],
  graceMs: number,
): Promise<boolean> {
  const { nowMs } = tx;
  const { queueId, destination } = row;
  switch (action) {
    case 'hold':
      if (row.state === 'held') return false;
      await tx.updateDelivery({ ...row, state: 'held', dueAt: NEVER, attentionAt: NEVER });
      return true;
    case 'release':
    case 'retry': {
      if (action === 'release' && row.state !== 'held') return false;
      const expiresAt = Math.max(message.expiresAt, nowMs + graceMs);
      if (expiresAt !== message.expiresAt) await tx.updateMessage({ ...message, expiresAt });
      const attentionAt = row.state === 'held' ? expiresAt : row.attentionAt;
      await tx.updateDelivery({ ...row, state: 'waiting', dueAt: nowMs, attentionAt });
      tx.touch(destination);
      return true;
    }
    case 'cancel':
      await tx.deleteDelivery(queueId, destination);
      await deleteIfDone(tx, queueId);
      return true;
  }
}
