/** Makes a message of what Email/set is told to create (RFC 8621 §4.6). */
import { randomId, type Random } from '#base/random.ts';
import type { Id } from '#contract/jmap/values.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject } from '#jmap/core/set.ts';
import { writeFile, writeMessage, writeMultipart, writeText, type WrittenPart } from '#mime/compose-part.ts';
import { formatDate } from '#mime/date.ts';
import { formatHeaderField } from '#mime/compose.ts';
import { formatFileNameParameters } from '#mime/file-name.ts';
import * as v from 'valibot';
import { formatHeaderValue, readGivenHeaders, type GivenHeader } from './given-headers.ts';

export interface ComposeSurroundings {
  /** A blob's octets; undefined when there is no such blob. */
  readonly readBlob: (blobId: Id) => Promise<Uint8Array | undefined>;
  readonly random: Random;
  readonly nowMs: number;
  /** What follows the `@` of a Message-ID. */
  readonly hostname: string;
  readonly maxBytes: number;
}

/** A part as the client gives it. */
interface GivenPart {
  readonly type: string;
  readonly partId: string | null;
  readonly blobId: Id | null;
  readonly charset: string | null;
  readonly name: string | null;
  readonly disposition: string | null;
  readonly cid: string | null;
  readonly language: readonly string[] | null;
  readonly location: string | null;
  readonly headers: readonly GivenHeader[];
  readonly subParts: readonly GivenPart[];
}

/** Throws ObjectError: `invalidProperties`, `blobNotFound`, `tooLarge`. */
export async function composeEmail(properties: Patch, surroundings: ComposeSurroundings): Promise<Buffer> {
  if (Object.hasOwn(properties, 'headers')) throw invalid('headers', 'fields are set one by one');
  const headers = readGivenHeaders(properties, 'message');
  const root = readStructure(properties);
  const writer = new PartWriter(readTexts(properties), surroundings);
  await writer.readBlobs(root);
  const body = writer.write(root);
  const has = (name: string): boolean => headers.some(({ lowerName }) => lowerName === name);
  const { nowMs, random, hostname } = surroundings;
  let header = '';
  if (!has('date')) header += formatHeaderField('Date', formatDate(nowMs, 480));
  for (const given of headers) header += formatHeaderValue(given);
  if (!has('message-id')) header += `Message-ID: <${randomId(random, 16)}@${hostname}>\r\n`;
  const octets = Buffer.concat([
    Buffer.from(`${header}MIME-Version: 1.0\r\n${body.header}\r\n`, 'latin1'),
    body.content,
  ]);
  if (octets.length > surroundings.maxBytes)
    throw new ObjectError('tooLarge', `the message has ${octets.length} octets`, { maxSize: surroundings.maxBytes });
  return octets;
}

function invalid(property: string, description: string): ObjectError {
  return new ObjectError('invalidProperties', `${property}: ${description}`, { properties: [property] });
}

const Text = v.strictObject({
  value: v.string(),
  isEncodingProblem: v.optional(v.literal(false)),
  isTruncated: v.optional(v.literal(false)),
});

function readTexts({ bodyValues = {} }: Patch): ReadonlyMap<string, string> {
  const given = checkObject(v.strictObject({ bodyValues: v.record(v.string(), Text) }), { bodyValues });
  return new Map(Object.entries(given.bodyValues).map(([partId, { value }]) => [partId, value]));
}

/** The tree that is given, or the one that the lists of bodies and attachments amount to. */
function readStructure(properties: Patch): GivenPart {
  const lists = ['textBody', 'htmlBody', 'attachments'].filter((name) => Object.hasOwn(properties, name));
  if (Object.hasOwn(properties, 'bodyStructure')) {
    if (lists.length > 0) throw invalid('bodyStructure', `cannot stand beside ${lists[0] ?? ''}`);
    return readPart(properties['bodyStructure'], 'bodyStructure', 0);
  }
  const text = readBody(properties, 'textBody', 'text/plain');
  const html = readBody(properties, 'htmlBody', 'text/html');
  const attachments = readList(properties, 'attachments');
  const inline =
    html === undefined
      ? []
      : attachments.filter(({ cid, disposition }) => cid !== null && disposition !== 'attachment');
  const attached = attachments.filter((part) => !inline.includes(part));
  const shown = html === undefined || inline.length === 0 ? html : multipart('related', [html, ...inline]);
  const body =
    text !== undefined && shown !== undefined ? multipart('alternative', [text, shown]) : (text ?? shown ?? EMPTY_TEXT);
  return attached.length === 0 ? body : multipart('mixed', [body, ...attached]);
}

