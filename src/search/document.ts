/** The text of a message as it is indexed: decoded and reduced by mime/, bounded here. */
import { extractText } from '#mime/body-text.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import { LIMITS } from '#mime/limits.ts';
import type { MailAddress, MessageSummary, MimePart } from '#mime/structure.ts';
import { analyse, hasLongWord } from './analyse.ts';
import { SEARCH_LIMITS } from './limits.ts';
import { CUT_NEEDLE, LONG_WORD_NEEDLE, type SearchDocument, type SearchField, type SummaryField } from './types.ts';

/** Fields as people see them, not analysed. */
export type MessageTexts = Readonly<Record<SearchField, string>> & {
  /** Whether there is more of it than was read. */
  readonly isCut: boolean;
};

/** `fileText`: what attachments say, where it is known. Reads as much as mime's own limits allow. Never throws on content. */
export function readTexts(octets: Buffer, structure: MimePart, summary: MessageSummary, fileText = ''): MessageTexts {
  let body = '';
  const fileNames: string[] = [];
  let isCut = false;
  let last: MimePart | undefined;
  for (const { kind, part, text } of extractText(octets, structure)) {
    if (kind === 'fileName') fileNames.push(text);
    // Pieces of one part belong together.
    else body += kind === 'text' && part === last ? text : `\n${text}`;
    last = kind === 'text' ? part : undefined;
    if (body.length > SEARCH_LIMITS.textChars) {
      body = body.slice(0, SEARCH_LIMITS.textChars);
      isCut = true;
      break;
    }
  }
  const told = readSummary(summary);
  return {
    ...told,
    body,
    header: readHeader(octets, structure, Object.values(told)),
    fileName: fileNames.join('\n'),
    fileText,
    isCut,
  };
}

/** What is known of a message without reading it. */
export function makeSummaryDocument(summary: MessageSummary): SearchDocument {
  return makeDocument({ ...readSummary(summary), body: '', header: '', fileName: '', fileText: '', isCut: false });
}

export function makeDocument({ isCut, ...texts }: MessageTexts): SearchDocument {
  const document = {
    subject: analyse(texts.subject),
    from: analyse(texts.from),
    to: analyse(texts.to),
    cc: analyse(texts.cc),
    bcc: analyse(texts.bcc),
    body: analyse(texts.body),
    header: analyse(texts.header),
    fileName: analyse(texts.fileName),
    fileText: analyse(texts.fileText.slice(0, SEARCH_LIMITS.textChars)),
  };
  const notes = (isCut ? CUT_NEEDLE : '') + (Object.values(document).some(hasLongWord) ? LONG_WORD_NEEDLE : '');
  return { ...document, header: `${document.header}${notes}`.replaceAll('  ', ' ') };
}

function readSummary(summary: MessageSummary): Readonly<Record<SummaryField, string>> {
  return {
    subject: summary.subject,
    from: formatAddresses(summary.from),
    to: formatAddresses(summary.to),
    cc: formatAddresses(summary.cc),
    bcc: formatAddresses(summary.bcc),
  };
}

function formatAddresses(addresses: readonly MailAddress[]): string {
  return addresses.map(({ name, email }) => (name === undefined ? email : `${name} <${email}>`)).join(', ');
}

/**
 * What header fields say in scripts beyond ASCII and the summary (`told`) does not: other fields, the names of groups.
 * What is in ASCII there is for machines.
 */
function readHeader(octets: Buffer, { bodyStart }: MimePart, told: readonly string[]): string {
  const headers = parseHeader(octets.subarray(0, Math.min(bodyStart, LIMITS.headerBytes + LIMITS.fieldBytes)));
  const known = new Set(told.map(analyse));
  const texts: string[] = [];
  for (const field of headers.fields) {
    const text = decodeHeaderText(headers.value(field));
    if (/[^\x00-\x7f]/.test(text) && !known.has(analyse(text))) texts.push(text);
  }
  return texts.join('\n');
}
