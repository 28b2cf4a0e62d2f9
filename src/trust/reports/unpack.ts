/** Takes a report out of the mail it came in: plain, gzip or zip, and never more of it than the limits say. */
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { decodePart } from '#mime/body-text.ts';
import { parseMessage } from '#mime/message.ts';
import type { MimePart } from '#mime/structure.ts';
import { MAX_REPORT_FILES, MAX_REPORT_MAIL_OCTETS, MAX_REPORT_OCTETS } from '#trust/limits.ts';

export type Unpacked =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: 'tooLarge' | 'noReport' | 'damaged' };

/** The first part of a mail that can be a report: `extension` is `xml` or `json`. */
export function unpackReport(mail: Uint8Array, extension: 'xml' | 'json'): Unpacked {
  if (mail.length > MAX_REPORT_MAIL_OCTETS) return { kind: 'refused', why: 'tooLarge' };
  const part = findPart(parseMessage(mail).root, extension);
  return part === undefined ? { kind: 'refused', why: 'noReport' } : unpackOctets(decodePart(mail, part), extension);
}

function findPart(part: MimePart, extension: string): MimePart | undefined {
  // An enclosed message is somebody else's.
  if (part.type === 'multipart') {
    for (const child of part.parts ?? []) {
      const found = findPart(child, extension);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const isNamed = new RegExp(`\\.(?:gz|gzip|zip|${extension})$`, 'i').test(part.fileName ?? '');
  const isTyped = new RegExp(`(?:^|[-+/.])(?:gzip|zip|zip-compressed|${extension})$`).test(part.subtype);
  return isNamed || isTyped ? part : undefined;
}

/** What the octets are is told by how they begin: senders label them as they like. */
export function unpackOctets(octets: Uint8Array, extension: 'xml' | 'json'): Unpacked {
  try {
    if (octets[0] === 0x1f && octets[1] === 0x8b) {
      return toText(gunzipSync(octets, { maxOutputLength: MAX_REPORT_OCTETS }));
    }
    if (octets[0] !== 0x50 || octets[1] !== 0x4b) return toText(octets);
    let files = 0;
    let isTooLarge = false;
    // The room for a file is what the archive says it takes; one that takes more fails.
    const unpacked = unzipSync(octets, {
      filter: ({ name, originalSize }) => {
        if (!name.toLowerCase().endsWith(`.${extension}`) || ++files > MAX_REPORT_FILES) return false;
        isTooLarge ||= originalSize > MAX_REPORT_OCTETS;
        return files === 1 && !isTooLarge;
      },
    });
    const [file] = Object.values(unpacked);
    if (file !== undefined) return toText(file);
    return { kind: 'refused', why: isTooLarge ? 'tooLarge' : 'noReport' };
  } catch (error) {
    const isBomb = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { kind: 'refused', why: isBomb ? 'tooLarge' : 'damaged' };
  }
}

function toText(octets: Uint8Array): Unpacked {
  if (octets.length > MAX_REPORT_OCTETS) return { kind: 'refused', why: 'tooLarge' };
  return { kind: 'text', text: new TextDecoder().decode(octets) };
}
