/** The first words of a message, for lists (RFC 8621 §4.1.4 `preview`). Reads the first kilobytes of one part only. */
import { decodePartText } from './body-text.ts';
import type { CharsetHints } from './charset.ts';
import { htmlToText } from './html-text.ts';
import { LIMITS } from './limits.ts';
import { truncateText } from './octets.ts';
import type { MimePart } from './structure.ts';

/** The parts that show a message's text: alternatives of each other. */
export interface BodyParts {
  readonly plain?: MimePart;
  readonly html?: MimePart;
  readonly calendar?: MimePart;
}

/** The body a person reads: the first text that is neither empty nor an attachment, with its alternatives. Undefined when there is none. */
export function findBody(part: MimePart): BodyParts | undefined {
  if (part.type === 'multipart') {
    const children = part.parts ?? [];
    if (part.subtype === 'alternative') {
      let found: BodyParts | undefined;
      for (const child of children) {
        const body = findBody(child);
        if (body !== undefined) found = { ...body, ...found };
      }
      return found;
    }
    for (const child of children) {
      const body = findBody(child);
      if (body !== undefined) return body;
    }
    return undefined;
  }
  if (part.type !== 'text' || part.disposition === 'attachment' || part.bodyEnd === part.bodyStart) return undefined;
  if (part.subtype === 'html') return { html: part };
  if (part.subtype === 'calendar') return { calendar: part };
  // text/plain, and text/enriched, text/markdown and so on, which read well enough.
  return part.fileName === undefined || part.disposition === 'inline' ? { plain: part } : undefined;
}

/** Up to 256 characters of the message's text on one line; '' when it has none. */
export function makePreview(octets: Uint8Array, root: MimePart, hints: CharsetHints = {}): string {
  const body = findBody(root);
  if (body === undefined) return '';
  if (body.plain !== undefined) {
    const text = foldPlain(decodePartText(octets, body.plain, hints, LIMITS.previewTextBytes));
    if (text !== '') return text;
  }
  if (body.html !== undefined) {
    const html = decodePartText(octets, body.html, hints, LIMITS.previewHtmlBytes);
    // White space folds once more, so a little more is read than shown.
    const text = foldWhiteSpace(htmlToText(html, { maxChars: 2 * LIMITS.previewChars }));
    if (text !== '') return text;
  }
  if (body.calendar === undefined) return '';
  return describeEvent(decodePartText(octets, body.calendar, hints, LIMITS.previewTextBytes));
}

/** Plain text without quoted lines and signature rulers; all of it when nothing else is there. */
function foldPlain(text: string): string {
  if (!/^>/m.test(text)) return foldWhiteSpace(text);
  const own = text.replace(/^>.*$/gm, '');
  return foldWhiteSpace(own) || foldWhiteSpace(text.replace(/^[> ]+/gm, ''));
}

function foldWhiteSpace(text: string): string {
  // More than is shown is never looked at.
  const folded = text
    .slice(0, 4 * LIMITS.previewChars)
    .replace(/[\s\u00a0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad]+/g, ' ')
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, '')
    .trim();
  return truncateText(folded, LIMITS.previewChars).trimEnd();
}

/** RFC 5545: an invitation's summary, place and time as they stand. */
function describeEvent(calendar: string): string {
  const lines = calendar.replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const event = lines.slice(
    Math.max(
      0,
      lines.findIndex((line) => /^BEGIN:V(?:EVENT|TODO)/i.test(line)),
    ),
  );
  const values = ['SUMMARY', 'LOCATION', 'DESCRIPTION'].map((name) => {
    const line = event.find((candidate) => candidate.toUpperCase().startsWith(name) && /^[A-Z]+[:;]/i.test(candidate));
    return (line?.slice(line.indexOf(':') + 1) ?? '').replace(/\\n/gi, ' ').replace(/\\([\\;,])/g, '$1');
  });
  return foldWhiteSpace(values.filter((value) => value !== '').join(' · '));
}
