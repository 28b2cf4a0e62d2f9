/**
 * Writes the report on what became of a message (RFC 3464), for people and for programs. Pure: equal reports give equal
 * octets. Whether one is due, and that none answers a null path, is decided by who calls.
 */
import { isAscii as isAsciiOctets, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

import { encodeBase64Lines, formatHeaderField } from '#mime/compose.ts';
import { formatDate } from '#mime/date.ts';
import { cleanText, decodeHeaderText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import type { HeaderFields } from '#mime/header.ts';
import { nextLine, truncateText } from '#mime/octets.ts';
import { formatAddress, isAscii, splitAddress } from '#smtp/address.ts';
import { encodeOrcpt } from '#smtp/dsn-parameters.ts';
import { formatDateTime } from '#smtp/trace.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { RefusalExplanation } from './explain-refusal.ts';
import { QUEUE_LIMITS } from './limits.ts';
import type { DeliveryFailure, QueuedMessage, QueuedRecipient } from './types.ts';

/** What a report needs of its message, queued or not. */
export type ReportedMessage = Pick<
  QueuedMessage,
  'queueId' | 'createdAt' | 'reversePath' | 'requireTls' | 'ret' | 'envid' | 'forwardedBy'
>;

/** One delivery of a message: what became of its recipients, all of them alike. */
export interface DsnReport {
  readonly kind: 'failed' | 'delayed' | 'relayed' | 'delivered' | 'expanded';
  readonly message: ReportedMessage;
  /** The octets of the message. */
  readonly original: Buffer;
  readonly destination: string;
  readonly recipients: readonly DsnRecipient[];
  /** Of a delay: how long it is tried. */
  readonly willRetryUntil?: number;
  readonly nowMs: number;
}

interface DsnRecipient {
  readonly recipient: QueuedRecipient;
  readonly failure: DeliveryFailure | null;
}

/**
 * The report to the sender, CRLF line ends. Its header is ASCII unless the sender's address is not (then it needs
 * SMTPUTF8); it has 8-bit octets else only where a message is returned whole. The Message-ID follows from queue id,
 * destination, recipients and kind: a report made twice is recognised as the same.
 */
export function composeDsn(report: DsnReport, { hostname }: { readonly hostname: string }): Buffer {
  const { kind, message, recipients } = report;
  const header = parseHeader(report.original);
  const parts = [
    textPart(formatNotice(report, header, hostname)),
    statusPart(report, hostname),
    returnedPart(report, header),
  ];
  const what = JSON.stringify([report.destination, recipients.map(({ recipient }) => recipient.address)]);
  const messageId = `<dsn.${kind}.${message.queueId}.${hashOf([what]).slice(0, 16)}@${hostname}>`;
  // No text holds its own hash, so no part can end the report early.
  const boundary = `=_${hashOf(parts).slice(0, 32)}`;
  const answered = /<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>/.exec(header.first('message-id')?.slice(0, 1000) ?? '')?.[0];

  let head = formatHeaderField('Date', formatDateTime(report.nowMs));
  head += formatHeaderField('From', `Mail Delivery System <mailer-daemon@${hostname}>`);
  head += formatRecipient(message.reversePath);
  head += formatHeaderField('Subject', `${SUBJECTS[kind]} ${subjectOf(header)}`);
  head += formatHeaderField('Message-ID', messageId);
  if (answered !== undefined) head += formatHeaderField('In-Reply-To', answered);
  if (answered !== undefined) head += formatHeaderField('References', answered);
  // RFC 3834 §5.
  head += formatHeaderField('Auto-Submitted', 'auto-replied');
  head += 'MIME-Version: 1.0\r\n';
  // RFC 6522 §3.
  head += `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"\r\n`;
  if (!parts.every((part) => isAsciiOctets(part))) head += 'Content-Transfer-Encoding: 8bit\r\n';
  return Buffer.concat([
    Buffer.from(`${head}\r\n`),
    ...parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), part, Buffer.from('\r\n')]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

function hashOf(pieces: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

function formatRecipient(reversePath: string): string {
  if (reversePath === '') return 'To: undisclosed-recipients:;\r\n';
  const { text, isGlobal } = writeAddress(reversePath);
  // RFC 6532 §3.2: an address has no encoded words.
  return isGlobal ? `To: <${text}>\r\n` : formatHeaderField('To', `<${text}>`);
}

/** More has no address; in UTF-8, which has three octets at most for a UTF-16 unit, a line still holds it. */
const ADDRESS_CHARS = 300;

/** A domain beyond ASCII has A-labels, a local part has nothing else: only that makes an address `isGlobal`. */
function writeAddress(address: string): { readonly text: string; readonly isGlobal: boolean } {
  const bounded = truncateText(address, ADDRESS_CHARS);
  const isGlobal = !isAscii(splitAddress(bounded).localPart);
  return { text: formatAddress(bounded, { utf8: isGlobal }), isGlobal };
}

/** Marks that turn the direction of the text around them: a stranger's subject stays within its line. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SUBJECT_CHARS = 120;

function subjectOf(header: HeaderFields): string {
  const subject = decodeHeaderText(header.first('subject')?.slice(0, 4096) ?? '').replace(DIRECTION_MARKS, '');
  return truncateText(subject.trim(), SUBJECT_CHARS) || '(无主题 / no subject)';
}

// The part for people.

const SUBJECTS: Readonly<Record<DsnReport['kind'], string>> = {
  failed: '邮件未能送达 (Undelivered mail):',
  delayed: '邮件延迟送达 (Delayed mail):',
  relayed: '邮件已转交 (Relayed mail):',
  delivered: '邮件已送达 (Delivered mail):',
  expanded: '邮件已送达群组 (Mail delivered to a list):',
};

interface Wording {
  readonly opening: Readonly<Record<DsnReport['kind'], string>>;
  readonly labels: Readonly<
    Record<
      'subject' | 'sentAt' | 'recipients' | 'meaning' | 'words' | 'details' | 'more' | 'until' | 'id' | 'sender',
      string
    >
  >;
  explain(explanation: RefusalExplanation): string;
}

const CHINESE: Wording = {
  opening: {
    failed: '您的邮件没有送达下列收件人，系统不会再尝试。',
    delayed: '您的邮件还没有送达下列收件人，系统会继续尝试。请不要重复发送；最终仍不能送达时，您会收到通知。',
    relayed: '您的邮件已经交给下列收件人的邮件系统。对方的系统不提供送达通知，因此不会再有进一步的回执。',
    delivered: '您的邮件已经送达下列收件人的邮箱。这不表示收件人已经阅读。',
    expanded: '您的邮件已经送达下列群组地址，并转发给其成员。对每位成员不再另行通知。',
  },
  labels: {
    subject: '主题：',
    sentAt: '提交时间：',
    recipients: '收件人：',
    meaning: '说明：',
    words: '对方的答复：',
    details: '经过：',
    more: '其余收件人数（见附件）：',
    until: '继续尝试至：',
    id: '邮件编号（联系网络中心时请提供）：',
    sender: '本邮件由邮件系统自动发出，请勿回复。系统：',
  },
  explain: ({ zh }) => zh,
};

const ENGLISH: Wording = {
  opening: {
    failed: 'Your message could not be delivered to the recipients below. It will not be tried again.',
    delayed:
      'Your message has not yet reached the recipients below. It is still being tried: please do not send it again. You will be told if it fails in the end.',
    relayed:
      'Your message was handed to the mail system of the recipients below. That system does not report deliveries, so nothing more will be heard.',
    delivered: 'Your message is in the mailboxes of the recipients below. This does not mean that it was read.',
    expanded:
      'Your message was delivered to the list addresses below and sent on to their members. There will be no report for each member.',
  },
  labels: {
    subject: 'Subject: ',
    sentAt: 'Submitted: ',
    recipients: 'Recipients:',
    meaning: 'What it means: ',
    words: 'The other side said: ',
    details: 'What happened: ',
    more: 'Further recipients (see the attachment): ',
    until: 'Tried until: ',
    id: 'Message number (please give it when you ask the network centre): ',
    sender: 'This report was made by the mail system; please do not answer it. System: ',
  },
  explain: ({ en }) => en,
};

function formatNotice(report: DsnReport, header: HeaderFields, hostname: string): string {
  return [CHINESE, ENGLISH].map((wording) => formatWording(report, header, hostname, wording)).join('\n----\n\n');
}

function formatWording(report: DsnReport, header: HeaderFields, hostname: string, wording: Wording): string {
  const { opening, labels } = wording;
  const { kind, message, willRetryUntil } = report;
  const lines = [opening[kind], '', `${labels.subject}${subjectOf(header)}`];
  lines.push(`${labels.sentAt}${formatDate(message.createdAt, LOCAL_OFFSET_MINUTES)}`);
  if (kind === 'delayed' && willRetryUntil !== undefined)
    lines.push(`${labels.until}${formatDate(willRetryUntil, LOCAL_OFFSET_MINUTES)}`);
  lines.push('');
  const shown = report.recipients.slice(0, QUEUE_LIMITS.recipientsShown);
  for (const { explanation, members } of groupByCause(kind, shown)) {
    lines.push(labels.recipients);
    let before = '';
    for (const { recipient, failure } of members) {
      lines.push(`  ${writeAddress(recipient.address).text}`);
      const words = failure === null || explanation === undefined ? '' : formatWords(failure);
      // A server mostly says the same to everybody.
      if (words !== before && words !== '')
        lines.push(`    ${failure?.code === undefined ? labels.details : labels.words}${words}`);
      before = words;
    }
    if (explanation !== undefined) lines.push(`${labels.meaning}${wording.explain(explanation)}`);
    lines.push('');
  }
  const more = report.recipients.length - shown.length;
  if (more > 0) lines.push(`${labels.more}${more}`, '');
  lines.push(`${labels.id}${message.queueId}`, `${labels.sender}${hostname}`, '');
  return lines.join('\n');
}

/** China has one time, and so has the campus. */
const LOCAL_OFFSET_MINUTES = 480;

interface CauseGroup {
  /** Absent where nothing went wrong, or nobody said what. */
  readonly explanation: RefusalExplanation | undefined;
  readonly members: DsnRecipient[];
}

function groupByCause(kind: DsnReport['kind'], recipients: readonly DsnRecipient[]): readonly CauseGroup[] {
  const groups = new Map<string, CauseGroup>();
  for (const one of recipients) {
    const explanation = one.failure === null || !isTrouble(kind) ? undefined : explainRefusal(one.failure);
    const key = explanation?.cause ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { explanation, members: [one] });
    else group.members.push(one);
  }
  return [...groups.values()];
}

function isTrouble(kind: DsnReport['kind']): boolean {
  return kind === 'failed' || kind === 'delayed';
}

/** Characters of a server's words that are passed on. */
const WORDS_CHARS = 1000;

function formatWords(failure: DeliveryFailure): string {
  const code = failure.code === undefined ? '' : `${failure.code} ${failure.enhanced} `;
  const remote = failure.remote === undefined ? '' : ` [${failure.remote}]`;
  return cleanText(`${code}${truncateText(failure.text, WORDS_CHARS)}${remote}`).replace(DIRECTION_MARKS, '');
}

// The part for programs.

/** RFC 3464 §2, and RFC 6533 §4 where a recipient's address is not ASCII. */
function statusPart(report: DsnReport, hostname: string): Buffer {
  const { message, recipients } = report;
  const isGlobal = recipients.some(({ recipient }) => writeAddress(recipient.address).isGlobal);
  let text = message.envid === undefined ? '' : formatHeaderField('Original-Envelope-Id', message.envid);
  text += formatHeaderField('Reporting-MTA', `dns; ${hostname}`);
  text += formatHeaderField('Arrival-Date', formatDateTime(message.createdAt));
  for (const one of recipients) text += `\r\n${formatStatus(report, one, isGlobal)}`;
  const subtype = isGlobal ? 'global-delivery-status' : 'delivery-status';
  return makePart(`message/${subtype}`, 'Delivery report', Buffer.from(text));
}

/** RFC 3464 §2.3. */
function formatStatus(report: DsnReport, { recipient, failure }: DsnRecipient, isGlobal: boolean): string {
  const { kind, message, willRetryUntil } = report;
  const { text: address, isGlobal: isUtf8Address } = writeAddress(recipient.address);
  let text = recipient.orcpt === undefined ? '' : formatOriginalRecipient(recipient.orcpt, isGlobal);
  text += formatTyped('Final-Recipient', isUtf8Address ? 'utf-8' : 'rfc822', address);
  text += formatHeaderField('Action', kind);
  text += formatHeaderField('Status', statusOf(kind, failure));
  if (failure?.remote !== undefined) text += formatHeaderField('Remote-MTA', `dns; ${failure.remote}`);
  if (failure !== null && isTrouble(kind)) {
    const words = truncateText(failure.text, WORDS_CHARS);
    // What no server said is not of type smtp.
    const diagnostic =
      failure.code === undefined ? `x-queue; ${words}` : `smtp; ${failure.code} ${failure.enhanced} ${words}`;
    text += formatHeaderField('Diagnostic-Code', diagnostic);
  }
  if (failure !== null) text += formatHeaderField('Last-Attempt-Date', formatDateTime(failure.at));
  text += formatHeaderField('Final-Log-ID', message.queueId);
  if (kind === 'delayed' && willRetryUntil !== undefined)
    text += formatHeaderField('Will-Retry-Until', formatDateTime(willRetryUntil));
  return text;
}

/** RFC 3461 §6.3: as it came, its xtext decoded. RFC 6533 §3: its characters are escaped where the part is ASCII. */
function formatOriginalRecipient(orcpt: string, isGlobal: boolean): string {
  const isUtf8Type = orcpt.startsWith('utf-8;');
  const written = isUtf8Type && !isGlobal ? encodeOrcpt(orcpt, { utf8: false }) : orcpt;
  const semicolon = written.indexOf(';');
  return formatTyped(
    'Original-Recipient',
    written.slice(0, Math.max(semicolon, 0)) || 'rfc822',
    written.slice(semicolon + 1),
  );
}

/** An address in UTF-8 stands as it is, for it has no encoded words; whatever else there is goes the usual way. */
function formatTyped(name: string, type: string, address: string): string {
  if (type !== 'utf-8' || isAscii(address)) return formatHeaderField(name, `${type}; ${address}`);
  return `${name}: ${type}; ${cleanText(truncateText(address, ADDRESS_CHARS))}\r\n`;
}

/** RFC 3463 §2, of the class that the kind allows: a failure may end with a trouble that was temporary. */
function statusOf(kind: DsnReport['kind'], failure: DeliveryFailure | null): string {
  const allowed = kind === 'failed' ? '45' : kind === 'delayed' ? '4' : '2';
  const given = failure?.enhanced ?? '';
  if (/^[245]\.\d{1,3}\.\d{1,3}$/.test(given) && allowed.includes(given[0]!)) return given;
  // Never tried, and its time over: RFC 3463 §3.5.
  if (kind === 'failed') return failure === null ? '4.4.7' : '5.0.0';
  return `${allowed}.0.0`;
}

// The part that gives the message back.

/**
 * RFC 3461 §4.3: whole only where that was asked for, and only with a failure. Not what is too large, nor what cannot
 * stand in lines; and RFC 8689 §5: not what may only travel encrypted.
 */
function returnedPart({ kind, message, original }: DsnReport, header: HeaderFields): Buffer {
  if (
    message.ret === 'FULL' &&
    kind === 'failed' &&
    !message.requireTls &&
    original.length <= QUEUE_LIMITS.returnedMessageBytes
  ) {
    const octets = withCrLf(original);
    if (isInLines(octets)) {
      const isGlobal = !isAsciiOctets(octets.subarray(0, parseHeader(octets).bodyStart));
      const type = isGlobal ? 'message/global' : 'message/rfc822';
      const encoding = isAsciiOctets(octets) ? '7bit' : '8bit';
      return Buffer.concat([Buffer.from(formatPartHeader(type, 'Undelivered message', encoding)), octets]);
    }
  }
  const isWhole = header.bodyStart <= QUEUE_LIMITS.returnedHeaderBytes;
  const end = isWhole ? header.bodyStart : original.lastIndexOf(10, QUEUE_LIMITS.returnedHeaderBytes - 1) + 1;
  const octets = withCrLf(original.subarray(0, end));
  // RFC 6533 §6.
  const isGlobal = !isAsciiOctets(octets) && isUtf8(octets);
  return makePart(isGlobal ? 'message/global-headers' : 'text/rfc822-headers', 'Header of the message', octets);
}

function textPart(text: string): Buffer {
  const octets = Buffer.from(text.replaceAll('\n', '\r\n'));
  return makePart('text/plain; charset=utf-8', 'Notification', octets);
}

/** In base64 unless it is lines of ASCII: RFC 6522 §4 and RFC 6533 §4 allow it, and it passes everywhere. */
function makePart(type: string, description: string, octets: Buffer): Buffer {
  const isPlain = isAsciiOctets(octets) && isInLines(octets);
  const head = formatPartHeader(type, description, isPlain ? '7bit' : 'base64');
  return Buffer.concat([Buffer.from(head), isPlain ? octets : Buffer.from(encodeBase64Lines(octets))]);
}

function formatPartHeader(type: string, description: string, encoding: string): string {
  return `Content-Type: ${type}\r\nContent-Description: ${description}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
}

/** With CRLF for every line end, however it was written. */
function withCrLf(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

const LINE_BYTES = 998;

/** RFC 2045 §2.8: no NUL, and no line beyond 998 octets. Line ends are CRLF. */
function isInLines(octets: Buffer): boolean {
  if (octets.includes(0)) return false;
  for (let start = 0, end = 0; start < octets.length; start = end) {
    end = nextLine(octets, start);
    const lineEndBytes = octets[end - 1] === 10 ? 2 : 0;
    if (end - start - lineEndBytes > LINE_BYTES) return false;
  }
  return true;
}