const NOTHING = {
  partId: null,
  blobId: null,
  charset: null,
  name: null,
  disposition: null,
  cid: null,
  language: null,
  location: null,
  headers: [],
  subParts: [],
} as const;

const EMPTY_TEXT: GivenPart = { ...NOTHING, type: 'text/plain' };

function multipart(subtype: string, subParts: readonly GivenPart[]): GivenPart {
  return { ...NOTHING, type: `multipart/${subtype}`, subParts };
}

function readList(properties: Patch, name: string): readonly GivenPart[] {
  const given = properties[name] ?? [];
  if (!Array.isArray(given)) throw invalid(name, 'is a list of parts');
  return given.map((part: unknown) => readPart(part, name, 0));
}

function readBody(properties: Patch, name: string, type: string): GivenPart | undefined {
  const parts = readList(properties, name);
  if (parts.length > 1 || (parts[0] !== undefined && parts[0].type !== type))
    throw invalid(name, `is one part of type ${type}`);
  return parts[0];
}

const PartFields = v.object({
  type: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/, 'not a media type')))),
  partId: v.optional(v.nullable(v.string()), null),
  blobId: v.optional(v.nullable(v.string()), null),
  charset: v.optional(v.nullable(v.string()), null),
  name: v.optional(v.nullable(v.string()), null),
  disposition: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^[A-Za-z-]{1,40}$/, 'not a disposition'))), null),
  cid: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^[!-;=?-~]{1,200}$/, 'not a content id'))), null),
  language: v.optional(v.nullable(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,40}$/, 'not a tag')))), null),
  location: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^[!-~]{1,900}$/, 'not a URI'))), null),
  subParts: v.optional(v.nullable(v.array(v.unknown())), null),
});

/** Names of parts' properties that are no header forms. `size` may be said, and is not heeded (RFC 8621 §4.6). */
const PART_NAMES: ReadonlySet<string> = new Set([...Object.keys(PartFields.entries), 'size']);

/** As deep as messages are read. */
const MAX_DEPTH = 50;

function readPart(value: unknown, where: string, depth: number): GivenPart {
  if (depth > MAX_DEPTH) throw invalid(where, 'is nested too deep');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(where, 'is a body part');
  const unknown = Object.keys(value).find((name) => !PART_NAMES.has(name) && !name.startsWith('header:'));
  if (unknown !== undefined) throw invalid(where, `${unknown} cannot be set`);
  let given: v.InferOutput<typeof PartFields>;
  try {
    given = checkObject(PartFields, value);
  } catch (error) {
    throw error instanceof ObjectError ? invalid(where, error.message) : error;
  }
  const { partId, blobId, charset } = given;
  const type = (given.type ?? (given.subParts === null ? 'text/plain' : 'multipart/mixed')).toLowerCase();
  const isMultipart = type.startsWith('multipart/');
  if (isMultipart !== (given.subParts !== null && given.subParts.length > 0))
    throw invalid(where, 'a multipart, and it alone, has subParts');
  if (isMultipart ? partId !== null || blobId !== null : (partId === null) === (blobId === null))
    throw invalid(where, 'a part that is no multipart has either a partId or a blobId');
  if (partId !== null && charset !== null) throw invalid(where, 'text that is given has no charset of its own');
  if (partId !== null && !type.startsWith('text/')) throw invalid(where, 'what is no text comes from a blob');
  return {
    ...given,
    type,
    headers: readGivenHeaders(value as Patch, 'part', where),
    subParts: (given.subParts ?? []).map((part) => readPart(part, where, depth + 1)),
  };
}

