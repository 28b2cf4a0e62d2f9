/** The text of DOCX, XLSX and PPTX (ECMA-376): the XML files of a zip, of which only the texts are kept. */
import { unzipSync } from 'fflate';
import { SEARCH_LIMITS } from '#search/limits.ts';
import type { FileKind } from './file-kind.ts';

/** Which files of the zip hold what people read. */
const MEMBERS: Readonly<Record<Exclude<FileKind, 'pdf'>, RegExp>> = {
  docx: /^word\/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml$/,
  xlsx: /^xl\/(?:sharedStrings|worksheets\/sheet\d+|comments\d*)\.xml$/,
  pptx: /^ppt\/(?:slides\/slide|notesSlides\/notesSlide|comments\/comment)\d+\.xml$/,
};

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Throws on what is no zip. Members beyond the limits are left out. */
export function readOffice(octets: Uint8Array, kind: Exclude<FileKind, 'pdf'>): string {
  let room: number = SEARCH_LIMITS.unpackedBytes;
  const members = unzipSync(octets, {
    filter: ({ name, originalSize }) => {
      if (!MEMBERS[kind].test(name) || originalSize > room) return false;
      room -= originalSize;
      return true;
    },
  });
  const decoder = new TextDecoder();
  return Object.values(members)
    .map((member) => xmlTexts(decoder.decode(member)))
    .join('\n')
    .slice(0, SEARCH_LIMITS.textChars);
}

/**
 * What stands in elements called `t` (w:t, a:t, t), a line a paragraph, cell string or shared string. A word is often
 * cut into several runs, so nothing comes between those.
 */
function xmlTexts(xml: string): string {
  let out = '';
  for (const [, text, breaks] of xml.matchAll(
    /<(?:\w{1,10}:)?t(?: [^<>]*)?>([^<]*)|<(\/(?:\w{1,10}:)?(?:p|si|is)|(?:\w{1,10}:)?(?:br|tab|cr)(?: [^<>]*)?\/)>/g,
  ))
    out += text === undefined ? (breaks === undefined ? '' : '\n') : decodeEntities(text);
  return out;
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi,
    (whole, decimal?: string, hex?: string, name = '') => {
      const code = decimal === undefined ? (hex === undefined ? undefined : Number.parseInt(hex, 16)) : Number(decimal);
      if (code !== undefined) return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : '';
      return ENTITIES[String(name)] ?? whole;
    },
  );
}
