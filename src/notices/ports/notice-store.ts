/** What notices need of a storage backend: rows, not rules. The rules are in operations.ts. */
import type { NoticeFile, NoticeFileRow, NoticeHead, NoticeRow, NoticeView } from '#notices/types.ts';

export interface NoticeReader {
  /** All of them, the newest first: at most `limit` with ids below `before`. */
  all(before: number, limit: number): Promise<readonly NoticeHead[]>;
  /** Those that stand and are for everybody or `realm` (null: for everybody alone), ids below `before`, the newest first. */
  older(realm: string | null, before: number, limit: number): Promise<readonly NoticeHead[]>;
  /** The same with ids above `after`, the oldest first. */
  newer(realm: string | null, after: number, limit: number): Promise<readonly NoticeHead[]>;
  notice(noticeId: number): Promise<NoticeRow | undefined>;
  /** In their order, which is what they are counted by, from 0. */
  files(noticeId: number): Promise<readonly NoticeFileRow[]>;
  /** Octets [start, end) of a file, as many of them as there are; undefined: there is no such file. */
  fileOctets(noticeId: number, at: number, start: number, end: number): Promise<Uint8Array | undefined>;
}

export interface NoticeTransaction extends NoticeReader {
  readonly nowMs: number;
  insert(row: NoticeRow): Promise<void>;
  insertFile(noticeId: number, at: number, file: NoticeFile): Promise<void>;
  setText(row: Pick<NoticeRow, 'noticeId' | 'number' | 'title' | 'body' | 'editedAt'>): Promise<void>;
  setWithdrawn(noticeId: number, at: number): Promise<void>;
  addView(noticeId: number): Promise<void>;
  /** False, and nothing is changed: the slot holds the same mark, seen after `after`. */
  noteView(view: NoticeView, after: number): Promise<boolean>;
}

export interface NoticeStore {
  readonly reader: NoticeReader;
  /** Runs an operation of notices (names and arguments: #notices/operations.ts) atomically; durable when it resolves. */
  run(name: string, args: unknown): Promise<unknown>;
}

export interface NoticeOperation {
  readonly durable?: boolean;
  run(tx: NoticeTransaction, args: never): Promise<unknown>;
}
