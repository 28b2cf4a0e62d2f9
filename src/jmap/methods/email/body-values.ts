/** The text of text parts (RFC 8621 §4.1.4 `bodyValues`). */
import type { EmailBodyValue } from '#contract/jmap/email.ts';
import { decodePartText } from '#mime/body-text.ts';
import { isKnownCharset } from '#mime/charset.ts';
import type { MimePart } from '#mime/structure.ts';

/** `maxBytes`: of the value in UTF-8; 0 for all. */
export function readBodyValue(octets: Buffer, part: MimePart, maxBytes: number): EmailBodyValue {
  const label = part.params['charset'];
  const text = decodePartText(octets, part).replaceAll('\r\n', '\n');
  const value = maxBytes === 0 ? text : truncate(text, maxBytes, part.subtype === 'html');
  return {
    value,
    isEncodingProblem: (label !== undefined && !isKnownCharset(label)) || text.includes('\ufffd'),
    isTruncated: value.length < text.length,
  };
}

/** No character is cut in two, and no tag of HTML. */
function truncate(text: string, maxBytes: number, isHtml: boolean): string {
  // Whatever the characters, more than `maxBytes` of them cannot fit.
  const octets = Buffer.from(text.slice(0, maxBytes + 1));
  if (octets.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((octets[end] as number) & 0xc0) === 0x80) end--;
  const cut = octets.toString('utf8', 0, end);
  const open = isHtml ? cut.lastIndexOf('<') : -1;
  return open > cut.lastIndexOf('>') ? cut.slice(0, open) : cut;
}
