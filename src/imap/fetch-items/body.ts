/** BODY[…], BODY.PEEK[…] and their old names (RFC 9051 §6.4.5, RFC 3501 §6.4.5); BODY alone is the structure. */
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';
import type { ResponseWriter } from '#imap/wire/response-writer.ts';
import type { FetchedMessage } from '#imap/fetched-message.ts';
import { structureItem } from './body-structure.ts';
import { NEEDS, type FetchItem, type FetchItemDefinition } from './fetch-item.ts';
import { locateSection, parsePartial, parseSection, type Partial, type Section, type SectionText } from './section.ts';

export const body: FetchItemDefinition = {
  name: 'BODY',
  parse: (input) => (input.peek() === 0x5b ? parseBody(input, true) : structureItem('BODY', false)),
};

export const bodyPeek: FetchItemDefinition = {
  name: 'BODY.PEEK',
  parse: (input) => parseBody(input, false),
};

export const rfc822 = oldName('RFC822', '', true);
export const rfc822Header = oldName('RFC822.HEADER', 'HEADER', false);
export const rfc822Text = oldName('RFC822.TEXT', 'TEXT', true);

function parseBody(input: ArgumentReader, marksSeen: boolean): FetchItem {
  const section = parseSection(input);
  const partial = parsePartial(input);
  const name = `BODY${section.label}${partial === undefined ? '' : `<${partial.offset}>`} `;
  return bodyItem(name, section, partial, marksSeen);
}

function oldName(name: string, text: SectionText, marksSeen: boolean): FetchItemDefinition {
  const section: Section = { numbers: [], text, fieldNames: new Set(), label: '' };
  const item = bodyItem(`${name} `, section, undefined, marksSeen);
  return { name, parse: () => item };
}

function bodyItem(name: string, section: Section, partial: Partial | undefined, marksSeen: boolean): FetchItem {
  return {
    needs: NEEDS.LIST_ROW,
    reads: true,
    marksSeen,
    async write(message, out) {
      const octets = await locateSection(message, section);
      if (octets === undefined) {
        out.ascii(`${name}NIL`);
      } else if (Buffer.isBuffer(octets)) {
        const { start, end } = clamp({ start: 0, end: octets.length }, partial);
        out.ascii(name);
        out.literalSize(end - start);
        out.octets(octets.subarray(start, end));
      } else {
        const { start, end } = clamp(octets, partial);
        await writeRange(message, out, name, start, end);
      }
    },
  };
}

function clamp(range: { readonly start: number; readonly end: number }, partial: Partial | undefined) {
  if (partial === undefined) return range;
  const start = Math.min(range.end, range.start + partial.offset);
  return { start, end: Math.min(range.end, start + partial.count) };
}

async function writeRange(
  message: FetchedMessage,
  out: ResponseWriter,
  name: string,
  start: number,
  end: number,
): Promise<void> {
  // The first octets are read before anything is promised: a message that cannot be read is then left out whole.
  let at = start;
  let octets = at < end ? await message.readChunk(at, end) : Buffer.alloc(0);
  out.ascii(name);
  out.literalSize(end - start);
  for (;;) {
    out.octets(octets);
    at += octets.length;
    if (at >= end) return;
    await message.session.connection.send();
    if (message.session.connection.isClosed) return;
    octets = await message.readChunk(at, end);
    if (octets.length === 0) throw new Error('a message is shorter than its row says');
  }
}
