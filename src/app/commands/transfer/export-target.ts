/** Where an export writes: takes one mailbox after another and its messages in order. */
import type { Flags } from './keywords.ts';

export interface ExportedMessage extends Flags {
  readonly octets: Buffer;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Unique within the account. */
  readonly key: string;
  readonly sender: string;
}

export interface ExportTarget {
  /** Begins a mailbox; answers where it goes, relative to the export's folder. */
  openMailbox(path: string): Promise<string>;
  write(message: ExportedMessage): Promise<void>;
  closeMailbox(): Promise<void>;
}
