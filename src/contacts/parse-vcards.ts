/**
 * vCards of versions 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350) to cards (RFC 9553), by RFC 9555. Reads what phones, Outlook and Foxmail
 * write, in whatever encoding; what it does not know it keeps in `vCardProps`. Throws nothing.
 */
import type { Card } from '#contract/jmap/contacts.ts';
import { decodeTransfer } from '#mime/body-text.ts';
import { decodeCsv } from '#mime/csv.ts';
import { decodeText } from '#mime/charset.ts';
import { CONTACT_FILE_LIMITS as LIMITS } from './limits.ts';

export interface ParsedCards {
  readonly cards: readonly Card[];
  /** Entries that are no cards, or too many. */
  readonly skipped: number;
}

interface Line {
  readonly name: string;
  /** By name in lower case; the values as they stand. */
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly value: string;
}

type Json = Record<string, unknown>;

/** Whether it is a file of vCards at all. */
export function looksLikeVcards(octets: Buffer): boolean {
  return /^\s*BEGIN:VCARD\s/i.test(decodeCsv(octets.subarray(0, 200)).replace(/^\uFEFF/, ''));
}

/** `newUid`: for those that have none. */
export function parseVcards(octets: Buffer, newUid: () => string): ParsedCards {
  const cards: Card[] = [];
  let skipped = 0;
  let lines: Line[] | undefined;
  for (const text of unfold(decodeCsv(octets))) {
    if (/^BEGIN:VCARD\s*$/i.test(text)) lines = [];
    else if (lines !== undefined && /^END:VCARD\s*$/i.test(text)) {
      const card = cards.length < LIMITS.cards ? readCard(lines, newUid) : undefined;
      if (card === undefined) skipped++;
      else cards.push(card);
      lines = undefined;
    } else if (lines !== undefined && lines.length < LIMITS.values && text.length <= LIMITS.lineLength) {
      const line = readLine(text);
      if (line !== undefined) lines.push(line);
    }
  }
  // One that was cut off.
  if (lines !== undefined) skipped++;
  return { cards, skipped };
}

/** RFC 6350 §3.2; a line of version 2.1 in quoted-printable goes on after `=`. */
function* unfold(text: string): Generator<string> {
  let open: string[] = [];
  let isQuoted = false;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const last = open.at(-1);
    if (last !== undefined && isQuoted && last.endsWith('=')) open.splice(-1, 1, last.slice(0, -1), line);
    else if (last !== undefined && /^[ \t]/.test(line)) open.push(line.slice(1));
    else {
      if (open.length > 0) yield open.join('');
      open = [line];
      isQuoted = /^[^:]*[;=]QUOTED-PRINTABLE[;:]/i.test(line);
    }
  }
  if (open.length > 0) yield open.join('');
}

/** RFC 6350 §3.3, leniently; undefined for what is no line of that form. */
function readLine(text: string): Line | undefined {
  const head = /^(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)/.exec(text);
  if (head === null) return undefined;
  const params = new Map<string, string[]>();
  let at = head[0].length;
  while (text[at] === ';') {
    const match = /^;([A-Za-z0-9-]+)(=?)/.exec(text.slice(at, at + 100));
    if (match === null) return undefined;
    at += match[0].length;
    const values = params.get((match[1] ?? '').toLowerCase()) ?? [];
    if (match[2] === '') {
      // Version 2.1 has the values of TYPE and ENCODING alone.
      const bare = match[1] ?? '';
      const name = /^(?:quoted-printable|base64|8bit)$/i.test(bare) ? 'encoding' : 'type';
      const bares = params.get(name) ?? [];
      bares.push(bare);
      params.set(name, bares);
      continue;
    }
    for (;;) {
      const isInQuotes = text[at] === '"';
      const end = isInQuotes ? text.indexOf('"', at + 1) : endOfParam(text, at);
      if (end === -1) return undefined;
      values.push(...(isInQuotes ? text.slice(at + 1, end).split(',') : [text.slice(at, end)]));
      at = isInQuotes ? end + 1 : end;
      if (text[at] !== ',') break;
      at++;
    }
    params.set((match[1] ?? '').toLowerCase(), values);
  }
  if (text[at] !== ':') return undefined;
  const line = { name: (head[1] ?? '').toUpperCase(), params, value: text.slice(at + 1) };
  return { ...line, value: decodeValue(line) };
}

function endOfParam(text: string, from: number): number {
  let end = from;
  while (end < text.length && !',;:'.includes(text[end] as string)) end++;
  return end === text.length ? -1 : end;
}

