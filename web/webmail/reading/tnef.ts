/**
 * winmail.dat: what Outlook wraps in TNEF (MS-OXTNEF) for those it takes for its like. The files in it and its text; what else is in
 * it says nothing to others. Pure, and never throws on what is broken: what can be read of it is told.
 */

export interface TnefFile {
  readonly name: string;
  readonly octets: Uint8Array<ArrayBuffer>;
}

export interface Tnef {
  /** '' where there is none. */
  readonly text: string;
  readonly files: readonly TnefFile[];
}

const SIGNATURE = 0x223e9f78;

// MS-OXTNEF §2.1.3.2: attributes, with their types.
const ATTRIBUTE = {
  oemCodepage: 0x00069007,
  body: 0x0002800c,
  attachmentBegins: 0x00069002,
  attachmentTitle: 0x00018010,
  attachmentData: 0x0006800f,
  attachmentProperties: 0x00069005,
} as const;

// MS-OXPROPS: PidTagAttachLongFilename; PtypString8, PtypString.
const LONG_FILE_NAME = 0x3707;
const STRING_8 = 0x001e;
const STRING = 0x001f;

/** Files that are shown. */
const MOST_FILES = 500;

/** Windows code pages by the labels that browsers know; what is not here is taken for GB 18030. */
const CODE_PAGES: Readonly<Record<number, string>> = {
  932: 'shift_jis',
  949: 'euc-kr',
  950: 'big5',
  1251: 'windows-1251',
  1252: 'windows-1252',
  65001: 'utf-8',
};

/** Undefined: it is no TNEF. */
export function readTnef(octets: Uint8Array<ArrayBuffer>): Tnef | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (octets.length < 6 || view.getUint32(0, true) !== SIGNATURE) return undefined;
  let decoder = new TextDecoder('gb18030');
  let text = '';
  const files: { name: string; octets: Uint8Array<ArrayBuffer> }[] = [];
  // Level, attribute, length; the value; a checksum.
  for (let at = 6; at + 9 <= octets.length && files.length <= MOST_FILES;) {
    const attribute = view.getUint32(at + 1, true);
    const length = view.getUint32(at + 5, true);
    const value = octets.subarray(at + 9, at + 9 + length);
    at += 9 + length + 2;
    const file = files.at(-1);
    if (attribute === ATTRIBUTE.oemCodepage && value.length >= 4)
      decoder = new TextDecoder(
        CODE_PAGES[new DataView(value.buffer, value.byteOffset).getUint32(0, true)] ?? 'gb18030',
      );
    else if (attribute === ATTRIBUTE.body) text = endAtNull(decoder.decode(value));
    else if (attribute === ATTRIBUTE.attachmentBegins) files.push({ name: '', octets: new Uint8Array() });
    else if (file === undefined) continue;
    else if (attribute === ATTRIBUTE.attachmentTitle) file.name ||= endAtNull(decoder.decode(value));
    else if (attribute === ATTRIBUTE.attachmentData) file.octets = value;
    else if (attribute === ATTRIBUTE.attachmentProperties) file.name = longNameOf(value, decoder) ?? file.name;
  }
  return { text, files: files.slice(0, MOST_FILES).filter(({ octets }) => octets.length > 0) };
}

function endAtNull(text: string): string {
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

/**
 * MS-OXTNEF §2.1.3.4: a list of properties, of which the name is one. Not read in order, for each kind has a length of its own: looked for by
 * its type and tag, which stand before how many values there are, one, and how long it is.
 */
function longNameOf(list: Uint8Array, decoder: TextDecoder): string | undefined {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  for (let at = 4; at + 12 <= list.length; at += 2) {
    const type = view.getUint16(at, true);
    if ((type !== STRING && type !== STRING_8) || view.getUint16(at + 2, true) !== LONG_FILE_NAME) continue;
    const length = view.getUint32(at + 8, true);
    if (view.getUint32(at + 4, true) !== 1 || at + 12 + length > list.length) continue;
    const value = list.subarray(at + 12, at + 12 + length);
    return endAtNull((type === STRING ? new TextDecoder('utf-16le') : decoder).decode(value));
  }
  return undefined;
}
