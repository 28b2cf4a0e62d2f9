/** Blob/copy (RFC 8620 §6.3), between accounts of whoever asks: who has one account has nowhere to copy from. */
import { BlobCopy } from '#contract/jmap/blob.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { refuseCopy } from '#jmap/core/refuse-copy.ts';

export const blobCopy = defineMethod({
  name: 'Blob/copy',
  capability: CAPABILITIES.core,
  arguments: BlobCopy,
  run: async (_, args) => refuseCopy(args),
});
