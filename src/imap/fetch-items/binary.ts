/** BINARY[…], BINARY.PEEK[…] and BINARY.SIZE[…] (RFC 3516, RFC 9051 §6.4.5): parts without their transfer encoding. */
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';
import type { FetchedMessage } from '#imap/fetched-message.ts';
import { DECODED_BYTES } from '#imap/limits.ts';
import { decodeTransfer } from '#mime/body-text.ts';
import { NEEDS, UnknownEncoding, type FetchItem, type FetchItemDefinition } from './fetch-item.ts';
import { findPart, locateSection, parsePartial, parseSection, type Section } from './section.ts';

export const binary: FetchItemDefinition = {
  name: 'BINARY',
  capability: 'BINARY',
  parse: (input) => parseBinary(input, true),
};

export const binaryPeek: FetchItemDefinition = {
  name: 'BINARY.PEEK',
  parse: (input) => parseBinary(input, false),
};

export const binarySize: FetchItemDefinition = {
  name: 'BINARY.SIZE',
  parse(input): FetchItem {
    const section = parseSection(input);
    return {
      needs: NEEDS.LIST_ROW,
      reads: true,
      async write(message, out) {
        const octets = await readDecoded(message, section);
        out.ascii(`BINARY.SIZE${section.label} `);
        out.number(octets?.length ?? 0);
      },
    };
  },
};

function parseBinary(input: ArgumentReader, marksSeen: boolean): FetchItem {
  const section = parseSection(input);
  const partial = parsePartial(input);
  const name = `BINARY${section.label}${partial === undefined ? '' : `<${partial.offset}>`} `;
  return {
    needs: NEEDS.LIST_ROW,
    reads: true,
    marksSeen,
    async write(message, out) {
      const all = await readDecoded(message, section);
      out.ascii(name);
      if (all === undefined) return out.ascii('NIL');
      const octets = partial === undefined ? all : all.subarray(partial.offset, partial.offset + partial.count);
      // RFC 3516 §4.2: NUL may only go in a literal8.
      if (octets.includes(0)) out.octet(0x7e);
      out.literalSize(octets.length);
      out.octets(octets);
    },
  };
}

const AS_THEY_ARE: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary', '']);
const DECODED: ReadonlySet<string> = new Set(['base64', 'quoted-printable', 'x-uuencode', 'uuencode', 'x-uue', 'uue']);

/**
 * The part's octets; `undefined` when there is no such part. Headers and texts, which RFC 3516 does not speak of, are
 * given as they are. Throws UnknownEncoding.
 */
async function readDecoded(message: FetchedMessage, section: Section): Promise<Buffer | undefined> {
  const located = await locateSection(message, section);
  if (located === undefined || Buffer.isBuffer(located)) return located;
  const octets = await message.read(located.start, Math.min(located.end, located.start + DECODED_BYTES));
  const isPart = section.numbers.length > 0 && section.text === '';
  const part = isPart ? findPart(await message.structure(), section.numbers) : undefined;
  if (part === undefined || part.type === 'multipart' || part.type === 'message') return octets;
  if (AS_THEY_ARE.has(part.encoding)) return octets;
  if (!DECODED.has(part.encoding)) throw new UnknownEncoding();
  return decodeTransfer(octets, part.encoding);
}
