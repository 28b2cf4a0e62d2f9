/** BODYSTRUCTURE, and BODY without section (RFC 9051 §7.5.2): the kept MIME tree, written out. */
import { encodeHeaderText } from '#mime/encoded-word.ts';
import type { MimePart } from '#mime/structure.ts';
import type { ResponseWriter } from '#imap/wire/response-writer.ts';
import { NEEDS, type FetchItem, type FetchItemDefinition } from './fetch-item.ts';

export const bodyStructure: FetchItemDefinition = {
  name: 'BODYSTRUCTURE',
  parse: () => structureItem('BODYSTRUCTURE', true),
};

export function structureItem(name: string, isExtended: boolean): FetchItem {
  return {
    needs: NEEDS.INDEX,
    reads: true,
    async write(message, out) {
      const root = await message.structure();
      out.ascii(`${name} `);
      writePart(out, root, { isExtended, utf8: message.session.utf8 });
    },
  };
}

interface Style {
  readonly isExtended: boolean;
  readonly utf8: boolean;
}

/** Stands for what lies beyond the depth that messages are read to: a multipart must have a part. */
const UNREAD_PART = '("text" "plain" NIL NIL NIL "7bit" 0 0)';
const EMPTY_ENVELOPE = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

function writePart(out: ResponseWriter, part: MimePart, style: Style): void {
  out.octet(0x28);
  if (part.type === 'multipart') writeMultipart(out, part, style);
  else writeSingle(out, part, style);
  out.octet(0x29);
}

function writeMultipart(out: ResponseWriter, part: MimePart, style: Style): void {
  const parts = part.parts ?? [];
  for (const child of parts) writePart(out, child, style);
  if (parts.length === 0) out.ascii(UNREAD_PART);
  out.octet(0x20);
  out.string(part.subtype);
  if (!style.isExtended) return;
  out.octet(0x20);
  writeParams(out, part.params, style);
  writeExtension(out, part, style);
}

function writeSingle(out: ResponseWriter, part: MimePart, style: Style): void {
  out.string(part.type);
  out.octet(0x20);
  out.string(part.subtype);
  out.octet(0x20);
  writeParams(out, part.params, style);
  out.octet(0x20);
  out.nstring(part.id === undefined ? undefined : headerText(part.id, style), style.utf8);
  out.octet(0x20);
  out.nstring(part.description === undefined ? undefined : headerText(part.description, style), style.utf8);
  out.octet(0x20);
  out.string(part.encoding);
  out.octet(0x20);
  out.number(part.bodyEnd - part.bodyStart);
  if (part.type === 'message' && (part.subtype === 'rfc822' || part.subtype === 'global')) {
    const enclosed = part.parts?.[0];
    out.octet(0x20);
    out.ascii(enclosed?.imapEnvelope ?? EMPTY_ENVELOPE);
    out.octet(0x20);
    if (enclosed === undefined) out.ascii(UNREAD_PART);
    else writePart(out, enclosed, style);
    out.octet(0x20);
    out.number(part.lines);
  } else if (part.type === 'text') {
    out.octet(0x20);
    out.number(part.lines);
  }
  if (!style.isExtended) return;
  out.octet(0x20);
  out.nstring(part.md5 === undefined ? undefined : headerText(part.md5, style), style.utf8);
  writeExtension(out, part, style);
}

/** Disposition, language, location. */
function writeExtension(out: ResponseWriter, part: MimePart, style: Style): void {
  out.octet(0x20);
  if (part.disposition === undefined) {
    out.ascii('NIL');
  } else {
    out.octet(0x28);
    out.string(headerText(part.disposition, style), style.utf8);
    out.octet(0x20);
    writeParams(out, part.dispositionParams ?? {}, style);
    out.octet(0x29);
  }
  out.octet(0x20);
  const { language } = part;
  if (language === undefined || language.length === 0) {
    out.ascii('NIL');
  } else if (language.length === 1) {
    out.string(headerText(language[0] as string, style), style.utf8);
  } else {
    out.octet(0x28);
    for (const [i, tag] of language.entries()) {
      if (i > 0) out.octet(0x20);
      out.string(headerText(tag, style), style.utf8);
    }
    out.octet(0x29);
  }
  out.octet(0x20);
  out.nstring(part.location === undefined ? undefined : headerText(part.location, style), style.utf8);
}

function writeParams(out: ResponseWriter, params: Readonly<Record<string, string>>, style: Style): void {
  const entries = Object.entries(params);
  if (entries.length === 0) return out.ascii('NIL');
  out.octet(0x28);
  for (const [i, [name, value]] of entries.entries()) {
    if (i > 0) out.octet(0x20);
    if (style.utf8 || isAscii(value)) {
      out.string(headerText(name, style), style.utf8);
      out.octet(0x20);
      out.string(value, style.utf8);
    } else {
      // RFC 2231 §4: how a header would say it in ASCII.
      out.string(`${headerText(name, style)}*`);
      out.octet(0x20);
      out.string(`UTF-8''${encodePercent(value)}`);
    }
  }
  out.octet(0x29);
}

/** ASCII for clients that have not asked for more (RFC 6855 §3). */
function headerText(text: string, { utf8 }: Style): string {
  return utf8 || isAscii(text) ? text : encodeHeaderText(text);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}

function encodePercent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
