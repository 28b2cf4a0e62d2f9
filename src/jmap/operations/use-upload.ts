/** Somebody uses an upload, which therefore stays. */
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';

/** Nothing happens to one that is gone. */
export async function useUpload(
  tx: JmapTransaction,
  { accountId, hash }: { readonly accountId: AccountId; readonly hash: string },
): Promise<void> {
  await tx.lockTally(accountId, 'Upload');
  const upload = await tx.upload(accountId, hash);
  if (upload !== undefined) await tx.updateUpload(accountId, { ...upload, usedAt: tx.nowMs });
}
