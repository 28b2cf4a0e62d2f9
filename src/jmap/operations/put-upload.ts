/** Octets are kept for an account to name them later, once for all who have the same. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { JmapReader, JmapTransaction } from '#jmap/ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import type { Upload } from '#jmap/types.ts';
import type { PreparedMessage } from '#mail/types.ts';
import { dropUploads } from './drop-uploads.ts';

export interface PutUploadArgs {
  readonly accountId: AccountId;
  /** Any octets: they may turn out to be a message, and are then one already. */
  readonly message: PreparedMessage;
  readonly mediaType: string;
  /** Octets of all uploads of an account together. */
  readonly quotaBytes: number;
}

/** What is there stays, and counts as used now. `overQuota`; `invalid` for a media type that is none. */
export async function putUpload(tx: JmapTransaction, args: PutUploadArgs): Promise<Upload> {
  const { accountId, message, mediaType, quotaBytes } = args;
  const { hash, sizeBytes } = message.blob;
  if (mediaType.length > JMAP_STORE_LIMITS.mediaTypeLength || !/^[\x20-\x7e]+$/.test(mediaType))
    throw new MailError('invalid', 'a media type is a few printable characters');
  await tx.lockTally(accountId, 'Upload');
  const known = await tx.upload(accountId, hash);
  if (known !== undefined) {
    const used = { ...known, mediaType, usedAt: tx.nowMs };
    await tx.updateUpload(accountId, used);
    return used;
  }
  await dropUploads(tx, accountId, await makeRoom(tx, { accountId, sizeBytes, quotaBytes, nowMs: tx.nowMs }));
  const { count, ...tally } = await tx.lockTally(accountId, 'Upload');
  await tx.insertUpload(accountId, message, mediaType);
  await tx.putTally(accountId, 'Upload', { ...tally, count: count + 1, sizeBytes: tally.sizeBytes + sizeBytes });
  return { hash, mediaType, sizeBytes, createdAt: tx.nowMs, usedAt: tx.nowMs };
}

export interface Room {
  readonly accountId: AccountId;
  /** Of the one that comes. */
  readonly sizeBytes: number;
  readonly quotaBytes: number;
  readonly nowMs: number;
}

/** The uploads that have to go for another: the longest unused, and none of the last hour. `overQuota`. */
export async function makeRoom(
  reader: Pick<JmapReader, 'tally' | 'unusedUploads'>,
  { accountId, sizeBytes, quotaBytes, nowMs }: Room,
): Promise<readonly Upload[]> {
  const tally = await reader.tally(accountId, 'Upload');
  let count = tally.count + 1;
  let bytes = tally.sizeBytes + sizeBytes;
  const isTooMuch = (): boolean => count > JMAP_STORE_LIMITS.uploads || bytes > quotaBytes;
  if (!isTooMuch()) return [];
  const dropped: Upload[] = [];
  for (const upload of await reader.unusedUploads(accountId, nowMs - JMAP_STORE_LIMITS.uploadSafeMs)) {
    dropped.push(upload);
    count--;
    bytes -= upload.sizeBytes;
    if (!isTooMuch()) return dropped;
  }
  throw new MailError('overQuota', 'There are too many uploads of the last hour', { data: { quotaBytes } });
}
