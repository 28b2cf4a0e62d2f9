/** What an import reads from: messages with their places, one after another, in bounded memory. */
import type { ImportLedger } from './ledger.ts';

export interface SourceMessage {
  readonly kind: 'message';
  /** What the ledger and reports call it: the offset in an mbox, the path in a Maildir. */
  readonly id: string;
  /** Levels below the target mailbox; empty for the target itself. */
  readonly levels: readonly string[];
  /** As it is stored: with CRLF. */
  readonly octets: Buffer;
  readonly keywords: readonly string[];
  /** IMAP \Deleted. */
  readonly deleted: boolean;
  /** INTERNALDATE; milliseconds since the epoch. */
  readonly receivedAt: number | undefined;
}

export interface SourceFailure {
  readonly kind: 'failure';
  readonly id: string;
  readonly reason: string;
}

/** Deleted in the source already, or no message at all. */
export interface SourceSkip {
  readonly kind: 'skip';
  readonly id: string;
}

export type SourceItem = SourceMessage | SourceFailure | SourceSkip;

export interface MailSource {
  /** For the progress line: how far it is and of how much, in words. */
  readonly progress: () => string;
  /** What the ledger has not done yet, oldest first; what failed before comes again. */
  read(ledger: ImportLedger): AsyncIterable<SourceItem>;
  /** How the ledger remembers that everything up to and with `lastId` is done. */
  mark(lastId: string): Promise<{ readonly offset: number; readonly fingerprint: string } | undefined>;
  /** Whether the source is still the one that the ledger speaks of. */
  isAsRemembered(ledger: ImportLedger): Promise<boolean>;
}
