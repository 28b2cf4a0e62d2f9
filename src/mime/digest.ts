/** Everything that is computed of a message once, when it comes in. One call for each incoming message: keep it cheap. */
import { baseSubject } from './base-subject.ts';
import type { CharsetHints } from './charset.ts';
import { parseZonedDate } from './date.ts';
import { decodeHeaderText } from './encoded-word.ts';
import type { HeaderFields } from './header.ts';
import { formatImapEnvelope, readAddressFields, type AddressFields } from './imap-envelope.ts';
import { LIMITS } from './limits.ts';
import { parseMessage } from './message.ts';
import { truncateText } from './octets.ts';
import { makePreview } from './preview.ts';
import type { MailAddress, MessageDigest, MessageSummary, MimePart } from './structure.ts';

/** `locale`: BCP 47, of the people who read the mail; decides where charsets are ambiguous. `zh-CN` when absent. */
export interface DigestOptions {
  readonly locale?: string;
}

/** Never throws. Pure: the same octets give the same digest. */
export function digestMessage(octets: Uint8Array, options: DigestOptions = {}): MessageDigest {
  const { root, headers, charset } = parseMessage(octets, options.locale);
  const hints: CharsetHints = { sibling: charset ?? guessSibling(headers), locale: options.locale };
  const fields = readAddressFields(headers, hints);
  const subject = readSubject(headers, hints);
  return {
    sizeBytes: octets.length,
    structure: root,
    imapEnvelope: formatImapEnvelope(headers, fields, hints),
    summary: summarise(headers, fields, subject, root),
    preview: makePreview(octets, root, hints),
    baseSubject: baseSubject(subject),
  };
}

/** Foxmail and the system mailers of its time write GBK and often do not say so. */
function guessSibling(headers: HeaderFields): string | undefined {
  const mailer = headers.first('x-mailer');
  return mailer !== undefined && /foxmail|dreammail/i.test(mailer.slice(0, 200)) ? 'gb18030' : undefined;
}

function readSubject(headers: HeaderFields, hints: CharsetHints): string {
  const raw = headers.first('subject');
  if (raw === undefined) return '';
  // Base64 takes eight characters for three of Chinese text at most.
  return truncateText(decodeHeaderText(raw.slice(0, 8 * LIMITS.subjectChars), hints), LIMITS.subjectChars).trim();
}

function summarise(headers: HeaderFields, fields: AddressFields, subject: string, root: MimePart): MessageSummary {
  const none: readonly MailAddress[] = [];
  const date = headers.first('date');
  const sentAt = date === undefined ? undefined : parseZonedDate(date);
  return {
    subject,
    from: fields.from?.addresses ?? none,
    sender: fields.sender?.addresses ?? none,
    replyTo: fields.replyTo?.addresses ?? none,
    to: fields.to?.addresses ?? none,
    cc: fields.cc?.addresses ?? none,
    bcc: fields.bcc?.addresses ?? none,
    ...(sentAt === undefined ? {} : { sentAtMs: sentAt.ms }),
    ...(sentAt === undefined || sentAt.offsetMinutes === 0 ? {} : { sentAtOffsetMinutes: sentAt.offsetMinutes }),
    messageId: parseMessageIds(headers.first('message-id') ?? '').slice(0, 1),
    inReplyTo: parseMessageIds(headers.first('in-reply-to') ?? ''),
    references: parseMessageIds(headers.first('references') ?? ''),
    hasAttachment: hasAttachment(root),
  };
}

/**
 * The message ids of a Message-ID, In-Reply-To or References value (RFC 5322 §3.6.4) without angle brackets. A value
 * without brackets is taken at its words that have an `@`. Of very many the last are kept: the nearest ancestors.
 */
export function parseMessageIds(value: string): string[] {
  const ids: string[] = [];
  let open = value.indexOf('<');
  while (open !== -1) {
    const close = value.indexOf('>', open);
    if (close === -1) break;
    const inner = value.slice(value.lastIndexOf('<', close) + 1, close);
    const id = cleanId(inner);
    if (id !== '') ids.push(id);
    open = value.indexOf('<', close);
  }
  if (ids.length === 0) {
    for (const word of value.slice(0, LIMITS.messageIdChars * 8).split(/[\s,<>]+/)) {
      if (word.includes('@')) ids.push(cleanId(word));
    }
  }
  return ids.length > LIMITS.messageIds ? ids.slice(-LIMITS.messageIds) : ids;
}

function cleanId(text: string): string {
  const id = /[^!-~]/.test(text) ? text.replace(/[^!-~]+/g, '') : text;
  return id.length > LIMITS.messageIdChars ? id.slice(0, LIMITS.messageIdChars) : id;
}

/** Signatures and reports: parts that no person attached. */
const MACHINE_TYPES = new Set([
  'application/pgp-signature',
  'application/pkcs7-signature',
  'application/x-pkcs7-signature',
  'application/pgp-encrypted',
  'message/delivery-status',
  'message/global-delivery-status',
  'message/disposition-notification',
  'message/feedback-report',
  'text/rfc822-headers',
]);

/** Whether a part exists that a person would call an attachment (RFC 8621 §4.1.4). */
export function hasAttachment(part: MimePart, parent?: MimePart): boolean {
  if (part.type === 'multipart') return (part.parts ?? []).some((child) => hasAttachment(child, part));
  const type = `${part.type}/${part.subtype}`;
  if (MACHINE_TYPES.has(type)) return false;
  // What a bounce returns is no attachment.
  if (parent?.subtype === 'report') return false;
  if (part.disposition === 'attachment') return true;
  if (part.type === 'text') {
    return (
      part.fileName !== undefined &&
      part.disposition !== 'inline' &&
      parent !== undefined &&
      parent.subtype !== 'alternative'
    );
  }
  // Pictures that the HTML shows in their place.
  if (parent?.subtype === 'related' && (part.id !== undefined || part.location !== undefined)) return false;
  if (parent?.subtype === 'alternative') return part.fileName !== undefined;
  return !(part.disposition === 'inline' && part.type === 'image' && part.id !== undefined);
}
