/** Header fields in the forms of RFC 8621 §4.1.2: `header:List-Unsubscribe:asURLs:all`. */
import type { EmailAddress, EmailAddressGroup, EmailHeader } from '#contract/jmap/email.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { parseAddressList } from '#mime/address.ts';
import { parseZonedDate } from '#mime/date.ts';
import { parseMessageIds } from '#mime/digest.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import type { HeaderField, HeaderFields } from '#mime/header.ts';

export const HEADER_FORMS = ['Raw', 'Text', 'Addresses', 'GroupedAddresses', 'MessageIds', 'Date', 'URLs'] as const;
export type HeaderForm = (typeof HEADER_FORMS)[number];

export interface HeaderProperty {
  /** As the client wrote it: that is what the answer is called. */
  readonly property: string;
  readonly name: string;
  readonly lowerName: string;
  readonly form: HeaderForm;
  readonly isAll: boolean;
}

const ADDRESS_FIELDS: ReadonlySet<string> = new Set(
  'from sender reply-to to cc bcc resent-from resent-sender resent-reply-to resent-to resent-cc resent-bcc'.split(' '),
);
const MESSAGE_ID_FIELDS: ReadonlySet<string> = new Set(
  'message-id in-reply-to references resent-message-id'.split(' '),
);
const DATE_FIELDS: ReadonlySet<string> = new Set(['date', 'resent-date']);
const URL_FIELDS: ReadonlySet<string> = new Set(
  'list-help list-unsubscribe list-subscribe list-post list-owner list-archive'.split(' '),
);
const TEXT_FIELDS: ReadonlySet<string> = new Set(['subject', 'comments', 'keywords', 'list-id']);
/** Defined in RFC 5322 or RFC 2369 and none of the above: only Raw. */
const OTHER_FIELDS: ReadonlySet<string> = new Set(['return-path', 'received']);

const FIELDS_OF: Readonly<Record<HeaderForm, ReadonlySet<string> | 'every'>> = {
  Raw: 'every',
  Text: TEXT_FIELDS,
  Addresses: ADDRESS_FIELDS,
  GroupedAddresses: ADDRESS_FIELDS,
  MessageIds: MESSAGE_ID_FIELDS,
  Date: DATE_FIELDS,
  URLs: URL_FIELDS,
};
const DEFINED_FIELDS: readonly ReadonlySet<string>[] = [
  ADDRESS_FIELDS,
  MESSAGE_ID_FIELDS,
  DATE_FIELDS,
  URL_FIELDS,
  TEXT_FIELDS,
  OTHER_FIELDS,
];

/** Undefined: not a `header:` property at all. Throws `invalidArguments` for one that is wrong. */
export function parseHeaderProperty(property: string): HeaderProperty | undefined {
  if (!property.startsWith('header:')) return undefined;
  const refuse = (): MethodError => new MethodError('invalidArguments', `there is no property ${property}`);
  const [, name = '', ...options] = property.split(':');
  const isAll = options.at(-1) === 'all';
  if (isAll) options.pop();
  const [option, ...more] = options;
  const form = option === undefined ? 'Raw' : HEADER_FORMS.find((one) => `as${one}` === option);
  // RFC 5322 §2.2: printable ASCII without the colon.
  if (form === undefined || more.length > 0 || !/^[!-9;-~]{1,200}$/.test(name)) throw refuse();
  const lowerName = name.toLowerCase();
  if (!mayHaveForm(lowerName, form)) throw refuse();
  return { property, name, lowerName, form, isAll };
}

/** RFC 8621 §4.1.2: a form is for its fields, and for all that no standard defines. */
export function mayHaveForm(lowerName: string, form: HeaderForm): boolean {
  const fields = FIELDS_OF[form];
  return fields === 'every' || fields.has(lowerName) || !DEFINED_FIELDS.some((defined) => defined.has(lowerName));
}

/** The property's value: of the last field of that name, or of all in order. */
export function readHeaderProperty({ lowerName, form, isAll }: HeaderProperty, header: Header): unknown {
  const fields = header.fields.fields.filter((field) => field.lowerName === lowerName);
  if (isAll) return fields.map((field) => readField(header, field, form));
  const last = fields.at(-1);
  return last === undefined ? null : readField(header, last, form);
}

/** A header section with the octets it was read from. */
export interface Header {
  readonly octets: Buffer;
  readonly fields: HeaderFields;
}

export function readHeaders({ octets, fields }: Header): readonly EmailHeader[] {
  return fields.fields.map((field) => ({ name: field.name, value: readRaw(octets, field) }));
}

function readField({ octets, fields }: Header, field: HeaderField, form: HeaderForm): unknown {
  switch (form) {
    case 'Raw':
      return readRaw(octets, field);
    case 'Text':
      return decodeHeaderText(fields.value(field)).normalize('NFC');
    case 'Addresses':
      return parseAddressList(fields.value(field)).addresses.map(toEmailAddress);
    case 'GroupedAddresses':
      return readGroups(fields.value(field));
    case 'MessageIds': {
      const ids = parseMessageIds(fields.value(field));
      return ids.length === 0 ? null : ids;
    }
    case 'Date': {
      const date = parseZonedDate(fields.value(field));
      return date === undefined ? null : formatZonedDate(date.ms, date.offsetMinutes);
    }
    case 'URLs': {
      // RFC 2369 §2: between angle brackets; white space inside them is nobody's.
      const urls = [...fields.value(field).matchAll(/<([^<>]{1,4096})>/g)].map((match) =>
        (match[1] ?? '').replace(/\s+/g, ''),
      );
      return urls.length === 0 ? null : urls;
    }
  }
}

/** RFC 8621 §4.1.2.1: what follows the colon, without the line end; NUL goes, what is no UTF-8 is U+FFFD. */
function readRaw(octets: Buffer, { valueStart, end }: HeaderField): string {
  return octets
    .toString('utf8', valueStart, end)
    .replace(/\r?\n$/, '')
    .replaceAll('\0', '');
}

function readGroups(value: string): readonly EmailAddressGroup[] {
  const groups: { name: string | null; addresses: EmailAddress[] }[] = [];
  let isOpen = false;
  for (const entry of parseAddressList(value).entries) {
    if (entry.kind === 'groupStart') {
      groups.push({ name: entry.name, addresses: [] });
      isOpen = true;
    } else if (entry.kind === 'groupEnd') isOpen = false;
    else {
      let group = groups.at(-1);
      if (group === undefined || (!isOpen && group.name !== null)) groups.push((group = { name: null, addresses: [] }));
      group.addresses.push({ name: entry.name ?? null, email: entry.email });
    }
  }
  return groups;
}

export function toEmailAddress({ name, email }: { readonly name?: string; readonly email: string }): EmailAddress {
  return { name: name ?? null, email };
}

/** RFC 8621 §4.1.2.5: as the author's clock showed it. */
export function formatZonedDate(ms: number, offsetMinutes: number): string {
  const zone = Math.abs(offsetMinutes);
  // RFC 3339 §5.6 has no hour 24.
  if (zone === 0 || zone >= 24 * 60) return formatUtcDate(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}:${two(zone % 60)}`;
  return formatUtcDate(ms + offsetMinutes * 60_000).replace('Z', offset);
}

/** RFC 8620 §1.4: no fraction of zero. */
export function formatUtcDate(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
}
