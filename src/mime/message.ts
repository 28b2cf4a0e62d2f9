/**
 * One pass over a message's octets: header fields, MIME structure, offsets (RFC 2045, 2046). Never throws; hostile
 * input costs linear time, and past a limit the rest of a message stays opaque in its parent.
 */
import { chooseFileName } from './file-name.ts';
import { cleanText, decodeHeaderText } from './encoded-word.ts';
import { HeaderFields, scanHeader } from './header.ts';
import { EMPTY_IMAP_ENVELOPE, formatImapEnvelope, readAddressFields } from './imap-envelope.ts';
import { LIMITS } from './limits.ts';
import { asBuffer, countLineEnds, nextLine, truncateText } from './octets.ts';
import { parseParameters, stripComments, type ParameterisedValue } from './parameters.ts';
import type { MimePart } from './structure.ts';

export interface ParsedMessage {
  readonly root: MimePart;
  /** The message's own header. */
  readonly headers: HeaderFields;
  /** Charset stated by the first text part, if any: the best guess for fields that state none. */
  readonly charset: string | undefined;
}

/** Parses a whole message. `locale` (BCP 47, of the readers; `zh-CN` when absent) decides where charsets are ambiguous. */
export function parseMessage(octets: Uint8Array, locale?: string): ParsedMessage {
  return new Scanner(asBuffer(octets), locale).scan();
}

