/** Writes one body part from what a mail client says of it: fields, and content in the encoding that fits it. */
import { encodeBase64Lines } from './compose.ts';
import { asBuffer } from './octets.ts';

/** A part ready to be put together: its fields, each ended by CRLF, and its encoded content. */
export interface WrittenPart {
  readonly header: string;
  readonly content: Buffer;
}

/** `Content-Type` and what else is said of it stand in `header`; the transfer encoding is added. Line ends become CRLF. */
export function writeText(header: string, text: string): WrittenPart {
  const octets = Buffer.from(text.toWellFormed().replace(/\r\n?|\n/g, '\r\n'));
  // Plain lines stay readable; Chinese is shorter in base64 (4/3) than in quoted-printable (3).
  const encoding = isPlain(octets) ? '7bit' : highOctets(octets) * 6 > octets.length ? 'base64' : 'quoted-printable';
  const content =
    encoding === '7bit'
      ? octets
      : Buffer.from(encoding === 'base64' ? encodeBase64Lines(octets) : encodeQuotedPrintable(octets), 'latin1');
  return { header: `${header}Content-Transfer-Encoding: ${encoding}\r\n`, content };
}

export function writeFile(header: string, octets: Uint8Array): WrittenPart {
  return {
    header: `${header}Content-Transfer-Encoding: base64\r\n`,
    content: Buffer.from(encodeBase64Lines(octets), 'latin1'),
  };
}

/** RFC 2046 §5.2.1: an enclosed message is encoded in no way of its own. */
export function writeMessage(header: string, octets: Uint8Array): WrittenPart {
  const content = asBuffer(octets);
  const encoding = isPlain(content) ? '7bit' : content.includes(0) ? 'binary' : '8bit';
  return { header: `${header}Content-Transfer-Encoding: ${encoding}\r\n`, content };
}

/** `header` has no Content-Type: that with the boundary is written here. No part may hold `--` and the boundary. */
export function writeMultipart(
  header: string,
  subtype: string,
  boundary: string,
  parts: readonly WrittenPart[],
): WrittenPart {
  const delimiter = Buffer.from(`--${boundary}\r\n`);
  const pieces = parts.flatMap((part) => [
    delimiter,
    Buffer.from(`${part.header}\r\n`, 'latin1'),
    part.content,
    Buffer.from('\r\n'),
  ]);
  return {
    header: `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n${header}`,
    content: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** RFC 5322 §2.1.1: ASCII in lines of at most 998. `From ` at a line's start is changed by old programs. */
function isPlain(octets: Buffer): boolean {
  let lineLength = 0;
  for (const [i, octet] of octets.entries()) {
    if (octet === 0x0a) lineLength = 0;
    else if (octet > 0x7e || octet === 0 || ++lineLength > 998) return false;
    else if (octet === 0x0d && octets[i + 1] !== 0x0a) return false;
  }
  return !octets.includes('\nFrom ') && !octets.subarray(0, 5).equals(FROM);
}

const FROM = Buffer.from('From ');

function highOctets(octets: Buffer): number {
  let count = 0;
  for (const octet of octets) if (octet > 0x7e) count++;
  return count;
}

const QP_LINE = 75;

/** RFC 2045 §6.7 for text in CRLF lines. */
export function encodeQuotedPrintable(octets: Buffer): string {
  let out = '';
  let line = '';
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i] as number;
    if (octet === 0x0d && octets[i + 1] === 0x0a) {
      out += `${line}\r\n`;
      line = '';
      i++;
      continue;
    }
    const isAtEnd = i + 1 === octets.length || (octets[i + 1] === 0x0d && octets[i + 2] === 0x0a);
    const isBlank = octet === 0x20 || octet === 0x09;
    const isSafe =
      (octet > 0x20 && octet < 0x7f && octet !== 0x3d && !(line === '' && (octet === 0x2e || octet === 0x46))) ||
      (isBlank && !isAtEnd);
    const written = isSafe ? String.fromCharCode(octet) : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    if (line.length + written.length > QP_LINE) {
      out += `${line}=\r\n`;
      line = '';
    }
    line += written;
  }
  return out + line;
}