class PartWriter {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #surroundings: ComposeSurroundings;
  readonly #blobs = new Map<Id, Uint8Array>();

  constructor(texts: ReadonlyMap<string, string>, surroundings: ComposeSurroundings) {
    this.#texts = texts;
    this.#surroundings = surroundings;
  }

  /** All that the tree names. Throws `blobNotFound` with every one that is missing; `tooLarge`. */
  async readBlobs(root: GivenPart): Promise<void> {
    const missing = new Set<Id>();
    let bytes = 0;
    const waiting = [root];
    for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
      waiting.push(...part.subParts);
      const { blobId } = part;
      if (blobId === null || missing.has(blobId)) continue;
      const octets = this.#blobs.get(blobId) ?? (await this.#surroundings.readBlob(blobId));
      if (octets === undefined) {
        missing.add(blobId);
        continue;
      }
      this.#blobs.set(blobId, octets);
      bytes += octets.length;
      const { maxBytes } = this.#surroundings;
      if (bytes > maxBytes)
        throw new ObjectError('tooLarge', `the attachments have more than ${maxBytes} octets`, { maxSize: maxBytes });
    }
    if (missing.size > 0) throw new ObjectError('blobNotFound', 'these are not there', { notFound: [...missing] });
  }

  write(part: GivenPart): WrittenPart {
    const [type = '', subtype = ''] = part.type.split('/');
    if (type === 'multipart') {
      // 128 random bits: no content holds them.
      const boundary = `=_${randomId(this.#surroundings.random, 16)}`;
      return writeMultipart(
        formatPartHeader(part),
        subtype,
        boundary,
        part.subParts.map((child) => this.write(child)),
      );
    }
    const names = part.name === null ? undefined : formatFileNameParameters(part.name);
    const parameter = names === undefined ? '' : `;\r\n ${names.contentType}`;
    if (part.partId !== null || part === EMPTY_TEXT) {
      const text = part === EMPTY_TEXT ? '' : this.#texts.get(part.partId ?? '');
      if (text === undefined) throw invalid('bodyValues', `there is no text for the part ${part.partId}`);
      const method = part.type === 'text/calendar' ? methodOf(text) : '';
      return writeText(
        `Content-Type: ${part.type}; charset=utf-8${method}${parameter}\r\n${formatPartHeader(part)}`,
        text,
      );
    }
    const octets = this.#blobs.get(part.blobId ?? '') ?? new Uint8Array();
    const charset = part.charset === null || !/^[\w.:+-]{1,64}$/.test(part.charset) ? '' : `; charset=${part.charset}`;
    const header = `Content-Type: ${part.type}${charset}${parameter}\r\n${formatPartHeader(part)}`;
    return type === 'message' && subtype !== 'global' ? writeMessage(header, octets) : writeFile(header, octets);
  }
}

/** RFC 6047 §2.4: the method of an invitation or an answer to one is told beside the type; JMAP has no other way to say it. */
function methodOf(calendar: string): string {
  const [, method] = /^METHOD:([A-Z]{1,32})\r?$/m.exec(calendar) ?? [];
  return method === undefined ? '' : `; method=${method}`;
}

/** Everything but type and transfer encoding. */
function formatPartHeader({ name, disposition, cid, language, location, headers }: GivenPart): string {
  let header = '';
  const shown = disposition ?? (name === null ? null : 'attachment');
  if (shown !== null) {
    const parameter = name === null ? '' : `;\r\n ${formatFileNameParameters(name).contentDisposition}`;
    header += `Content-Disposition: ${shown.toLowerCase()}${parameter}\r\n`;
  }
  if (cid !== null) header += `Content-ID: <${cid}>\r\n`;
  if (language !== null && language.length > 0) header += formatHeaderField('Content-Language', language.join(', '));
  if (location !== null) header += `Content-Location: ${location}\r\n`;
  for (const given of headers) header += formatHeaderValue(given);
  return header;
}
