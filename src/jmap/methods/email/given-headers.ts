/** Header fields as Email/set is given them (RFC 8621 §4.6): `subject`, `header:X-Priority:asText`. */
import type { EmailAddress } from '#contract/jmap/email.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject } from '#jmap/core/set.ts';
import { formatAddress } from '#mime/address.ts';
import { formatAddressField, formatHeaderField } from '#mime/compose.ts';
import { formatDate } from '#mime/date.ts';
import { cleanText, encodeHeaderText } from '#mime/encoded-word.ts';
import * as v from 'valibot';
import { parseHeaderProperty, type HeaderForm } from './header-forms.ts';

export interface GivenHeader {
  readonly name: string;
  readonly lowerName: string;
  readonly form: HeaderForm;
  /** One for each field to write. */
  readonly values: readonly unknown[];
}

/** RFC 8621 §4.1.2.3 and §4.1.3: properties that are fields in a form of their own. */
const CONVENIENT: Readonly<Record<string, string>> = {
  sender: 'header:Sender:asAddresses',
  from: 'header:From:asAddresses',
  replyTo: 'header:Reply-To:asAddresses',
  to: 'header:To:asAddresses',
  cc: 'header:Cc:asAddresses',
  bcc: 'header:Bcc:asAddresses',
  subject: 'header:Subject:asText',
  sentAt: 'header:Date:asDate',
  messageId: 'header:Message-ID:asMessageIds',
  inReplyTo: 'header:In-Reply-To:asMessageIds',
  references: 'header:References:asMessageIds',
};

/** What the structure says already. */
const OF_PARTS = /^content-/;

/** In the order given. Throws ObjectError `invalidProperties`. */
export function readGivenHeaders(properties: Patch, of: 'message' | 'part', where?: string): readonly GivenHeader[] {
  const seen = new Set<string>();
  const given: GivenHeader[] = [];
  for (const [property, value] of Object.entries(properties)) {
    const isConvenient = of === 'message' && Object.hasOwn(CONVENIENT, property);
    if (!isConvenient && !property.startsWith('header:')) continue;
    const refuse = (description: string): ObjectError =>
      new ObjectError('invalidProperties', `${property}: ${description}`, { properties: [where ?? property] });
    const header = readProperty(isConvenient ? (CONVENIENT[property] as string) : property, refuse);
    const { name, lowerName, form, isAll } = header;
    if (seen.has(lowerName)) throw refuse('this field is given twice');
    seen.add(lowerName);
    if (OF_PARTS.test(lowerName) && (of === 'message' || FIXED_OF_PARTS.has(lowerName)))
      throw refuse('is said by the structure');
    if (of === 'message' && lowerName === 'mime-version') throw refuse('is written by the server');
    if (value === null) continue;
    const values = isAll ? value : [value];
    if (!Array.isArray(values)) throw refuse('is a list');
    const checked = values.map((one: unknown) => checkValue(form, one, refuse));
    given.push({ name, lowerName, form, values: checked });
  }
  return given;
}

const FIXED_OF_PARTS: ReadonlySet<string> = new Set([
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-id',
  'content-language',
  'content-location',
]);

function readProperty(property: string, refuse: (description: string) => ObjectError) {
  try {
    const header = parseHeaderProperty(property);
    if (header !== undefined) return header;
  } catch {
    // Told below, as what is wrong with this object.
  }
  throw refuse('there is no such property');
}

const Line = v.pipe(v.string(), v.maxLength(100_000));
const Address = v.strictObject({ name: v.optional(v.nullable(Line), null), email: Line });
const MessageId = v.pipe(v.string(), v.regex(/^[!-;=?-~]{1,900}$/, 'not a message id'));

const FORMS: Readonly<Record<HeaderForm, v.GenericSchema>> = {
  // Folded as the client will, but no line end may begin another field.
  Raw: v.pipe(
    Line,
    v.check((text) => !/\r(?!\n)|\n(?![ \t])|\0/.test(text.replace(/\r\n(?=[ \t])/g, '')), 'not one field'),
  ),
  Text: Line,
  Addresses: v.array(Address),
  GroupedAddresses: v.array(v.strictObject({ name: v.optional(v.nullable(Line), null), addresses: v.array(Address) })),
  MessageIds: v.array(MessageId),
  Date: v.pipe(
    v.string(),
    v.check((text) => !Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\dT/.test(text), 'not a Date'),
  ),
  URLs: v.array(v.pipe(v.string(), v.regex(/^[!-;=?-~]{1,900}$/, 'not a URL'))),
};

function checkValue(form: HeaderForm, value: unknown, refuse: (description: string) => ObjectError): unknown {
  try {
    return checkObject(FORMS[form], value);
  } catch (error) {
    throw error instanceof ObjectError ? refuse(error.message) : error;
  }
}

/** The fields, each ended by CRLF. */
export function formatHeaderValue({ name, form, values }: GivenHeader): string {
  return values.map((value) => formatOne(name, form, value)).join('');
}

function formatOne(name: string, form: HeaderForm, value: unknown): string {
  switch (form) {
    case 'Raw': {
      const text = (value as string).trim();
      return /^[\t\r\n\x20-\x7e]*$/.test(text) && text.includes('\r\n')
        ? `${name}: ${text}\r\n`
        : formatHeaderField(name, text);
    }
    case 'Text':
      return formatHeaderField(name, value as string);
    case 'Addresses':
      return formatAddressField(name, (value as EmailAddress[]).map(toMailAddress));
    case 'GroupedAddresses':
      return formatGroups(name, value as readonly { name: string | null; addresses: readonly EmailAddress[] }[]);
    case 'MessageIds':
    case 'URLs':
      return formatHeaderField(name, (value as string[]).map((one) => `<${one}>`).join(form === 'URLs' ? ', ' : ' '));
    case 'Date':
      return formatHeaderField(name, formatDate(Date.parse(value as string), offsetOf(value as string)));
  }
}

function toMailAddress({ name, email }: EmailAddress): { name?: string; email: string } {
  return name === null || name === '' ? { email } : { name, email };
}

function formatGroups(
  name: string,
  groups: readonly { readonly name: string | null; readonly addresses: readonly EmailAddress[] }[],
): string {
  const written = groups.map((group) => {
    const addresses = group.addresses.map((one) => formatAddress(toMailAddress(one))).join(', ');
    return group.name === null ? addresses : `${groupName(group.name)}: ${addresses};`;
  });
  return `${name}: ${written.join(',\r\n ')}\r\n`;
}

function groupName(name: string): string {
  const clean = cleanText(name).trim();
  return /^[A-Za-z0-9 -]+$/.test(clean)
    ? clean
    : /^[\x20-\x7e]*$/.test(clean)
      ? `"${clean.replace(/["\\]/g, '\\$&')}"`
      : encodeHeaderText(clean);
}

/** Minutes east of UTC, as the date says; Beijing's for `Z`, which says nothing of where it was written. */
function offsetOf(date: string): number {
  const match = /([+-])(\d\d):(\d\d)$/.exec(date);
  if (match === null) return 480;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
