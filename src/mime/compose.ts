/** Writes messages: folded header fields and small MIME trees, for mail of the system itself. Not a mail client's composer. */
import { createHash } from 'node:crypto';
import { formatAddress } from './address.ts';
import { formatDate } from './date.ts';
import { cleanText, encodeHeaderText } from './encoded-word.ts';
import { formatFileNameParameters } from './file-name.ts';
import type { MailAddress } from './structure.ts';

export interface Attachment {
  readonly fileName: string;
  /** `application/pdf`; `application/octet-stream` when absent. */
  readonly type?: string;
  readonly content: Uint8Array;
  /** Without angle brackets: an inline picture that the HTML names as `cid:`. */
  readonly contentId?: string;
}

export interface MessageDraft {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc?: readonly MailAddress[];
  readonly replyTo?: readonly MailAddress[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
  readonly dateMs: number;
  /** Minutes east of UTC; +0800 when absent. */
  readonly offsetMinutes?: number;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** Further fields, in order, unencoded: `['Auto-Submitted', 'auto-generated']`. */
  readonly headers?: readonly (readonly [string, string])[];
}

/** RFC 5322 §2.1.1. */
const LINE_CHARS = 78;
const LINE_CHARS_MAX = 998;
const BASE64_LINE = 76;

/**
 * `Name: value` CRLF, folded at blanks to 78 columns where blanks allow. What is not ASCII becomes encoded words; line ends
 * in `value` become blanks, so that no value can begin another field.
 */
export function formatHeaderField(name: string, value: string): string {
  return `${fold(`${name}: ${encodeHeaderText(value).replace(/ {2,}/g, ' ').trim()}`)}\r\n`;
}

function fold(line: string): string {
  if (line.length <= LINE_CHARS) return line;
  let out = '';
  let rest = line;
  // The first line may not end right after the colon.
  let earliest = line.indexOf(': ') + 2;
  while (rest.length > LINE_CHARS) {
    let blank = rest.lastIndexOf(' ', LINE_CHARS);
    if (blank < earliest) blank = rest.indexOf(' ', Math.max(earliest, LINE_CHARS));
    if (blank === -1) break;
    if (rest.slice(blank).trim() === '') break;
    out += `${rest.slice(0, blank)}\r\n`;
    // The line begins with the blank, and must have more than it.
    rest = rest.slice(blank);
    earliest = 1;
  }
  // RFC 5322 §2.1.1 has no mercy beyond 998: a token so long is cut.
  for (; rest.length > LINE_CHARS_MAX; rest = ` ${rest.slice(LINE_CHARS_MAX)}`)
    out += `${rest.slice(0, LINE_CHARS_MAX)}\r\n`;
  return out + rest;
}

/** An address field, folded between addresses. */
export function formatAddressField(name: string, addresses: readonly MailAddress[]): string {
  return `${fold(`${name}: ${addresses.map(formatAddress).join(', ')}`)}\r\n`;
}

/** The octets of a message, CRLF line ends, ASCII throughout. Pure: equal drafts give equal octets. */
export function composeMessage(draft: MessageDraft): Buffer {
  let header = formatHeaderField('Date', formatDate(draft.dateMs, draft.offsetMinutes ?? 480));
  header += formatAddressField('From', [draft.from]);
  if (draft.replyTo !== undefined && draft.replyTo.length > 0) header += formatAddressField('Reply-To', draft.replyTo);
  header += draft.to.length > 0 ? formatAddressField('To', draft.to) : 'To: undisclosed-recipients:;\r\n';
  if (draft.cc !== undefined && draft.cc.length > 0) header += formatAddressField('Cc', draft.cc);
  header += formatHeaderField('Subject', draft.subject);
  header += formatHeaderField('Message-ID', `<${draft.messageId}>`);
  if (draft.inReplyTo !== undefined) header += formatHeaderField('In-Reply-To', `<${draft.inReplyTo}>`);
  if (draft.references !== undefined && draft.references.length > 0) {
    header += formatHeaderField('References', draft.references.map((id) => `<${id}>`).join(' '));
  }
  for (const [name, value] of draft.headers ?? []) header += formatHeaderField(name, value);
  header += 'MIME-Version: 1.0\r\n';

  const nextBoundary = boundaries(draft);
  const inline = draft.html === undefined ? [] : (draft.attachments ?? []).filter((one) => one.contentId !== undefined);
  const attached = (draft.attachments ?? []).filter((one) => !inline.includes(one));
  let body = textPart('plain', draft.text);
  if (draft.html !== undefined) {
    let html = textPart('html', draft.html);
    if (inline.length > 0)
      html = multipart('related', nextBoundary(), [html, ...inline.map((one) => filePart(one, 'inline'))]);
    body = multipart('alternative', nextBoundary(), [body, html]);
  }
  if (attached.length > 0) {
    body = multipart('mixed', nextBoundary(), [body, ...attached.map((one) => filePart(one, 'attachment'))]);
  }
  return Buffer.from(header + body, 'latin1');
}

/** Boundaries that follow from the content: `=_` cannot be in base64, and no text holds its own hash. */
function boundaries(draft: MessageDraft): () => string {
  const hash = createHash('sha256').update(JSON.stringify([draft.messageId, draft.text, draft.html ?? '']));
  const seed = hash.digest('base64url').slice(0, 24);
  let count = 0;
  return () => `=_${seed}_${++count}`;
}

/** A part: its header fields, the empty line, its body. */
function multipart(subtype: string, boundary: string, parts: readonly string[]): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
}

function textPart(subtype: 'plain' | 'html', text: string): string {
  const lines = text.toWellFormed().replace(/\r\n?|\n/g, '\r\n');
  const body = lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
  // A line that begins with `--` or `From ` would be safe encoded only; plain ASCII is kept readable otherwise.
  const isPlain = /^[\t\r\n\x20-\x7e]*$/.test(body) && !/[^\r\n]{999}/.test(body) && !/^(?:From |--=_)/m.test(body);
  const encoding = isPlain ? '7bit' : 'base64';
  const charset = isPlain ? 'us-ascii' : 'utf-8';
  return (
    `Content-Type: text/${subtype}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n` +
    (isPlain ? body : encodeBase64Lines(Buffer.from(body)))
  );
}

function filePart(attachment: Attachment, disposition: 'attachment' | 'inline'): string {
  const names = formatFileNameParameters(attachment.fileName);
  const type = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(attachment.type ?? '')
    ? attachment.type
    : 'application/octet-stream';
  const id =
    attachment.contentId === undefined ? '' : formatHeaderField('Content-ID', `<${cleanText(attachment.contentId)}>`);
  return (
    `Content-Type: ${type};\r\n ${names.contentType}\r\n` +
    `Content-Disposition: ${disposition};\r\n ${names.contentDisposition}\r\n` +
    `${id}Content-Transfer-Encoding: base64\r\n\r\n${encodeBase64Lines(attachment.content)}`
  );
}

/** RFC 2045 §6.8: lines of 76 characters, each ended by CRLF. */
export function encodeBase64Lines(content: Uint8Array): string {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  let out = '';
  for (let i = 0; i < text.length; i += BASE64_LINE) out += `${text.slice(i, i + BASE64_LINE)}\r\n`;
  return out;
}
