/** What is asked of an Email, and the part of the answer that its octets give: for Email/get and Email/parse alike. */
import {
  BODY_PROPERTIES,
  DEFAULT_BODY_PROPERTIES,
  DEFAULT_EMAIL_PROPERTIES,
  EMAIL_PROPERTIES,
} from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { parseHeader } from '#mime/header.ts';
import type { MessageSummary, MimePart } from '#mime/structure.ts';
import { decompose, leavesOf, numberParts, PartView, type NumberedPart } from './body-parts.ts';
import { readBodyValue } from './body-values.ts';
import {
  formatZonedDate,
  parseHeaderProperty,
  readHeaderProperty,
  readHeaders,
  toEmailAddress,
  type HeaderProperty,
} from './header-forms.ts';

export interface BodyArguments {
  readonly properties: readonly string[] | null;
  readonly bodyProperties: readonly string[] | null;
  readonly fetchTextBodyValues: boolean;
  readonly fetchHTMLBodyValues: boolean;
  readonly fetchAllBodyValues: boolean;
  readonly maxBodyValueBytes: number;
}

/** From the columns a list shows. */
const SUMMARY_PROPERTIES: ReadonlySet<string> = new Set(
  'messageId inReplyTo references sender from to cc bcc replyTo subject sentAt hasAttachment preview'.split(' '),
);
const PART_PROPERTIES: ReadonlySet<string> = new Set('bodyStructure textBody htmlBody attachments'.split(' '));

export class EmailView {
  readonly properties: ReadonlySet<string>;
  readonly #headers: readonly HeaderProperty[];
  readonly #bodyProperties: ReadonlySet<string>;
  readonly #args: BodyArguments;

  /** Throws `invalidArguments`. */
  constructor(args: BodyArguments, byDefault: readonly string[] = DEFAULT_EMAIL_PROPERTIES) {
    this.#args = args;
    const asked = args.properties ?? byDefault;
    this.properties = new Set(asked);
    this.#headers = asked.flatMap((property) => requireKnown(property, EMAIL_PROPERTIES, 'properties') ?? []);
    const body = args.bodyProperties ?? DEFAULT_BODY_PROPERTIES;
    for (const property of body) requireKnown(property, BODY_PROPERTIES, 'bodyProperties');
    // A structure is a tree whether or not that is said.
    this.#bodyProperties = new Set(this.properties.has('bodyStructure') ? [...body, 'subParts'] : body);
  }

  has(property: string): boolean {
    return this.properties.has(property);
  }

  get needsSummary(): boolean {
    return this.properties.intersection(SUMMARY_PROPERTIES).size > 0;
  }

  /** The header is not enough. */
  get needsBody(): boolean {
    return this.properties.intersection(PART_PROPERTIES).size > 0 || this.#needsValues;
  }

  get needsHeader(): boolean {
    return this.#headers.length > 0 || this.has('headers');
  }

  get #needsValues(): boolean {
    const { fetchTextBodyValues, fetchHTMLBodyValues, fetchAllBodyValues } = this.#args;
    return this.has('bodyValues') && (fetchTextBodyValues || fetchHTMLBodyValues || fetchAllBodyValues);
  }

  summaryValues(summary: MessageSummary, preview: string): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const property of this.properties)
      if (SUMMARY_PROPERTIES.has(property)) values[property] = summaryValue(summary, preview, property);
    return values;
  }

  headerValues(octets: Buffer): Record<string, unknown> {
    const header = { octets, fields: parseHeader(octets) };
    const values: Record<string, unknown> = {};
    if (this.has('headers')) values['headers'] = readHeaders(header);
    for (const property of this.#headers) values[property.property] = readHeaderProperty(property, header);
    return values;
  }

  bodyValues(octets: Buffer, structure: MimePart, blobId: (number: string) => Id): Record<string, unknown> {
    const root = numberParts(structure);
    const lists = decompose(root);
    const view = new PartView(octets, this.#bodyProperties, blobId);
    const values: Record<string, unknown> = {};
    if (this.has('bodyStructure')) values['bodyStructure'] = view.show(root);
    for (const name of ['textBody', 'htmlBody', 'attachments'] as const)
      if (this.has(name)) values[name] = lists[name].map((one) => view.show(one));
    if (this.has('bodyValues')) {
      const wanted = new Map(this.#valuesWanted(root, lists).map((one) => [one.number, one.part]));
      values['bodyValues'] = Object.fromEntries(
        Array.from(wanted, ([number, part]) => [number, readBodyValue(octets, part, this.#args.maxBodyValueBytes)]),
      );
    }
    return values;
  }

  #valuesWanted(root: NumberedPart, lists: ReturnType<typeof decompose>): readonly NumberedPart[] {
    const { fetchTextBodyValues, fetchHTMLBodyValues, fetchAllBodyValues } = this.#args;
    const asked = fetchAllBodyValues
      ? leavesOf(root)
      : [...(fetchTextBodyValues ? lists.textBody : []), ...(fetchHTMLBodyValues ? lists.htmlBody : [])];
    return asked.filter(({ part }) => part.type === 'text');
  }
}

/** The header form that the property names, if it names one. */
function requireKnown(property: string, known: readonly string[], where: string): HeaderProperty | undefined {
  if (known.includes(property)) return undefined;
  const header = parseHeaderProperty(property);
  if (header === undefined) throw new MethodError('invalidArguments', `/${where}: there is no ${property}`);
  return header;
}

function summaryValue(summary: MessageSummary, preview: string, property: string): unknown {
  switch (property) {
    case 'subject':
      return summary.subject === '' ? null : summary.subject;
    case 'sentAt':
      return summary.sentAtMs === undefined
        ? null
        : formatZonedDate(summary.sentAtMs, summary.sentAtOffsetMinutes ?? 0);
    case 'hasAttachment':
      return summary.hasAttachment;
    case 'preview':
      return preview;
    case 'messageId':
    case 'inReplyTo':
    case 'references':
      return orNull(summary[property]);
    default:
      return orNull(summary[property as 'from'].map(toEmailAddress));
  }
}

function orNull<Item>(items: readonly Item[]): readonly Item[] | null {
  return items.length === 0 ? null : items;
}
