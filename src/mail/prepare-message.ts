/** Everything about a message that needs only its octets, done on the thread that received it. */
import { hash } from 'node:crypto';
import { digestMessage } from '#mime/digest.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { MessageSummary } from '#mime/structure.ts';
import type { PreparedBlob, PreparedMessage } from './types.ts';

/** Never fails on content: any octets are a message. */
export function prepareMessage(octets: Uint8Array, prepareBlob: (octets: Uint8Array) => PreparedBlob): PreparedMessage {
  const digest = digestMessage(octets);
  return {
    blob: prepareBlob(octets),
    digest,
    threadKeys: { references: threadReferences(digest.summary), subjectHash: shortHash(digest.baseSubject) },
  };
}

function threadReferences({ messageId, inReplyTo, references }: MessageSummary): string[] {
  const ids = new Set([...messageId, ...inReplyTo, ...references.toReversed()]);
  return [...ids].slice(0, MAIL_LIMITS.threadReferences).map(shortHash);
}

/** 66 bits: short enough for a narrow index, and a clash would also have to agree in the subject. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 11);
}
