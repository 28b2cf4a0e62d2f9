/** Blob/lookup (RFC 9404 §4.3): where a blob is. One of a message, or of its part, is named by its Email. */
import { BlobLookup, type BlobLookupResponse } from '#contract/jmap/blob.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { parseBlobId } from '#jmap/core/blob-ids.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { formatEmailId, formatMailboxId, formatThreadId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { BLOB_TYPES } from '#jmap/core/session.ts';

export const blobLookup = defineMethod({
  name: 'Blob/lookup',
  capability: CAPABILITIES.blob,
  arguments: BlobLookup,
  async run(context, { accountId, typeNames, ids }): Promise<BlobLookupResponse> {
    const unknown = typeNames.find((name) => !(BLOB_TYPES as readonly string[]).includes(name));
    if (unknown !== undefined) throw new MethodError('unknownDataType', `no blob is looked up in ${unknown}`);
    const list: BlobLookupResponse['list'][number][] = [];
    const notFound: Id[] = [];
    for (const id of chooseIds(ids)) {
      const found = await findUses(context, id);
      if (found === undefined) notFound.push(id);
      else list.push({ id, matchedIds: Object.fromEntries(typeNames.map((name) => [name, found[name] ?? []])) });
      await context.pause();
    }
    return { accountId, list, notFound };
  },
});

/** Ids by type; undefined when there is no such blob. */
async function findUses(
  { account, accountId, services }: MethodContext,
  blobId: Id,
): Promise<Readonly<Record<string, readonly Id[]>> | undefined> {
  const name = parseBlobId(accountId, blobId);
  if (name === undefined || (await readBlob(account, services.uploads, blobId)) === undefined) return undefined;
  if (name.source.kind === 'upload') return {};
  const [email] = await account.emails([name.source.emailId]);
  if (email === undefined) return undefined;
  return {
    Email: [formatEmailId(accountId, email.emailId)],
    Thread: [formatThreadId(accountId, email.threadId)],
    Mailbox: email.placements.map(({ mailboxId }) => formatMailboxId(accountId, mailboxId)),
  };
}
