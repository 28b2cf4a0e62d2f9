/** Uploads go: for others, or because nobody has used them for long. */
import type { AccountId } from '#base/ids.ts';
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';
import type { Upload } from '#jmap/types.ts';

/** The account's tally must be locked. */
export async function dropUploads(
  tx: JmapTransaction,
  accountId: AccountId,
  uploads: readonly Upload[],
): Promise<void> {
  if (uploads.length === 0) return;
  for (const { hash } of uploads) await tx.deleteUpload(accountId, hash);
  const tally = await tx.lockTally(accountId, 'Upload');
  const sizeBytes = uploads.reduce((sum, upload) => sum + upload.sizeBytes, 0);
  await tx.putTally(accountId, 'Upload', {
    ...tally,
    count: tally.count - uploads.length,
    sizeBytes: tally.sizeBytes - sizeBytes,
  });
}

/** Those of one account that nobody has used since then; false when no account has any. */
export async function expireUploads(
  tx: JmapTransaction,
  { usedBefore }: { readonly usedBefore: number },
): Promise<boolean> {
  const accountId = await tx.longestUnusedBy(usedBefore);
  if (accountId === undefined) return false;
  await tx.lockTally(accountId, 'Upload');
  await dropUploads(tx, accountId, await tx.unusedUploads(accountId, usedBefore));
  return true;
}
