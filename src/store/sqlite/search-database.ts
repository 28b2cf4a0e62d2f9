/**
 * Where the embedded store keeps its search index: a database of its own, so that nothing here ever waits for the mail's
 * writer or holds it up. It is made of the mail alone: whatever is wrong with the file, another takes its place and is
 * filled anew.
 *
 * A write is not synced by itself (`synchronous = NORMAL`): what a power cut takes is taken whole, texts and how far they
 * reach, and is indexed again.
 */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { errorText } from '#base/errors.ts';
import { columnTypes, searchTables } from '#store/sql/schema.ts';
import type { SearchDatabase } from '#store/sql/search-index.ts';
import type { SqlSession } from '#store/sql/session.ts';
import { SqliteSession, isDamaged, openReaderDatabase } from './database.ts';

/** Changes whenever the tables or the analyser's results do: what another version made is thrown away and made anew. */
const INDEX_VERSION = 2;

/** Octets: four blocks of posting lists, or one long list. */
const PAGE_BYTES = 8_192;

/** Ends the name of an index that was set aside. */
const DAMAGED_SUFFIX = '.damaged';

/**
 * Creates the index; or replaces one that another version made, or one that is damaged, which is set aside: then answers
 * what is wrong with it. Nobody but readers may have it open: they go on with what they have until they look again.
 */
export function prepareSearchDatabase(path: string): string | undefined {
  let damage: string | undefined;
  try {
    if (existsSync(distrusted(path))) throw new Error('it was found damaged when it was read');
    if (readVersion(path) === INDEX_VERSION) return undefined;
  } catch (error) {
    damage = errorText(error);
    removeDatabase(`${path}${DAMAGED_SUFFIX}`);
    renameSync(path, `${path}${DAMAGED_SUFFIX}`);
    rmSync(distrusted(path), { force: true });
  }
  // Under another name until it is whole: whoever opens it meanwhile finds nothing, or all of it.
  const newPath = `${path}.new`;
  removeDatabase(newPath);
  const db = new DatabaseSync(newPath);
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; BEGIN;
    ${searchTables(columnTypes('sqlite')).join(';')}; PRAGMA user_version = ${INDEX_VERSION}; COMMIT`);
  db.close();
  removeDatabase(path);
  renameSync(newPath, path);
  return damage;
}

/** `undefined` when there is none. Throws when its first pages are damaged; others are seen when they are used. */
function readVersion(path: string): unknown {
  if (!existsSync(path)) return undefined;
  const db = new DatabaseSync(path);
  try {
    // When it is closed, its WAL is emptied, which readers cannot do.
    db.prepare('SELECT count(*) FROM search_progress').get();
    return db.prepare('PRAGMA user_version').get()?.['user_version'];
  } finally {
    db.close();
  }
}

/** A file beside the index that says that it is damaged. */
function distrusted(path: string): string {
  return `${path}.distrusted`;
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}

interface Opened {
  readonly db: DatabaseSync;
  readonly session: SqliteSession;
  /** Which file it is. */
  readonly inode: number;
}

export class SqliteSearchDatabase implements SearchDatabase {
  readonly #path: string;
  readonly #mailPath: string;
  #reader: Opened | undefined;
  #writer: Opened | undefined;
  /** One transaction at a time on each connection. */
  #lastRead: Promise<unknown> = Promise.resolve();
  #lastChange: Promise<unknown> = Promise.resolve();

  /** Opens files when they are first needed: few threads search, and one writes. */
  constructor(path: string, mailPath: string) {
    this.#path = path;
    this.#mailPath = mailPath;
  }

  read<T>(body: (session: SqlSession) => Promise<T>): Promise<T> {
    const result = this.#lastRead.then(() => {
      this.#reader = this.#current(this.#reader, () => {
        const db = openReaderDatabase(this.#path);
        db.prepare('ATTACH ? AS mail').run(this.#mailPath);
        return db;
      });
      return this.#inTransaction(this.#reader, 'BEGIN', body);
    });
    this.#lastRead = result.catch(() => undefined);
    return result;
  }

  change<T>(body: (session: SqlSession) => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(async () => {
      // The mail is not attached here: a transaction that writes would lock it too.
      this.#writer = this.#current(this.#writer, () => {
        const db = new DatabaseSync(this.#path, { timeout: 5_000 });
        db.exec('PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY');
        return db;
      });
      return this.#inTransaction(this.#writer, 'BEGIN IMMEDIATE', body);
    });
    this.#lastChange = result.catch(() => undefined);
    return result;
  }

  async mend(): Promise<string | undefined> {
    if (existsSync(this.#path) && !existsSync(distrusted(this.#path))) return undefined;
    await this.#lastChange;
    this.#writer?.db.close();
    this.#writer = undefined;
    return prepareSearchDatabase(this.#path) ?? 'its file was gone';
  }

  close(): void {
    for (const open of [this.#reader, this.#writer]) open?.db.close();
    this.#reader = undefined;
    this.#writer = undefined;
  }

  /** What is open, as long as it is still the index's file. */
  #current(opened: Opened | undefined, open: () => DatabaseSync): Opened {
    const { ino: inode } = statSync(this.#path);
    if (opened?.inode === inode) return opened;
    opened?.db.close();
    const db = open();
    return { db, session: new SqliteSession(db), inode };
  }

  async #inTransaction<T>(
    { db, session }: Opened,
    begin: 'BEGIN' | 'BEGIN IMMEDIATE',
    body: (session: SqlSession) => Promise<T>,
  ): Promise<T> {
    try {
      db.exec(begin);
      const value = await body(session);
      db.exec('COMMIT');
      return value;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      if (isDamaged(error)) writeFileSync(distrusted(this.#path), '');
      throw error;
    }
  }
}
