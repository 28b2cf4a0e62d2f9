/**
 * Blob ids (RFC 8620 §6): `B` and an Email for its message, `U` and a hash for what was uploaded; followed by the numbers of
 * parts, each inside what stands before: `B1-7-2` is the content of part 2, `B1-7-2-1` part 1 of the message in it. They hold
 * as long as the Email, or the upload, is there.
 */
import type { AccountId, EmailId } from '#base/ids.ts';
import type { Id } from '#contract/jmap/values.ts';

export interface BlobName {
  readonly source:
    | { readonly kind: 'message'; readonly emailId: EmailId }
    /** SHA-256, lower-case hexadecimal. */
    | { readonly kind: 'upload'; readonly hash: string };
  /** Part numbers as IMAP counts, outermost first. */
  readonly parts: readonly string[];
}

/** Messages inside messages inside … : nobody opens more by hand. */
const MAX_PARTS = 8;

export function formatBlobId(accountId: AccountId, { source, parts }: BlobName): Id {
  const root = source.kind === 'message' ? `B${accountId}-${source.emailId}` : `U${accountId}-${source.hash}`;
  return [root, ...parts.map((number) => number.replaceAll('.', '_'))].join('-');
}

/** The whole message of an Email. */
export function messageBlobId(accountId: AccountId, emailId: EmailId): Id {
  return formatBlobId(accountId, { source: { kind: 'message', emailId }, parts: [] });
}

/** The content of a part of what `name` names. */
export function innerBlobId(accountId: AccountId, { source, parts }: BlobName, number: string): Id {
  return formatBlobId(accountId, { source, parts: [...parts, number] });
}

/** Undefined for anything that is no blob id of this account. */
export function parseBlobId(accountId: AccountId, id: Id): BlobName | undefined {
  const [root = '', key = '', ...numbers] = id.split('-');
  if (root.slice(1) !== String(accountId) || numbers.length > MAX_PARTS) return undefined;
  if (!numbers.every((number) => /^\d{1,4}(?:_\d{1,4}){0,100}$/.test(number))) return undefined;
  const parts = numbers.map((number) => number.replaceAll('_', '.'));
  if (root.startsWith('B') && /^[1-9]\d{0,15}$/.test(key))
    return { source: { kind: 'message', emailId: Number(key) as EmailId }, parts };
  return root.startsWith('U') && /^[0-9a-f]{64}$/.test(key)
    ? { source: { kind: 'upload', hash: key }, parts }
    : undefined;
}
