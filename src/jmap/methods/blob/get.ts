/** Blob/get (RFC 9404 §4.2): a blob's octets, or a range of them, in the answer itself. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { BlobGet, type BlobData, type BlobGetResponse } from '#contract/jmap/blob.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { DIGEST_ALGORITHMS } from '#jmap/core/session.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';

const PROPERTIES: ReadonlySet<string> = new Set([
  'data',
  'data:asText',
  'data:asBase64',
  'size',
  ...Object.keys(DIGEST_ALGORITHMS).map((name) => `digest:${name}`),
]);

export const blobGet = defineMethod({
  name: 'Blob/get',
  capability: CAPABILITIES.blob,
  arguments: BlobGet,
  async run({ account, services, pause }, args): Promise<BlobGetResponse> {
    const properties = new Set(args.properties ?? ['data', 'size']);
    properties.delete('id');
    const unknown = [...properties].find((name) => !PROPERTIES.has(name));
    if (unknown !== undefined) throw new MethodError('invalidArguments', `/properties: there is no ${unknown}`);
    const start = args.offset ?? 0;
    const list: BlobData[] = [];
    const notFound: Id[] = [];
    let told = 0;
    for (const id of chooseIds(args.ids)) {
      const octets = await readBlob(account, services.uploads, id);
      if (octets === undefined) {
        notFound.push(id);
        continue;
      }
      const end = args.length === null ? Math.max(start, octets.length) : start + args.length;
      const range = octets.subarray(start, end);
      told += range.length;
      if (told > JMAP_LIMITS.blobBytesInGet)
        throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.blobBytesInGet} octets`);
      list.push({ id, ...describe(range, octets.length, properties), ...(end > octets.length ? TRUNCATED : {}) });
      await pause();
    }
    return { accountId: args.accountId, list, notFound };
  },
});

const TRUNCATED = { isTruncated: true } as const;

function describe(range: Uint8Array, size: number, properties: ReadonlySet<string>): Omit<BlobData, 'id'> {
  const octets = Buffer.from(range.buffer, range.byteOffset, range.length);
  const asksText = properties.has('data:asText');
  const asksEither = properties.has('data');
  const isText = (asksText || asksEither) && isUtf8(octets);
  const digests = Object.entries(DIGEST_ALGORITHMS).flatMap(([name, algorithm]) =>
    properties.has(`digest:${name}`)
      ? [[`digest:${name}`, createHash(algorithm).update(octets).digest('base64')] as const]
      : [],
  );
  return {
    ...(properties.has('size') ? { size } : {}),
    ...(isText ? { 'data:asText': octets.toString('utf8') } : asksText ? { 'data:asText': null } : {}),
    ...(properties.has('data:asBase64') || (asksEither && !isText)
      ? { 'data:asBase64': octets.toString('base64') }
      : {}),
    ...((asksText || asksEither) && !isText ? { isEncodingProblem: true } : {}),
    ...Object.fromEntries(digests),
  };
}
