/** A message's parts as JMAP shows them (RFC 8621 §4.1.4). */
import type { EmailBodyPart } from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import { decodePart } from '#mime/body-text.ts';
import { parseHeader } from '#mime/header.ts';
import type { MimePart } from '#mime/structure.ts';
import { parseHeaderProperty, readHeaderProperty, readHeaders } from './header-forms.ts';

/** A part with its number, as IMAP counts (RFC 9051 §6.4.5): `1`, `2.1`. */
export interface NumberedPart {
  readonly part: MimePart;
  /** '' for the root when it is a multipart. */
  readonly number: string;
  /** Of a multipart alone: what is in a message is looked at when that message is parsed. */
  readonly subParts: readonly NumberedPart[];
}

export function numberParts(root: MimePart): NumberedPart {
  return root.type === 'multipart' ? numbered(root, '') : { part: root, number: '1', subParts: [] };
}

function numbered(part: MimePart, number: string): NumberedPart {
  const children = part.type === 'multipart' ? (part.parts ?? []) : [];
  const prefix = number === '' ? '' : `${number}.`;
  return { part, number, subParts: children.map((child, i) => numbered(child, `${prefix}${i + 1}`)) };
}

export function leavesOf(root: NumberedPart): readonly NumberedPart[] {
  return root.subParts.length === 0 ? [root] : root.subParts.flatMap(leavesOf);
}

/** The leaf of that number, if there is one. */
export function findPart(root: MimePart, number: string): MimePart | undefined {
  const waiting = [numberParts(root)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.number === number && next.part.type !== 'multipart') return next.part;
    waiting.push(...next.subParts);
  }
  return undefined;
}

export interface BodyLists {
  readonly textBody: readonly NumberedPart[];
  readonly htmlBody: readonly NumberedPart[];
  readonly attachments: readonly NumberedPart[];
}

/** RFC 8621 §4.1.4, the algorithm it suggests: what to show as plain text, what as HTML, and what besides. */
export function decompose(root: NumberedPart): BodyLists {
  const textBody: NumberedPart[] = [];
  const htmlBody: NumberedPart[] = [];
  const attachments: NumberedPart[] = [];
  collect([root], 'mixed', false, htmlBody, textBody, attachments);
  return { textBody, htmlBody, attachments };
}

function collect(
  parts: readonly NumberedPart[],
  multipartType: string,
  isInAlternative: boolean,
  htmlBody: NumberedPart[] | undefined,
  textBody: NumberedPart[] | undefined,
  attachments: NumberedPart[],
): void {
  const textLength = textBody?.length ?? -1;
  const htmlLength = htmlBody?.length ?? -1;
  let text = textBody;
  let html = htmlBody;
  for (const [i, one] of parts.entries()) {
    const { part } = one;
    const type = `${part.type}/${part.subtype}`;
    const isShownInline = SHOWN_INLINE.test(type);
    const isInline =
      part.disposition !== 'attachment' &&
      (type === 'text/plain' || type === 'text/html' || isShownInline) &&
      (i === 0 || (multipartType !== 'related' && (isShownInline || part.fileName === undefined)));
    if (part.type === 'multipart') {
      const isAlternative = isInAlternative || part.subtype === 'alternative';
      collect(one.subParts, part.subtype, isAlternative, html, text, attachments);
    } else if (isInline) {
      if (multipartType === 'alternative') {
        if (type === 'text/plain') text?.push(one);
        else if (type === 'text/html') html?.push(one);
        else attachments.push(one);
        continue;
      }
      if (isInAlternative) {
        if (type === 'text/plain') html = undefined;
        if (type === 'text/html') text = undefined;
      }
      text?.push(one);
      html?.push(one);
      if ((text === undefined || html === undefined) && isShownInline) attachments.push(one);
    } else attachments.push(one);
  }
  if (multipartType !== 'alternative' || textBody === undefined || htmlBody === undefined) return;
  // Only one of the two was offered: it serves for both.
  if (textLength === textBody.length && htmlLength !== htmlBody.length) textBody.push(...htmlBody.slice(htmlLength));
  if (htmlLength === htmlBody.length && textLength !== textBody.length) htmlBody.push(...textBody.slice(textLength));
}

const SHOWN_INLINE = /^(?:image|audio|video)\//;

/** How parts are shown; `blobId` names a part's decoded content. */
export class PartView {
  readonly #octets: Buffer;
  readonly #properties: ReadonlySet<string>;
  readonly #blobId: (number: string) => Id;

  constructor(octets: Buffer, properties: ReadonlySet<string>, blobId: (number: string) => Id) {
    this.#octets = octets;
    this.#properties = properties;
    this.#blobId = blobId;
  }

  /** With everything below it where `subParts` is asked for. */
  show(one: NumberedPart): Partial<EmailBodyPart> {
    const shown: Record<string, unknown> = {};
    for (const property of this.#properties) shown[property] = this.#value(one, property);
    return shown;
  }

  #value({ part, number, subParts }: NumberedPart, property: string): unknown {
    const isLeaf = part.type !== 'multipart';
    switch (property) {
      case 'partId':
        return isLeaf ? number : null;
      case 'blobId':
        return isLeaf ? this.#blobId(number) : null;
      case 'size':
        return isLeaf ? decodePart(this.#octets, part).length : 0;
      case 'headers':
        return readHeaders(this.#header(part));
      case 'name':
        return part.fileName ?? null;
      case 'type':
        return `${part.type}/${part.subtype}`;
      case 'charset':
        return part.params['charset'] ?? (part.type === 'text' ? 'us-ascii' : null);
      case 'disposition':
        return part.disposition ?? null;
      case 'cid':
        return part.id === undefined ? null : part.id.trim().replace(/^<|>$/g, '');
      case 'language':
        return part.language ?? null;
      case 'location':
        return part.location ?? null;
      case 'subParts':
        return isLeaf ? null : subParts.map((child) => this.show(child));
      default: {
        const header = parseHeaderProperty(property);
        return header === undefined ? null : readHeaderProperty(header, this.#header(part));
      }
    }
  }

  #header(part: MimePart): { readonly octets: Buffer; readonly fields: ReturnType<typeof parseHeader> } {
    // Bounded at the part's end: a header is never read beyond its part.
    return { octets: this.#octets, fields: parseHeader(this.#octets.subarray(0, part.bodyStart), part.headerStart) };
  }
}
