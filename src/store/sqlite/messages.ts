/** What threads say to the writer and back. Plain data: everything crosses by structured clone. */
import type { MessagePort } from 'node:worker_threads';
import type { MailErrorData } from '#base/errors.ts';
import type { OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import type { SectionKey, SectionName } from '#store/operations.ts';

/** One request on its way: [id, target, accountId (0 but for mail), name, args, octets of the messages it brings, changes of mail besides]. */
export type WireRequest = readonly [
  number,
  'mail' | SectionName,
  number,
  string,
  unknown,
  number,
  (readonly OperationRequest[])?,
];

export interface ClientMessage {
  /** The sending thread's clock, which operations see. */
  readonly nowMs: number;
  readonly requests: readonly WireRequest[];
  /** Accounts whose commits the thread wants to hear of from now on, and no longer. */
  readonly watch: readonly number[];
  readonly unwatch: readonly number[];
  /** Sections whose changes it wants to hear of from now on. */
  readonly watchSections?: readonly SectionName[];
}

export interface WriterMessage {
  readonly ids: readonly number[];
  /** One for each id. */
  readonly outcomes: readonly OperationOutcome[];
  /** accountId, modSeq, accountId, modSeq … */
  readonly changed: readonly number[];
  /** What changed in the sections the thread watches: section, key, section, key … */
  readonly touched: readonly SectionKey[];
}

/** What the writer thread is started with. */
export interface WriterSettings {
  readonly dataDir: string;
  readonly nowMs: number;
  /** A module exporting `mailOperations` and `directoryOperations`, for tests; the mailbox's own by default. */
  readonly operationsUrl?: string;
}

/** Main thread to writer thread. */
export type ControlMessage =
  | { readonly kind: 'connect'; readonly port: MessagePort }
  | { readonly kind: 'step'; readonly id: number; readonly step: MaintenanceStep }
  | { readonly kind: 'close' };

/** Writer thread to main thread. */
export type ControlReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: MailErrorData | { readonly code: 'fault'; readonly message: string } }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly fields: Record<string, unknown>;
      readonly message: string;
    }
  | { readonly kind: 'stepped'; readonly id: number; readonly value: number }
  | { readonly kind: 'stepFailed'; readonly id: number; readonly message: string };

/** One short piece of maintenance, run between two groups. Each answers a number. */
export type MaintenanceStep =
  /** Drops blobs unreferenced since before then, at most some hundreds; answers how many. */
  | { readonly name: 'dropBlobs'; readonly beforeMs: number }
  /** Drops change records of one account up to this modSeq; answers how many. */
  | { readonly name: 'dropChanges'; readonly accountId: number; readonly upToModSeq: number }
  /** Moves live records out of a segment, from this offset on; answers where to go on, or -1 when none is left. */
  | { readonly name: 'moveRecords'; readonly segment: number; readonly fromOffset: number }
  /** Deletes a segment file that no row names; answers its length. */
  | { readonly name: 'removeSegment'; readonly segment: number }
  /** The segment being appended to, which maintenance leaves alone. */
  | { readonly name: 'openSegment' }
  /** Empties the WAL into the database; answers 1 when a reader was in the way. */
  | { readonly name: 'checkpoint' }
  /** Writes a little to the open segment and the database, and changes nothing; answers 0. */
  | { readonly name: 'probe' };
