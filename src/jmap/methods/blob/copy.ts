/** Blob/copy (RFC 8620 §6.3): within the one account that there is, where a blob's copy is the blob. */
import { BlobCopy } from '#contract/jmap/blob.ts';
import { CAPABILITIES, type SetError } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { toObject } from '#jmap/core/set.ts';

export const blobCopy = defineMethod({
  name: 'Blob/copy',
  capability: CAPABILITIES.core,
  arguments: BlobCopy,
  async run({ account, services, pause }, { accountId, fromAccountId, blobIds }) {
    if (fromAccountId !== accountId) throw new MethodError('fromAccountNotFound');
    const copied = new Map<Id, Id>();
    const notCopied = new Map<Id, SetError>();
    for (const blobId of chooseIds(blobIds)) {
      if ((await readBlob(account, services.uploads, blobId)) === undefined)
        notCopied.set(blobId, { type: 'notFound' });
      else copied.set(blobId, blobId);
      await pause();
    }
    return { fromAccountId, accountId, copied: toObject(copied), notCopied: toObject(notCopied) };
  },
});