/** A part while its end is not known. */
interface OpenPart {
  part: Mutable<MimePart>;
  readonly headers: HeaderFields;
  readonly parts: OpenPart[];
  /** The root of an enclosed message. */
  readonly isEnclosed: boolean;
  /** Line ends before bodyStart, counted when the lines of a message/rfc822 part are wanted. */
  lineEndsBefore: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A boundary that may still come. */
interface OpenBoundary {
  readonly boundary: string;
  /** Index of its multipart in the stack of open parts. */
  readonly level: number;
  /** Index of the outer boundary of the same text, if there is one. */
  readonly shadowed: number | undefined;
}

interface Delimiter {
  /** Index into the open boundaries. */
  readonly index: number;
  readonly isClose: boolean;
  /** First octet of the line. */
  readonly start: number;
  /** First octet of the next line. */
  readonly next: number;
}

const DASH = 0x2d;
const LF = 0x0a;
const CR = 0x0d;
const LINE_START_DASHES = Buffer.from('\n--');
/** Octets of a line after which it is worth a call to look for the next that begins with dashes. */
const SHORT_LINE = 32;
/** `--`, the boundary, `--`, some blanks. */
const DELIMITER_MAX = LIMITS.boundaryChars + 64;
const TOKEN = /^[!#$%&'*+.^_`{|}~0-9a-z-]{1,127}$/;

class Scanner {
  readonly #octets: Buffer;
  readonly #locale: string | undefined;
  /** From the root to the part being read. */
  readonly #open: OpenPart[] = [];
  readonly #boundaries: OpenBoundary[] = [];
  readonly #indexByBoundary = new Map<string, number>();
  /** How many open boundaries have a length: most lines that begin with `--` are told apart by that. */
  readonly #lengths: number[] = [];
  readonly #isDelimiterAt = (position: number): boolean => this.#matchDelimiter(position) !== undefined;
  #partCount = 0;
  /** Open message/rfc822 parts: only inside them are line ends counted across parts. */
  #messageDepth = 0;
  #lineEnds = 0;
  #lineEndsAt = 0;
  #envelopeBytesLeft: number = LIMITS.enclosedEnvelopeBytes;

  constructor(octets: Buffer, locale: string | undefined) {
    this.#octets = octets;
    this.#locale = locale;
  }

  scan(): ParsedMessage {
    const root = this.#begin(0, undefined);
    let position = this.#open.at(-1)!.part.bodyStart;
    while (this.#boundaries.length > 0) {
      const delimiter = this.#findDelimiter(position);
      if (delimiter === undefined) break;
      const { level } = this.#boundaries[delimiter.index]!;
      this.#closeParts(level + 1, this.#endBefore(delimiter.start));
      const isFull = this.#partCount >= LIMITS.parts;
      // A closed multipart, or one that gets no more parts, goes on as epilogue until an outer boundary.
      this.#dropBoundaries(delimiter.isClose || isFull ? delimiter.index : delimiter.index + 1);
      position = delimiter.next;
      if (!delimiter.isClose && !isFull) {
        this.#begin(delimiter.next, this.#open[level]);
        position = this.#open.at(-1)!.part.bodyStart;
      }
    }
    this.#closeParts(0, this.#octets.length);
    const charset = findCharset(root);
    return { root: this.#finish(root), headers: root.headers, charset };
  }

  /** Reads a part's header, and those of the messages it encloses directly; the last of them is left on top. */
  #begin(start: number, parent: OpenPart | undefined): OpenPart {
    const first = this.#beginOne(start, parent, false);
    let last = first;
    while (last.part.type === 'message' && last.part.parts !== undefined) {
      const container = last;
      if (isEncoded(container.part)) {
        // RFC 2046 §5.2.1 forbids it; it is common all the same. Its octets are no message until they are decoded:
        // IMAP is shown an empty one, so that the part keeps its type.
        container.parts.push(emptyMessage(container.part.bodyStart));
        break;
      }
      last = this.#beginOne(container.part.bodyStart, container, true);
    }
    return first;
  }

  #beginOne(start: number, parent: OpenPart | undefined, isEnclosed: boolean): OpenPart {
    const isDelimiterAt = this.#boundaries.length > 0 ? this.#isDelimiterAt : undefined;
    const headers = scanHeader(this.#octets, start, isDelimiterAt);
    const isDigest = parent?.part.type === 'multipart' && parent.part.subtype === 'digest';
    const { part, boundary } = this.#readContentFields(headers, isDigest);
    const open: OpenPart = { part, headers, parts: [], isEnclosed, lineEndsBefore: 0 };
    parent?.parts.push(open);
    this.#partCount++;
    this.#open.push(open);
    if (boundary !== undefined) this.#openBoundary(boundary);
    if (part.type === 'message' && part.parts !== undefined) {
      open.lineEndsBefore = this.#countLineEndsTo(part.bodyStart);
      this.#messageDepth++;
    }
    return open;
  }

  /** The part as its header describes it. `parts` is set (empty) when it will have some. */
  #readContentFields(
    headers: HeaderFields,
    isDigest: boolean,
  ): { part: Mutable<MimePart>; boundary: string | undefined } {
    const hints = { locale: this.#locale };
    const part: Mutable<MimePart> = {
      type: isDigest ? 'message' : 'text',
      subtype: isDigest ? 'rfc822' : 'plain',
      params: {},
      encoding: '7bit',
      headerStart: headers.start,
      bodyStart: headers.bodyStart,
      bodyEnd: headers.bodyStart,
      lines: 0,
    };
    let contentType: ParameterisedValue | undefined;
    let disposition: ParameterisedValue | undefined;
    for (const field of headers.fields) {
      if (!field.lowerName.startsWith('content-')) continue;
      switch (field.lowerName) {
        case 'content-type':
          contentType ??= parseParameters(headers.value(field), hints);
          break;
        case 'content-transfer-encoding':
          part.encoding = readEncoding(headers.value(field));
          break;
        case 'content-disposition':
          disposition ??= parseParameters(headers.value(field), hints);
          break;
        case 'content-id':
          part.id ??= cleanContentField(headers.value(field));
          break;
        case 'content-description':
          part.description ??= truncateText(
            decodeHeaderText(headers.value(field).slice(0, 4 * LIMITS.contentFieldChars), hints),
            LIMITS.contentFieldChars,
          );
          break;
        case 'content-language': {
          const languages = stripComments(headers.value(field).slice(0, LIMITS.contentFieldChars))
            .split(/[,\s]+/)
            .filter((tag) => /^[A-Za-z0-9-]{1,40}$/.test(tag));
          if (languages.length > 0) part.language = languages;
          break;
        }
        case 'content-location':
          part.location ??= cleanContentField(headers.value(field)).replace(/\s+/g, '');
          break;
        case 'content-md5':
          part.md5 ??= cleanContentField(headers.value(field));
          break;
      }
    }
    if (contentType !== undefined) setType(part, contentType);
    if (disposition !== undefined) {
      part.disposition = TOKEN.test(disposition.value) ? disposition.value : 'attachment';
      part.dispositionParams = disposition.params;
    }
    const fileName = chooseFileName(part.dispositionParams, part.params, hints);
    if (fileName !== undefined) part.fileName = fileName;

    const isContainer = part.type === 'multipart' || isEnclosingType(part);
    if (!isContainer) return { part, boundary: undefined };
    if (this.#open.length >= LIMITS.nestingDepth || (this.#partCount >= LIMITS.parts - 1 && part.type === 'message')) {
      makeOpaque(part);
      return { part, boundary: undefined };
    }
    if (part.type === 'message') {
      part.parts = [];
      return { part, boundary: undefined };
    }
    const boundary = contentType?.boundary?.trimEnd();
    if (
      boundary === undefined ||
      boundary === '' ||
      boundary.length > LIMITS.boundaryChars ||
      /[^\x00-\xff]/.test(boundary)
    ) {
      // Nothing can delimit its parts. Shown as text, as most of these are; never as an empty multipart.
      makeText(part);
      return { part, boundary: undefined };
    }
    part.parts = [];
    return { part, boundary };
  }

  #findDelimiter(from: number): Delimiter | undefined {
    const octets = this.#octets;
    let position = from;
    while (position < octets.length) {
      if (octets[position] === DASH && octets[position + 1] === DASH) {
        const delimiter = this.#matchDelimiter(position);
        if (delimiter !== undefined) return delimiter;
      }
      // Line by line while lines are short, or a hostile body of short ones would cost a call for each.
      const next = nextLine(octets, position);
      if (next - position < SHORT_LINE && octets[position] === DASH) {
        position = next;
        continue;
      }
      const found = octets.indexOf(LINE_START_DASHES, Math.max(position, next - 1));
      if (found === -1) return undefined;
      position = found + 1;
    }
    return undefined;
  }

  /**
   * The delimiter line at `start`, which begins with `--`. RFC 2046 §5.1.1 lets a match at the line's beginning suffice;
   * as in most readers of today the whole line must match (blanks may follow), so that one boundary may begin
   * another. The innermost matching boundary counts.
   */
  #matchDelimiter(start: number): Delimiter | undefined {
    const octets = this.#octets;
    // Short lines are walked here: cheaper than a call, when a hostile body has millions of them.
    const limit = Math.min(octets.length, start + DELIMITER_MAX);
    let lineEnd = start + 2;
    while (lineEnd < limit && octets[lineEnd] !== LF) lineEnd++;
    const next = lineEnd < limit ? lineEnd + 1 : nextLine(octets, lineEnd);
    while (lineEnd > start + 2 && isBlank(octets[lineEnd - 1]!)) lineEnd--;
    const length = lineEnd - start - 2;
    if (!((this.#lengths[length] ?? 0) > 0 || (this.#lengths[length - 2] ?? 0) > 0)) return undefined;
    const line = octets.toString('latin1', start + 2, lineEnd);
    const index = this.#indexByBoundary.get(line);
    if (index !== undefined) return { index, isClose: false, start, next };
    if (!line.endsWith('--')) return undefined;
    const closed = this.#indexByBoundary.get(line.slice(0, -2));
    return closed === undefined ? undefined : { index: closed, isClose: true, start, next };
  }

  #openBoundary(boundary: string): void {
    const shadowed = this.#indexByBoundary.get(boundary);
    this.#indexByBoundary.set(boundary, this.#boundaries.length);
    this.#boundaries.push({ boundary, level: this.#open.length - 1, shadowed });
    this.#lengths[boundary.length] = (this.#lengths[boundary.length] ?? 0) + 1;
  }

  #dropBoundaries(keep: number): void {
    while (this.#boundaries.length > keep) {
      const { boundary, shadowed } = this.#boundaries.pop()!;
      if (shadowed === undefined) this.#indexByBoundary.delete(boundary);
      else this.#indexByBoundary.set(boundary, shadowed);
      this.#lengths[boundary.length]!--;
    }
  }

  /** Where a body ends whose delimiter line begins at `start`: the line end before it is the delimiter's. */
  #endBefore(start: number): number {
    if (this.#octets[start - 1] !== LF) return start;
    return this.#octets[start - 2] === CR ? start - 2 : start - 1;
  }

  /** Ends every open part from `level` on. */
  #closeParts(level: number, end: number): void {
    // The empty line after a header may itself be the line end before a delimiter: then the header keeps it, and so do
    // the parts around.
    let least = end;
    while (this.#open.length > level) {
      const open = this.#open.pop()!;
      const { part } = open;
      least = Math.max(least, part.bodyStart);
      part.bodyEnd = least;
      if (part.type === 'message' && part.parts !== undefined) {
        part.lines = this.#countLineEndsTo(part.bodyEnd) - open.lineEndsBefore;
        this.#messageDepth--;
        continue;
      }
      if (part.type === 'multipart' && open.parts.length === 0) makeText(part);
      if (part.type === 'text' || part.type === 'message') {
        part.lines = countLineEnds(this.#octets, part.bodyStart, part.bodyEnd);
      }
    }
  }

  /** Line ends before `position`, from an arbitrary start: the difference of two calls inside one message is what counts. */
  #countLineEndsTo(position: number): number {
    if (this.#messageDepth > 0) {
      this.#lineEnds +=
        position >= this.#lineEndsAt
          ? countLineEnds(this.#octets, this.#lineEndsAt, position)
          : -countLineEnds(this.#octets, position, this.#lineEndsAt);
    }
    this.#lineEndsAt = position;
    return this.#lineEnds;
  }

  #finish(open: OpenPart): MimePart {
    const { part } = open;
    if (open.isEnclosed) this.#setEnvelope(open);
    if (part.parts !== undefined) part.parts = open.parts.map((child) => this.#finish(child));
    return part;
  }

  #setEnvelope(open: OpenPart): void {
    const { headers } = open;
    const size = Math.min(headers.bodyStart - headers.start, LIMITS.headerBytes);
    if (size > this.#envelopeBytesLeft) {
      open.part.imapEnvelope = EMPTY_IMAP_ENVELOPE;
      return;
    }
    this.#envelopeBytesLeft -= size;
    const hints = { sibling: findCharset(open), locale: this.#locale };
    open.part.imapEnvelope = formatImapEnvelope(headers, readAddressFields(headers, hints), hints);
  }
}

function isBlank(octet: number): boolean {
  return octet === 0x20 || octet === 0x09 || octet === CR;
}

/** RFC 2045 §5.2: what is not `type/subtype` reads as text/plain. */
function setType(part: Mutable<MimePart>, contentType: ParameterisedValue): void {
  part.params = contentType.params;
  const slash = contentType.value.indexOf('/');
  const type = contentType.value.slice(0, Math.max(slash, 0)).trim();
  const subtype = contentType.value.slice(slash + 1).trim();
  const usable = slash > 0 && TOKEN.test(type) && TOKEN.test(subtype);
  part.type = usable ? type : 'text';
  part.subtype = usable ? subtype : 'plain';
}

function readEncoding(value: string): string {
  const encoding = stripComments(value.slice(0, 200))
    .toLowerCase()
    .replace(/^["']|["';,.\s]+$/g, '');
  return TOKEN.test(encoding) ? encoding : '7bit';
}

function cleanContentField(value: string): string {
  return truncateText(cleanText(value), LIMITS.contentFieldChars).trim();
}

/** RFC 2046 §5.2.1, RFC 6532 §3.7: types whose body is a message. */
function isEnclosingType(part: MimePart): boolean {
  return part.type === 'message' && (part.subtype === 'rfc822' || part.subtype === 'global');
}

function isEncoded(part: MimePart): boolean {
  return part.encoding !== '7bit' && part.encoding !== '8bit' && part.encoding !== 'binary';
}

function emptyMessage(position: number): OpenPart {
  const part: MimePart = {
    type: 'text',
    subtype: 'plain',
    params: {},
    encoding: '7bit',
    headerStart: position,
    bodyStart: position,
    bodyEnd: position,
    lines: 0,
  };
  const headers = new HeaderFields('', [], position, position);
  return { part, headers, parts: [], isEnclosed: true, lineEndsBefore: 0 };
}

function makeOpaque(part: Mutable<MimePart>): void {
  part.type = 'application';
  part.subtype = 'octet-stream';
  delete part.parts;
}

function makeText(part: Mutable<MimePart>): void {
  part.type = 'text';
  part.subtype = 'plain';
  delete part.parts;
}

/** The charset of the first text part that states one. */
function findCharset(open: OpenPart): string | undefined {
  if (open.part.type === 'text') return open.part.params['charset'];
  for (const child of open.parts) {
    const charset = findCharset(child);
    if (charset !== undefined) return charset;
  }
  return undefined;
}
