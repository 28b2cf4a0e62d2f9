/**
 * What an import has done: a file of JSON lines in data_dir/imports, one for each account and source. It is written
 * after the store has committed, so it may lag behind the store by one batch but never be ahead of it; what it lags
 * by is found in the account (mail/known-emails.ts).
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { AccountId } from '#base/ids.ts';

export const IMPORTS_FOLDER = 'imports';

interface Head {
  readonly format: 1;
  readonly accountId: number;
  readonly source: string;
  /** For messages that tell no date. */
  readonly startedAt: number;
  /** Emails with lower ids were there before the first import. */
  readonly firstEmailId: number;
}

interface BatchLine {
  /** Emails of this import that the ledger does not know of have this id or a higher one. */
  readonly nextEmailId: number;
  readonly offset?: number;
  readonly fingerprint?: string;
  readonly done?: readonly string[];
  readonly failed?: readonly string[];
  readonly mended?: readonly string[];
  /** The source was changed: everything before is to be looked at again. */
  readonly restart?: true;
}

export class ImportLedger {
  readonly #path: string;
  readonly head: Head;
  readonly isNew: boolean;
  /** Where to go on in an mbox. */
  offset = 0;
  fingerprint = '';
  nextEmailId: number;
  /** Files of a Maildir that are done. */
  readonly done = new Set<string>();
  readonly #failed = new Set<string>();

  constructor(
    dataDir: string,
    key: { readonly accountId: AccountId; readonly source: string },
    fresh: Omit<Head, 'format' | 'accountId' | 'source'>,
  ) {
    const folder = join(dataDir, IMPORTS_FOLDER);
    const name = hash('sha256', `${key.accountId}\0${key.source}`, 'hex').slice(0, 24);
    this.#path = join(folder, `${name}.ledger`);
    const lines = readWholeLines(this.#path);
    const head = lines[0] as Head | undefined;
    this.isNew = head === undefined;
    this.head = head ?? { format: 1, ...key, ...fresh };
    this.nextEmailId = this.head.firstEmailId;
    if (head === undefined) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#append(this.head);
    }
    for (const line of lines.slice(1)) this.#apply(line as BatchLine);
  }

  /** What could not be imported and was not since. */
  get failed(): readonly string[] {
    return [...this.#failed];
  }

  hasFailed(id: string): boolean {
    return this.#failed.has(id);
  }

  /** To be called once the store has committed what it speaks of. */
  record(line: BatchLine): void {
    this.#apply(line);
    this.#append(line);
  }

  #apply(line: BatchLine): void {
    if (line.restart === true) {
      this.offset = 0;
      this.#failed.clear();
    }
    this.nextEmailId = line.nextEmailId;
    this.offset = line.offset ?? this.offset;
    this.fingerprint = line.fingerprint ?? this.fingerprint;
    for (const id of line.done ?? []) this.done.add(id);
    for (const id of line.failed ?? []) this.#failed.add(id);
    for (const id of line.mended ?? []) this.#failed.delete(id);
  }

  #append(line: object): void {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }
}

/** A last line that was cut off by a crash is cut off here too, so that what is appended begins a line. */
function readWholeLines(path: string): object[] {
  if (!existsSync(path)) return [];
  const octets = readFileSync(path);
  const length = octets.lastIndexOf(10) + 1;
  if (length < octets.length) truncateSync(path, length);
  return octets
    .toString('utf8', 0, length)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as object);
}