/** Quoted-printable and its charset, which version 2.1 states for each line. */
function decodeValue({ params, value }: Line): string {
  const encoding = params.get('encoding')?.[0]?.toLowerCase();
  if (encoding !== 'quoted-printable') return value;
  return decodeText(decodeTransfer(Buffer.from(value, 'latin1'), 'quoted-printable'), params.get('charset')?.[0]);
}

/** Undefined for one that names nobody and no address. */
function readCard(lines: readonly Line[], newUid: () => string): Card | undefined {
  const card: Json = { '@type': 'Card', version: '1.0', kind: 'individual' };
  let length = 0;
  for (const line of lines) {
    length += line.value.length;
    if (line.value.trim() === '' || length > LIMITS.cardLength) {
      length -= line.value.length;
      continue;
    }
    readProperty(card, line);
  }
  const uid = card['uid'];
  const isNamed = card['name'] !== undefined || card['emails'] !== undefined || card['organizations'] !== undefined;
  return isNamed || card['members'] !== undefined || card['phones'] !== undefined
    ? ({ ...card, uid: typeof uid === 'string' ? uid : newUid() } as Card)
    : undefined;
}

function readProperty(card: Json, line: Line): void {
  const { name, value } = line;
  const text = unescapeText(value).trim();
  switch (name) {
    case 'VERSION':
    case 'PRODID':
      return;
    case 'UID':
      if (isUid(text)) card['uid'] = text;
      return;
    case 'KIND':
    case 'X-ADDRESSBOOKSERVER-KIND':
      card['kind'] = text.toLowerCase();
      return;
    case 'FN':
      if (isObject(card['name'])) card['name'] = { ...card['name'], full: text };
      else card['name'] = { full: text };
      return;
    case 'N':
      return readName(card, value);
    case 'NICKNAME':
      for (const nickname of splitAt(value, ',')) add(card, 'nicknames', { name: nickname });
      return;
    case 'ORG': {
      const [organization = '', ...units] = splitAt(value, ';');
      const named = units.filter((unit) => unit !== '').map((unit) => ({ name: unit }));
      add(card, 'organizations', {
        ...(organization === '' ? {} : { name: organization }),
        ...(named.length === 0 ? {} : { units: named }),
      });
      return;
    }
    case 'TITLE':
    case 'ROLE':
      return add(card, 'titles', { name: text, kind: name === 'ROLE' ? 'role' : 'title' });
    case 'EMAIL':
      return add(card, 'emails', { address: text.replace(/^mailto:/i, ''), ...usesOf(line) });
    case 'TEL':
      return add(card, 'phones', { number: text.replace(/^tel:/i, ''), ...usesOf(line), ...featuresOf(line) });
    case 'ADR':
      return readAddress(card, line);
    case 'NOTE':
      return add(card, 'notes', { note: text });
    case 'URL':
      return add(card, 'links', { uri: text, ...usesOf(line) });
    case 'IMPP':
      return add(card, 'onlineServices', { uri: text, ...usesOf(line) });
    case 'X-QQ':
      return add(card, 'onlineServices', { service: 'QQ', user: text });
    case 'X-WECHAT':
    case 'X-WEIXIN':
      return add(card, 'onlineServices', { service: 'WeChat', user: text });
    case 'CATEGORIES':
      card['keywords'] = { ...(card['keywords'] as Json), ...setOf(splitAt(value, ',')) };
      return;
    case 'BDAY':
      return readDay(card, line);
    case 'MEMBER':
    case 'X-ADDRESSBOOKSERVER-MEMBER':
      if (isUid(text)) card['members'] = { ...(card['members'] as Json), [text]: true };
      return;
    case 'PHOTO':
      return readPhoto(card, line);
    default:
      return keep(card, line);
  }
}

/** RFC 9555 §2.15.1: what has no place of its own. */
function keep(card: Json, { name, params, value }: Line): void {
  const kept = (card['vCardProps'] as unknown[] | undefined) ?? [];
  const said = Object.fromEntries(
    [...params].filter(([key]) => key !== 'encoding' && key !== 'charset').map(([key, [first = '']]) => [key, first]),
  );
  card['vCardProps'] = [...kept, [name.toLowerCase(), said, 'unknown', value]];
}

/** RFC 9555 §2.3.7: the kinds of the parts of N, in their order. */
const NAME_KINDS = ['surname', 'given', 'given2', 'title', 'credential'] as const;

function readName(card: Json, value: string): void {
  const parts = splitAt(value, ';');
  const components = NAME_KINDS.flatMap((kind, at) =>
    splitAt(parts[at] ?? '', ',', true)
      .filter((part) => part !== '')
      .map((part) => ({ kind, value: part })),
  );
  if (components.length > 0) card['name'] = { ...(card['name'] as Json | undefined), components };
}

