/** The rows of a stored message: where its octets lie, its list data, its structure. */
import type { BlobKey } from '#base/ids.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { BlobLocation } from '#store/files/segments.ts';
import type { SqlSession } from './session.ts';

/** The JSON columns of a message, when the thread that prepared it already made them. */
export interface MessageJson {
  readonly structure: string;
  readonly summary: string;
}

const INSERT_BLOB = `INSERT INTO blob (hash, segment, segment_offset, stored_bytes, size_bytes, refs)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING RETURNING blob_key`;
const INSERT_MESSAGE = `INSERT INTO message (blob_key, imap_envelope, summary, preview) VALUES (?, ?, ?, ?)`;
const INSERT_STRUCTURE = `INSERT INTO message_structure (blob_key, structure) VALUES (?, ?)`;

export async function findBlob(session: SqlSession, hash: string): Promise<BlobKey | undefined> {
  const row = await session.get<[number]>('SELECT blob_key FROM blob WHERE hash = ?', [hashOctets(hash)]);
  return row?.[0] as BlobKey | undefined;
}

/** `references`: how many the blob begins with. `undefined` when another transaction stored the same blob first. */
export async function insertMessageRows(
  session: SqlSession,
  message: PreparedMessage,
  location: BlobLocation,
  references: number,
  json: MessageJson | undefined,
): Promise<BlobKey | undefined> {
  const { blob, digest } = message;
  const row = await session.get<[number]>(INSERT_BLOB, [
    hashOctets(blob.hash),
    location.segment,
    location.offset,
    location.storedBytes,
    blob.sizeBytes,
    references,
  ]);
  if (row === undefined) return undefined;
  const blobKey = row[0] as BlobKey;
  const summary = json?.summary ?? JSON.stringify(digest.summary);
  await session.run(INSERT_MESSAGE, [blobKey, digest.imapEnvelope, toText(summary), toText(digest.preview)]);
  await session.run(INSERT_STRUCTURE, [blobKey, toText(json?.structure ?? JSON.stringify(digest.structure))]);
  return blobKey;
}

export function hashOctets(hash: string): Buffer {
  return Buffer.from(hash, 'hex');
}

/** U+0000 cannot be stored as text by one of the databases, and a lone surrogate by neither: both become U+FFFD. */
export function toText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}
