/** Makes a client's message fit to travel (RFC 6409 §8): what only the sender should see goes, what is missing comes. */
import { formatDate } from '#mime/date.ts';
import { formatHeaderField } from '#mime/compose.ts';
import { parseHeader } from '#mime/header.ts';

/** RFC 5322 §3.6.3: Bcc is not shown to others; RFC 5321 §4.4: Return-Path is for the final server. */
const REMOVED: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'return-path']);

export interface CompletionFacts {
  readonly dateMs: number;
  /** Without angle brackets, for a message that has none. */
  readonly messageId: string;
  /** For one without From. */
  readonly from: string;
  /** Who writes where From does not say so: stands in Sender, in place of what stood there. */
  readonly sender?: string;
  /** For one that does not say where answers are to go. */
  readonly replyTo?: string | undefined;
}

/**
 * The octets, the same ones when nothing was to be done. Bare text gets a header. `isForAuthor`: nothing goes, for the
 * author may see whom a message was sent to.
 */
export function completeHeader(octets: Buffer, facts: CompletionFacts, isForAuthor = false): Buffer {
  const header = parseHeader(octets);
  const kept: Buffer[] = [];
  let at = 0;
  for (const field of header.fields) {
    const goes =
      field.lowerName === 'sender' ? facts.sender !== undefined : !isForAuthor && REMOVED.has(field.lowerName);
    if (!goes) continue;
    kept.push(octets.subarray(at, field.start));
    at = field.end;
  }
  let added = '';
  if (header.firstField('date') === undefined) added += formatHeaderField('Date', formatDate(facts.dateMs, 480));
  if (header.firstField('from') === undefined) added += formatHeaderField('From', facts.from);
  if (facts.sender !== undefined) added += formatHeaderField('Sender', facts.sender);
  if (facts.replyTo !== undefined && header.firstField('reply-to') === undefined)
    added += formatHeaderField('Reply-To', facts.replyTo);
  if (header.firstField('message-id') === undefined) added += `Message-ID: <${facts.messageId}>\r\n`;
  if (added === '' && at === 0) return octets;
  // Text without any field begins with its body, unless it begins with the empty line that ends a header.
  if (header.fields.length === 0 && octets[0] !== 0x0d && octets[0] !== 0x0a) added += '\r\n';
  return Buffer.concat([Buffer.from(added), ...kept, octets.subarray(at)]);
}
