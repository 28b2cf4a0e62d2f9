/** What filters look at in a message: its texts, folded once for however many rules of however many accounts. */
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import type { HeaderFields } from '#mime/header.ts';
import type { MailAddress, MessageSummary } from '#mime/structure.ts';
import { FILTER_WORK_LIMITS } from './limits.ts';

export type TextField = 'from' | 'recipient' | 'subject' | 'list' | 'header';

export interface MessageParts {
  readonly summary: Pick<MessageSummary, 'from' | 'to' | 'cc' | 'subject' | 'hasAttachment'>;
  /** The header at least; empty where no rule asks for a field of it. */
  readonly octets: Uint8Array;
  readonly sizeBytes: number;
  /** Empty where there is none, or nobody knows it any more. */
  readonly reversePath: string;
  /** Whether its author's domain is one of ours, as far as is known. */
  readonly isInside: boolean;
}

export class MessageFacts {
  readonly sizeBytes: number;
  readonly hasAttachment: boolean;
  readonly isInside: boolean;
  /** Lower case, of authors; and of who sent it in their name. */
  readonly authors: readonly string[];
  readonly reversePath: string;
  readonly #parts: MessageParts;
  readonly #texts = new Map<string, readonly string[]>();
  #header: HeaderFields | undefined;

  constructor(parts: MessageParts) {
    this.#parts = parts;
    this.sizeBytes = parts.sizeBytes;
    this.hasAttachment = parts.summary.hasAttachment;
    this.isInside = parts.isInside;
    this.authors = parts.summary.from.slice(0, FILTER_WORK_LIMITS.texts).map(({ email }) => email.toLowerCase());
    this.reversePath = parts.reversePath.toLowerCase();
  }

  /** Of a field, folded: of an address its name, itself, and both. `name`: which field of the header, in lower case. */
  texts(field: TextField, name = ''): readonly string[] {
    const key = `${field} ${name}`;
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const texts = this.#read(field, name)
      .slice(0, FILTER_WORK_LIMITS.texts)
      .map((text) => foldText(text.slice(0, FILTER_WORK_LIMITS.textLength)));
    this.#texts.set(key, texts);
    return texts;
  }

  #read(field: TextField, name: string): readonly string[] {
    const { from, to, cc, subject } = this.#parts.summary;
    switch (field) {
      case 'from':
        return from.flatMap(spellings);
      case 'recipient':
        return [...to, ...cc].flatMap(spellings);
      case 'subject':
        return [subject];
      // RFC 2919 §2: what stands in the brackets names the list.
      case 'list':
        return this.#fields('list-id').flatMap((value) => [value, /<([^<>]*)>/.exec(value)?.[1] ?? value]);
      case 'header':
        return this.#fields(name);
    }
  }

  #fields(lowerName: string): readonly string[] {
    this.#header ??= parseHeader(this.#parts.octets);
    return this.#header.all(lowerName).map((value) => decodeHeaderText(value));
  }
}

function spellings({ name = '', email }: MailAddress): readonly string[] {
  return name === '' ? [email] : [name, email, `${name} <${email}>`];
}

/** As texts are compared: wide and narrow forms, and capitals, are the same. */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}
