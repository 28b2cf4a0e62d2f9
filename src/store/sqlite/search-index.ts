/**
 * SearchIndex over FTS5, in a database of its own, so that nothing here ever waits for the mail's writer or holds it up.
 *
 * A text's row id is made of account and Email, so that one account's texts are one range of ids: FTS5 seeks to the
 * range in each token's list and passes over nothing of other accounts, however much mail the store holds. What many
 * accounts have (announcements) is one text in the range of no account, beside a narrow row for each who has it.
 *
 * The tokens are the analyser's: FTS5's own `ascii` tokenizer only splits them at blanks again. The table is contentless:
 * it holds positions and no text. A write is not synced by itself (`synchronous = NORMAL`): what a power cut takes is
 * taken whole, texts and how far they reach, and is indexed again.
 */
import { existsSync, rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import type { AccountId, BlobKey, EmailId } from '#base/ids.ts';
import { needleTokens, textTokens } from '#search/analyse.ts';
import type { IndexBacklog, IndexEntry, IndexHits, IndexSlice, SearchIndex } from '#search/ports/search-index.ts';
import { SEARCH_FIELDS, type SearchDocument, type SearchField, type SearchQuery } from '#search/types.ts';
import { SHARED_TEXT_REFERENCES, TIDY_STEP_TEXTS } from '#store/limits.ts';
import { type SqlValue, toList } from '#store/sql/session.ts';
import { SqliteSession, openReaderDatabase } from './database.ts';

/** Changes whenever the tables or the analyser's results do: what another version made is thrown away and made anew. */
const INDEX_VERSION = 1;

/** Row ids of one account's texts; account 0's are the shared ones, by blob. */
const RANGE = 0x1_0000_0000;
const FIRST = 1 as EmailId;

const COLUMN: Readonly<Record<SearchField, string>> = {
  subject: 'subject',
  from: 'sender',
  to: 'recipient',
  cc: 'cc',
  bcc: 'bcc',
  body: 'body',
  header: 'header',
  fileName: 'file_name',
  fileText: 'file_text',
};
/** FTS5 spends two octets on every token of a text that is not of the first column. */
const FIELDS: readonly SearchField[] = ['body', ...SEARCH_FIELDS.filter((field) => field !== 'body')];
const COLUMNS = FIELDS.map((field) => COLUMN[field]);

const SCHEMA = `
  CREATE VIRTUAL TABLE text USING fts5 (${COLUMNS.join(', ')},
    content = '', contentless_delete = 1, tokenize = 'ascii');
  CREATE TABLE progress (account_id INTEGER PRIMARY KEY, next_email_id INTEGER NOT NULL);
  CREATE TABLE shared_text (
    account_id INTEGER NOT NULL, blob_key INTEGER NOT NULL, email_id INTEGER NOT NULL,
    PRIMARY KEY (account_id, blob_key, email_id)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${INDEX_VERSION}`;

const INSERT_TEXT = `INSERT INTO text (rowid, ${COLUMNS.join(', ')}) VALUES (?${', ?'.repeat(COLUMNS.length)})`;
const SET_PROGRESS = `INSERT INTO progress (account_id, next_email_id) VALUES (?, ?)
  ON CONFLICT (account_id) DO UPDATE SET next_email_id = excluded.next_email_id`;
const DROP_TEXT = 'DELETE FROM text WHERE rowid = ?';
/** FTS5 keeps a row a text here, with what else it knows of it. */
const HAS_TEXT = 'EXISTS (SELECT 1 FROM text_docsize WHERE id = ?)';

const HAS_EMAIL = `EXISTS (SELECT 1 FROM mail.email WHERE email.account_id = ? AND email.email_id =`;
const FIND_OWN = `SELECT text.rowid - ? FROM text
  WHERE text MATCH ? AND text.rowid BETWEEN ? AND ? AND ${HAS_EMAIL} text.rowid - ?) ORDER BY text.rowid DESC LIMIT ?`;
/** CROSS JOIN: one pass over the shared texts found, a look-up each whether the account has it. */
const FIND_SHARED = `SELECT shared_text.email_id FROM text CROSS JOIN shared_text ON shared_text.blob_key = text.rowid
  WHERE text MATCH ? AND text.rowid BETWEEN ? AND ? AND shared_text.account_id = ?
  AND ${HAS_EMAIL} shared_text.email_id)`;

/** What a transaction of the index does. */
interface Change extends Pick<SqliteSession, 'get'> {
  write(sql: string, parameters: readonly SqlValue[]): void;
}

/** Creates the index, or replaces one that another version made. Nobody else may have it open. */
export function createSearchDatabase(path: string): void {
  const open = (): DatabaseSync => {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA journal_mode = WAL');
    return db;
  };
  let db = open();
  if (db.prepare('PRAGMA user_version').get()?.['user_version'] !== INDEX_VERSION) {
    db.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    db = open();
    db.exec(`BEGIN; ${SCHEMA}; COMMIT`);
  }
  db.close();
}

export class SqliteSearchIndex implements SearchIndex {
  readonly #path: string;
  readonly #mailPath: string;
  #reader: { readonly db: DatabaseSync; readonly session: SqliteSession } | undefined;
  #writer: { readonly db: DatabaseSync; readonly session: SqliteSession } | undefined;

  /** Opens files when they are first needed: few threads search, and one writes. */
  constructor(path: string, mailPath: string) {
    this.#path = path;
    this.#mailPath = mailPath;
  }

  async find(accountId: AccountId, query: SearchQuery, limit = Number.MAX_SAFE_INTEGER): Promise<IndexHits> {
    const session = this.#read();
    // One snapshot for all of it; everything in it is answered at once.
    session.run('BEGIN', []);
    try {
      const indexedBelow = this.#progress(session, accountId);
      const found =
        query.length === 0 ? this.#all(session, accountId, limit) : this.#find(session, accountId, query, limit);
      const emailIds = found.filter((emailId) => emailId < indexedBelow).toSorted((a, b) => b - a);
      return { emailIds: emailIds.slice(0, limit), indexedBelow };
    } finally {
      session.run('COMMIT', []);
    }
  }

  async backlog(limit: number): Promise<IndexBacklog> {
    const session = this.#read();
    const behind = `FROM (
        SELECT account.account_id, coalesce(progress.next_email_id, ${FIRST}) AS reached, account.next_email_id AS next
        FROM mail.account LEFT JOIN progress ON progress.account_id = account.account_id
      ) WHERE reached <> next`;
    const rows = session.all<[AccountId, EmailId, EmailId]>(
      `SELECT account_id, reached, next ${behind} ORDER BY account_id LIMIT ?`,
      [limit],
    );
    const total = session.get<[number]>(`SELECT coalesce(sum(max(0, next - reached)), 0) ${behind}`, []);
    return { accounts: rows.map(([accountId, from, next]) => ({ accountId, from, next })), waiting: total?.[0] ?? 0 };
  }

  async sharedBlobs(blobKeys: readonly BlobKey[]): Promise<ReadonlyMap<BlobKey, boolean>> {
    const rows = this.#read().all<[BlobKey, number]>(
      `SELECT blob_key, EXISTS (SELECT 1 FROM text_docsize WHERE id = blob_key) FROM mail.blob
       WHERE blob_key IN (SELECT value FROM json_each(?)) AND blob_key < ${RANGE} AND refs >= ?`,
      [toList(blobKeys), SHARED_TEXT_REFERENCES],
    );
    return new Map(rows.map(([blobKey, isThere]) => [blobKey, isThere === 1]));
  }

  async write(slices: readonly IndexSlice[]): Promise<void> {
    const shared = await this.sharedBlobs(slices.flatMap(({ entries }) => entries.map(({ blobKey }) => blobKey)));
    this.#change((session) => {
      const texts = new Map<number, SearchDocument>();
      for (const { accountId, from, next, entries } of slices) {
        if (this.#progress(session, accountId) !== from) continue;
        for (const entry of entries) this.#place(session, accountId, entry, shared.has(entry.blobKey), texts);
        session.write(SET_PROGRESS, [accountId, next]);
      }
      // FTS5 begins a new piece of its index whenever row ids go back.
      for (const rowId of [...texts.keys()].toSorted((a, b) => a - b)) {
        const document = texts.get(rowId)!;
        session.write(INSERT_TEXT, [rowId, ...FIELDS.map((field) => textTokens(document[field]).join(' '))]);
      }
    });
  }

  async forget(accountId: AccountId | 'all'): Promise<void> {
    if (accountId === 'all') {
      this.#change((session) => {
        session.write(`INSERT INTO text (text) VALUES ('delete-all')`, []);
        for (const table of ['shared_text', 'progress']) session.write(`DELETE FROM ${table}`, []);
      });
      return;
    }
    // First, so that nobody takes what is left for all there is.
    this.#change((session) => {
      session.write('DELETE FROM progress WHERE account_id = ?', [accountId]);
      session.write('DELETE FROM shared_text WHERE account_id = ?', [accountId]);
    });
    const select = `SELECT id FROM text_docsize WHERE id BETWEEN ? AND ?`;
    await this.#dropTexts(select, [accountId * RANGE, accountId * RANGE + RANGE - 1]);
  }

  async tidy(): Promise<number> {
    const session = this.#read();
    let dropped = 0;
    for (const [accountId] of session.all<[AccountId]>('SELECT account_id FROM progress', [])) {
      if (session.get('SELECT 1 FROM mail.account WHERE account_id = ?', [accountId]) === undefined) {
        await this.forget(accountId);
        continue;
      }
      const base = accountId * RANGE;
      dropped += await this.#dropTexts(
        `SELECT id FROM text_docsize WHERE id BETWEEN ? AND ? AND NOT ${HAS_EMAIL} id - ?)`,
        [base, base + RANGE - 1, accountId, base],
      );
      const gone = session.all<[number, number]>(
        `SELECT blob_key, email_id FROM shared_text WHERE account_id = ? AND NOT ${HAS_EMAIL} shared_text.email_id)`,
        [accountId, accountId],
      );
      if (gone.length > 0) {
        this.#change((writing) => {
          for (const [blobKey, emailId] of gone)
            writing.write('DELETE FROM shared_text WHERE account_id = ? AND blob_key = ? AND email_id = ?', [
              accountId,
              blobKey,
              emailId,
            ]);
        });
      }
      await nextTurn();
    }
    dropped += await this.#dropTexts(
      `SELECT id FROM text_docsize WHERE id < ? AND NOT EXISTS (SELECT 1 FROM mail.blob WHERE blob_key = id)`,
      [RANGE],
    );
    return dropped;
  }

  close(): void {
    for (const open of [this.#reader, this.#writer]) open?.db.close();
    this.#reader = undefined;
    this.#writer = undefined;
  }

  #find(session: SqliteSession, accountId: AccountId, query: SearchQuery, limit: number): EmailId[] {
    const base = accountId * RANGE;
    const match = toMatch(query);
    const own = session.all<[EmailId]>(FIND_OWN, [base, match, base, base + RANGE - 1, accountId, base, limit]);
    const [first, last] = session.get<[number | null, number | null]>(
      `SELECT (SELECT min(blob_key) FROM shared_text WHERE account_id = ?), (SELECT max(blob_key) FROM shared_text WHERE account_id = ?)`,
      [accountId, accountId],
    ) ?? [null, null];
    const shared =
      first === null ? [] : session.all<[EmailId]>(FIND_SHARED, [match, first, last, accountId, accountId]);
    return [...own, ...shared].map(([emailId]) => emailId);
  }

  #all(session: SqliteSession, accountId: AccountId, limit: number): EmailId[] {
    return session
      .all<[EmailId]>('SELECT email_id FROM mail.email WHERE account_id = ? ORDER BY email_id DESC LIMIT ?', [
        accountId,
        limit,
      ])
      .map(([emailId]) => emailId);
  }

  /** Decides under which row id an Email's text goes; what is shared and there already needs none. */
  #place(
    session: Change,
    accountId: AccountId,
    { emailId, blobKey, document }: IndexEntry,
    isShared: boolean,
    texts: Map<number, SearchDocument>,
  ): void {
    const isThere = texts.has(blobKey) || session.get<[number]>(`SELECT ${HAS_TEXT}`, [blobKey])?.[0] === 1;
    if (isShared || (isThere && document === undefined)) {
      session.write('INSERT OR IGNORE INTO shared_text (account_id, blob_key, email_id) VALUES (?, ?, ?)', [
        accountId,
        blobKey,
        emailId,
      ]);
      if (isThere) return;
    }
    if (document === undefined) throw new Error(`the text of blob ${blobKey} was dropped meanwhile`);
    texts.set(isShared ? blobKey : accountId * RANGE + emailId, document);
  }

  #progress(session: Pick<SqliteSession, 'get'>, accountId: AccountId): EmailId {
    return session.get<[EmailId]>('SELECT next_email_id FROM progress WHERE account_id = ?', [accountId])?.[0] ?? FIRST;
  }

  /** Drops what `select` finds, slice by slice. */
  async #dropTexts(select: string, parameters: readonly number[]): Promise<number> {
    const rows = this.#read().all<[number]>(select, parameters);
    for (let at = 0; at < rows.length; at += TIDY_STEP_TEXTS) {
      this.#change((session) => {
        for (const [id] of rows.slice(at, at + TIDY_STEP_TEXTS)) session.write(DROP_TEXT, [id]);
      });
      await nextTurn();
    }
    return rows.length;
  }

  #read(): SqliteSession {
    if (this.#reader === undefined) {
      const db = openReaderDatabase(this.#path);
      db.prepare('ATTACH ? AS mail').run(this.#mailPath);
      this.#reader = { db, session: new SqliteSession(db) };
    }
    return this.#reader.session;
  }

  /** One transaction. The mail is not attached here: a transaction that writes would lock it too. */
  #change(body: (session: Change) => void): void {
    if (this.#writer === undefined) {
      if (!existsSync(this.#path)) throw new Error(`${this.#path} is gone`);
      const db = new DatabaseSync(this.#path, { timeout: 5_000 });
      db.exec('PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY');
      this.#writer = { db, session: new SqliteSession(db) };
    }
    const { session, db } = this.#writer;
    db.exec('BEGIN IMMEDIATE');
    try {
      body({
        get: (sql, parameters) => session.get(sql, parameters),
        // By `all`: `run` also answers the last row id, which may be one of FTS5's own, too large for a number.
        write: (sql, parameters) => void session.all(sql, parameters),
      });
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** `{a b} : "x y" AND …`. Tokens are letters and digits, so there is nothing to escape. */
function toMatch(query: SearchQuery): string {
  return query
    .map(({ fields, needle }) => {
      const columns = fields.map((field) => COLUMN[field]).join(' ');
      return `{${columns}} : "${needleTokens(needle).join(' ')}"`;
    })
    .join(' AND ');
}
