/** Reading blobs (RFC 8620 §6.2): messages, their parts, and what was uploaded. */
import { isMailError } from '#base/errors.ts';
import type { Id } from '#contract/jmap/values.ts';
import { findPart } from '#jmap/methods/email/body-parts.ts';
import type { MailAccount } from '#mail/account.ts';
import { decodePart } from '#mime/body-text.ts';
import { parseMessage } from '#mime/message.ts';
import type { Uploads } from '#jmap/uploads.ts';
import { parseBlobId, type BlobName } from './blob-ids.ts';

/** All of a blob's octets; undefined when there is no such blob of the account (any more). */
export async function readBlob(
  account: MailAccount,
  uploads: Pick<Uploads, 'read'>,
  blobId: Id,
): Promise<Uint8Array | undefined> {
  const name = parseBlobId(account.accountId, blobId);
  if (name === undefined) return undefined;
  try {
    const { source, parts } = name;
    const [outermost, ...inner] = parts;
    let octets: Uint8Array | undefined;
    if (source.kind === 'upload') octets = await uploads.read(account.accountId, source.hash);
    else if (outermost === undefined) octets = await account.readMessage(source.emailId);
    else return readInner(await readEmailPart(account, source.emailId, outermost), inner);
    return readInner(octets, parts);
  } catch (error) {
    if (isMailError(error, 'notFound')) return undefined;
    throw error;
  }
}

/** Only that part's octets are read. */
async function readEmailPart(
  account: MailAccount,
  emailId: Extract<BlobName['source'], { kind: 'message' }>['emailId'],
  number: string,
): Promise<Uint8Array | undefined> {
  const structure = await account.structure(emailId);
  const part = structure && findPart(structure, number);
  if (part === undefined) return undefined;
  const octets = await account.readMessage(emailId, part.bodyStart, part.bodyEnd);
  return decodePart(octets, { ...part, bodyStart: 0, bodyEnd: octets.length });
}

/** Parts of messages in parts. */
function readInner(octets: Uint8Array | undefined, parts: readonly string[]): Uint8Array | undefined {
  let found = octets;
  for (const number of parts) {
    const part = found && findPart(parseMessage(found).root, number);
    found = part && found && decodePart(found, part);
  }
  return found;
}