/** RFC 9555 §2.5.1: the kinds of the parts of ADR, in their order. */
const ADDRESS_KINDS = ['postOfficeBox', 'apartment', 'name', 'locality', 'region', 'postcode', 'country'] as const;

function readAddress(card: Json, line: Line): void {
  const parts = splitAt(line.value, ';');
  const components = ADDRESS_KINDS.flatMap((kind, at) => {
    const part = parts[at] ?? '';
    return part === '' ? [] : [{ kind, value: part }];
  });
  if (components.length > 0) add(card, 'addresses', { components, ...usesOf(line) });
}

/** RFC 9553 §2.8.1. Days that are none, or of another calendar, are kept as they stand. */
function readDay(card: Json, line: Line): void {
  const match = /^(\d{4}|--)-?(\d\d)-?(\d\d)(?:T|$)/.exec(line.value.trim());
  if (match === null) return keep(card, line);
  const [, year = '', month, day] = match;
  const date = {
    '@type': 'PartialDate',
    ...(year === '--' ? {} : { year: Number(year) }),
    month: Number(month),
    day: Number(day),
  };
  add(card, 'anniversaries', { kind: 'birth', date });
}

function readPhoto(card: Json, line: Line): void {
  const { params, value } = line;
  const compact = value.replaceAll(/\s/g, '');
  if (/^(?:data:image\/|https:\/\/)/i.test(compact)) return add(card, 'media', { kind: 'photo', uri: compact });
  if (!/^b(?:ase64)?$/i.test(params.get('encoding')?.[0] ?? '') || !/^[A-Za-z0-9+/=]+$/.test(compact)) return;
  const type = /^(?:jpeg|png|gif|webp)$/i.exec(params.get('type')?.[0] ?? '')?.[0].toLowerCase() ?? 'jpeg';
  add(card, 'media', { kind: 'photo', uri: `data:image/${type};base64,${compact}` });
}

/** RFC 9555 §2.3.15, 2.3.19: for what it is used, and which comes first. */
function usesOf({ params }: Line): Json {
  const types = typesOf(params);
  const contexts = [...(types.has('work') ? ['work'] : []), ...(types.has('home') ? ['private'] : [])];
  const pref = Number(params.get('pref')?.[0]);
  const rank = Number.isInteger(pref) && pref >= 1 && pref <= 100 ? pref : types.has('pref') ? 1 : undefined;
  const label = params.get('label')?.[0];
  return {
    ...(contexts.length === 0 ? {} : { contexts: setOf(contexts) }),
    ...(rank === undefined ? {} : { pref: rank }),
    ...(label === undefined ? {} : { label }),
  };
}

const FEATURES: Readonly<Record<string, string>> = {
  cell: 'mobile',
  fax: 'fax',
  pager: 'pager',
  text: 'text',
  video: 'video',
  voice: 'voice',
};

function featuresOf({ params }: Line): Json {
  const features = [...typesOf(params)].flatMap((type) => FEATURES[type] ?? []);
  return features.length === 0 ? {} : { features: setOf(features) };
}

function typesOf(params: Line['params']): ReadonlySet<string> {
  return new Set((params.get('type') ?? []).flatMap((type) => type.toLowerCase().split(',')));
}

function add(card: Json, property: string, item: Json): void {
  const items = (card[property] as Json | undefined) ?? {};
  const wanted = Object.keys(item).length > 0;
  if (wanted) card[property] = { ...items, [String(Object.keys(items).length + 1)]: item };
}

function setOf(names: readonly string[]): Json {
  return Object.fromEntries(names.filter((name) => name !== '').map((name) => [name, true]));
}

function isUid(text: string): boolean {
  return /^[^\p{Cc}]{1,255}$/u.test(text);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

/** RFC 6350 §3.4: parts at unescaped separators, without escapes and outer blanks; those that hold more separators keep theirs. */
function splitAt(text: string, separator: ',' | ';', isUnescaped = false): readonly string[] {
  if (isUnescaped) return text.split(separator).map((part) => part.trim());
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string;
    if (letter === '\\' && at + 1 < text.length) {
      at++;
      part += /[nN]/.test(text[at] as string) ? '\n' : (text[at] as string);
    } else if (letter === separator) {
      parts.push(part.trim());
      part = '';
    } else part += letter;
  }
  return [...parts, part.trim()];
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\([\s\S])/g, (_, letter: string) => (/[nN]/.test(letter) ? '\n' : letter));
}
