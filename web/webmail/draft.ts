/** A letter being written, and how one begins from another. Pure. */
import { mayWriteFrom } from './endings.ts';
import type { AskedLetter } from './mailto.ts';
import type { AttachmentView, ConversationView, IdentityView, MessageView, PersonView } from './model.ts';
import type { ComposeKind, Draft, DraftFile } from './writing.ts';

export interface DraftTexts {
  /** `回复：`; put before a subject that has no such prefix. */
  readonly replyPrefix: string;
  readonly forwardPrefix: string;
  /** The line above what is quoted. */
  quoteHead(message: MessageView): string;
}

/** domain.md: what mail programs here put before a subject, the full-width colon and numbers among it. */
const REPLY_PREFIX = /^\s*(?:re|回复|答复|回覆)\s*(?:\(\d+\)|\[\d+\])?\s*[:：]/i;
const FORWARD_PREFIX = /^\s*(?:fwd?|转发|轉寄)\s*[:：]/i;

/** What of a conversation a letter is about. */
export interface DraftAbout {
  /** Undefined: its newest letter. */
  readonly messageId?: string | undefined;
  /** What of its text was marked: that is quoted, and not the whole. */
  readonly marked?: string | undefined;
}

export function beginDraft(
  id: string,
  kind: ComposeKind,
  conversation: ConversationView | undefined,
  identities: readonly SenderView[],
  texts: DraftTexts,
  about: DraftAbout = {},
): Draft {
  const from = identities[0]?.address ?? '';
  const empty = emptyDraft(id, from);
  const letters = conversation?.messages.filter(({ isDraft }) => !isDraft);
  const message = letters?.find((letter) => letter.id === about.messageId) ?? letters?.at(-1);
  if (kind === 'new' || conversation === undefined || message === undefined) return empty;

  const own = new Set(identities.map(({ address }) => address.toLowerCase()));
  const isOther = ({ address }: PersonView) => !own.has(address.toLowerCase());
  // Who was written to as the office answers as the office.
  const isForward = kind === 'forward' || kind === 'forwardAttached';
  const answering = {
    ...empty,
    from: addressedAs(message, identities) ?? from,
    body: quote(about.marked ?? message.text ?? message.preview, texts.quoteHead(message)),
    concerns: { messageId: message.id, how: isForward ? 'forwards' : 'answers' } as const,
  };
  const attached = message.attachments.map(fileOf);
  if (isForward) {
    const subject = withPrefix(conversation.subject, FORWARD_PREFIX, texts.forwardPrefix);
    if (kind === 'forward') return { ...answering, subject, files: attached };
    return { ...answering, subject, body: '', files: [fileOf(message.file)] };
  }

  // An answer to one's own letter goes to whom that went.
  const to = isOther(message.from) ? [message.from] : message.to;
  const isTaken = (person: PersonView) =>
    to.some(({ address }) => address.toLowerCase() === person.address.toLowerCase());
  const cc = kind === 'replyAll' ? [...message.to, ...message.cc].filter((one) => isOther(one) && !isTaken(one)) : [];
  const subject = withPrefix(conversation.subject, REPLY_PREFIX, texts.replyPrefix);
  return { ...answering, to, cc, subject, offered: attached };
}

/** Letters as files of another. `subject`: of the new one. */
export function forwardFiles(id: string, from: string, files: readonly AttachmentView[], subject: string): Draft {
  return { ...emptyDraft(id, from), subject, files: files.map(fileOf) };
}

/** One's own letter once more: to the same people, with the same files. */
export function writeAgain(id: string, sent: Draft): Draft {
  return { ...sent, id, concerns: undefined, thread: undefined, savedId: undefined };
}

/** A new letter as a link asks for it. All of it is shown before anything is sent. */
export function asAsked(draft: Draft, { to, cc, bcc, subject, text }: AskedLetter): Draft {
  const people = (addresses: readonly string[]) => addresses.map((address) => ({ name: '', address }));
  const body = text === '' ? draft.body : htmlOfText(text);
  return { ...draft, to: people(to), cc: people(cc), bcc: people(bcc), subject, body };
}

export function emptyDraft(id: string, from: string): Draft {
  return {
    id,
    from,
    to: [],
    cc: [],
    bcc: [],
    subject: '',
    body: '',
    files: [],
    offered: [],
    isImportant: false,
    wantsReceipt: false,
    isOneByOne: false,
    concerns: undefined,
    thread: undefined,
    savedId: undefined,
  };
}

/** One of one's addresses, as far as it matters here. */
type SenderView = PersonView & Pick<IdentityView, 'ending'>;

/**
 * Which of one's addresses a letter was written to, or where that one sends nothing any more, the one in its place; undefined:
 * none that it names.
 */
export function addressedAs({ to, cc }: MessageView, identities: readonly SenderView[]): string | undefined {
  const own = new Map(identities.map((identity) => [identity.address.toLowerCase(), identity]));
  const [identity] = [...to, ...cc].flatMap(({ address }) => own.get(address.toLowerCase()) ?? []);
  return identity === undefined || mayWriteFrom(identity) ? identity?.address : identity.ending?.instead;
}

/** A file that a letter brought, to go along with another: its octets stay where they are. */
function fileOf({ id, name, type, sizeBytes, url }: AttachmentView): DraftFile {
  return { id, name, type, sizeBytes, cid: undefined, url, blobId: id, file: undefined };
}

function withPrefix(subject: string, has: RegExp, prefix: string): string {
  return has.test(subject) ? subject : `${prefix}${subject}`;
}

/** As text: what a letter's HTML may hold goes into no editor. */
function quote(text: string, head: string): string {
  return `<p></p><p>${escapeHtml(head)}</p><blockquote>${htmlOfText(text)}</blockquote>`;
}

/** Plain text for the editor: a paragraph for each line. */
export function htmlOfText(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `<p>${escapeHtml(line)}</p>`)
    .join('');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Addresses pasted or typed: separated by commas, semicolons (Chinese ones too), ends of lines. What is none is told apart. */
export function parseRecipients(text: string): {
  readonly people: readonly PersonView[];
  readonly rest: readonly string[];
} {
  const people: PersonView[] = [];
  const rest: string[] = [];
  for (const piece of text.split(/[,;，；、\n\r]+/)) {
    const trimmed = piece.trim();
    if (trimmed === '') continue;
    const match = /^(?:"?([^"<>]*?)"?\s*)?<\s*([^\s<>]+)\s*>$/.exec(trimmed);
    const address = match?.[2] ?? trimmed;
    if (/^[^\s@<>"]+@[^\s@<>"]+$/.test(address)) people.push({ name: match?.[1]?.trim() ?? '', address });
    else rest.push(trimmed);
  }
  return { people, rest };
}
