/** Blob/upload (RFC 9404 §4.1): a blob made of texts, octets and ranges of other blobs. */
import {
  BlobCreation,
  BlobUpload,
  type BlobInfo,
  type BlobUploadResponse,
  type DataSource,
} from '#contract/jmap/blob.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { isObject, type Id } from '#contract/jmap/values.ts';
import { formatBlobId } from '#jmap/core/blob-ids.ts';
import { MethodError, ObjectError } from '#jmap/core/errors.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { checkObject, creationOrder, resolveId, SetOutcome, toObject } from '#jmap/core/set.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { safeMediaType } from '#jmap/media-type.ts';

export const blobUpload = defineMethod({
  name: 'Blob/upload',
  capability: CAPABILITIES.blob,
  arguments: BlobUpload,
  async run(context, { accountId, create }): Promise<BlobUploadResponse> {
    if (Object.keys(create).length > JMAP_LIMITS.objectsInSet)
      throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.objectsInSet} objects`);
    const outcome = new SetOutcome<BlobInfo>();
    for (const [creationId, properties] of creationOrder(create, sourcesOf)) {
      await outcome.attempt(outcome.notCreated, creationId, async () => {
        const created = await createBlob(context, properties);
        outcome.created.set(creationId, created);
        context.createdIds.set(creationId, created.id);
      });
      await context.pause();
    }
    return { accountId, created: toObject(outcome.created), notCreated: toObject(outcome.notCreated) };
  },
});

/** What a blob's pieces are taken from. */
function sourcesOf({ data }: Patch): readonly unknown[] {
  return Array.isArray(data) ? data.map((one: unknown) => (isObject(one) ? one['blobId'] : undefined)) : [];
}

async function createBlob(context: MethodContext, properties: Patch): Promise<BlobInfo> {
  const { accountId, services } = context;
  const { data, type } = checkObject(BlobCreation, properties);
  if (data.length > JMAP_LIMITS.dataSources)
    throw new ObjectError('invalidProperties', `more than ${JMAP_LIMITS.dataSources} pieces`, { properties: ['data'] });
  const { maxUploadBytes } = services;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (const source of data) {
    const piece = await readSource(context, source);
    size += piece.length;
    if (size > maxUploadBytes) throw new ObjectError('tooLarge', undefined, { maxSize: maxUploadBytes });
    pieces.push(piece);
  }
  const mediaType = safeMediaType(type ?? undefined);
  const hash = await services.uploads.put(accountId, Buffer.concat(pieces), mediaType);
  return { id: formatBlobId(accountId, { source: { kind: 'upload', hash }, parts: [] }), type: mediaType, size };
}

async function readSource(context: MethodContext, source: DataSource): Promise<Uint8Array> {
  if ('data:asText' in source) return Buffer.from(source['data:asText']);
  if ('data:asBase64' in source) return Buffer.from(source['data:asBase64'], 'base64');
  const { offset, length } = source;
  const blobId: Id = resolveId(context, source.blobId);
  const octets = await readBlob(context.account, context.services.uploads, blobId);
  if (octets === undefined) throw new ObjectError('blobNotFound', undefined, { notFound: [source.blobId] });
  const start = offset ?? 0;
  const end = length === null ? octets.length : start + length;
  if (start > octets.length || end > octets.length)
    throw new ObjectError('invalidProperties', `${source.blobId} has ${octets.length} octets`, {
      properties: ['data'],
    });
  // Copied, where it is a part: a small piece must not hold all of a large blob.
  return end - start === octets.length ? octets : Buffer.from(octets.subarray(start, end));
}
