/** Blobs by method calls (RFC 9404; RFC 8620 §6.3). */
import * as v from 'valibot';
import type { SetError } from './core.ts';
import { Id, IdOrNew, UnsignedInt, mapOf } from './values.ts';

/** RFC 9404 §4.1: one piece of a blob that is made: a text, octets, or a range of another blob. */
export const DataSource = v.union(
  [
    v.strictObject({ 'data:asText': v.string() }),
    v.strictObject({ 'data:asBase64': v.pipe(v.string(), v.base64('not base64')) }),
    v.strictObject({
      blobId: IdOrNew,
      offset: v.optional(v.nullable(UnsignedInt), null),
      length: v.optional(v.nullable(UnsignedInt), null),
    }),
  ],
  'is one of data:asText, data:asBase64 and blobId',
);
export type DataSource = v.InferOutput<typeof DataSource>;

export const BlobCreation = v.strictObject({
  data: v.array(DataSource),
  type: v.optional(v.nullable(v.string()), null),
});

/** RFC 9404 §4.1. What is made is checked one by one. */
export const BlobUpload = v.strictObject({ accountId: Id, create: mapOf(Id, mapOf(v.string(), v.unknown())) });

export interface BlobInfo {
  readonly id: Id;
  readonly type: string;
  readonly size: number;
}

export interface BlobUploadResponse {
  readonly accountId: Id;
  readonly created: Readonly<Record<Id, BlobInfo>> | null;
  readonly notCreated: Readonly<Record<Id, SetError>> | null;
}

/** RFC 9404 §4.2. */
export const BlobGet = v.strictObject({
  accountId: Id,
  ids: v.array(Id),
  properties: v.optional(v.nullable(v.array(v.string())), null),
  offset: v.optional(v.nullable(UnsignedInt), null),
  length: v.optional(v.nullable(UnsignedInt), null),
});

/** With `digest:…` beside these. */
export interface BlobData {
  readonly id: Id;
  /** Of the whole blob; what is beside it is of the range asked for. */
  readonly size?: number;
  readonly 'data:asText'?: string | null;
  readonly 'data:asBase64'?: string;
  /** The range is no UTF-8. */
  readonly isEncodingProblem?: boolean;
  /** The range goes beyond the end. */
  readonly isTruncated?: boolean;
}

export interface BlobGetResponse {
  readonly accountId: Id;
  readonly list: readonly BlobData[];
  readonly notFound: readonly Id[];
}

/** RFC 9404 §4.3. */
export const BlobLookup = v.strictObject({ accountId: Id, typeNames: v.array(v.string()), ids: v.array(Id) });

export interface BlobLookupResponse {
  readonly accountId: Id;
  readonly list: readonly { readonly id: Id; readonly matchedIds: Readonly<Record<string, readonly Id[]>> }[];
  readonly notFound: readonly Id[];
}

/** RFC 8620 §6.3. */
export const BlobCopy = v.strictObject({ fromAccountId: Id, accountId: Id, blobIds: v.array(Id) });
