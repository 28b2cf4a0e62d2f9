/** What a file in fetch-items/ is. */
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';
import type { ResponseWriter } from '#imap/wire/response-writer.ts';
import type { FetchedMessage } from '#imap/fetched-message.ts';

/** Row data an item is written from; they are read for many messages at once. What else it takes, it asks the message for. */
export const NEEDS = {
  /** Flags, uid, modSeq: nothing to read. */
  INDEX: 0,
  /** INTERNALDATE, size, ENVELOPE. */
  LIST_ROW: 1,
  /** The thread. */
  EMAIL_ROW: 2,
} as const;

/** One item as one FETCH asks for it. */
export interface FetchItem {
  /** Bits of NEEDS. */
  readonly needs: number;
  /** Whether writing waits for octets of the message: it may then fail, and is taken back. */
  readonly reads?: boolean;
  /** Whether a message so read becomes \Seen (RFC 9051 §6.4.5). */
  readonly marksSeen?: boolean;
  /**
   * Writes name and value. A promise only where something has to be read first; errors of reading (`notFound`,
   * `unavailable`) are let through, and UnknownEncoding.
   */
  write(message: FetchedMessage, out: ResponseWriter): void | Promise<void>;
}

export interface FetchItemDefinition {
  /** In upper case. */
  readonly name: string;
  /** What CAPABILITY says because of it. */
  readonly capability?: string;
  /** Reads what follows the name; throws `invalid`. */
  parse(input: ArgumentReader): FetchItem;
}

/** RFC 3516 §4.3 UNKNOWN-CTE: a part cannot be decoded. */
export class UnknownEncoding extends Error {}

/** For an item without anything after its name. */
export function plainItem(name: string, needs: number, write: FetchItem['write']): FetchItemDefinition {
  const item: FetchItem = { needs, write };
  return { name, parse: () => item };
}
