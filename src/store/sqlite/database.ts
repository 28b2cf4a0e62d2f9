/** Opens SQLite connections the way this store uses them, and speaks SqlSession over them. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { READER_CACHE_KIB, WAL_CHECKPOINT_PAGES, WAL_KEPT_BYTES, WRITER_CACHE_KIB } from '#store/limits.ts';
import { type SqlSession, type SqlValue, sqliteDialect } from '#store/sql/session.ts';
import { type RowStatement, joinRuns } from '#store/sql/statements.ts';

/** The one connection that writes. Creates the file. */
export function openWriterDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${WRITER_CACHE_KIB}; PRAGMA wal_autocheckpoint = ${WAL_CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
  return db;
}

/** A connection for reading; each thread has its own. */
export function openReaderDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  db.exec(`PRAGMA query_only = TRUE; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${READER_CACHE_KIB}`);
  return db;
}

/** SQLite's primary result codes after which nothing in the transaction can be trusted: I/O, full, corrupt, memory … */
const OUT_OF_ORDER = new Set([5, 6, 7, 8, 10, 11, 13, 14, 15, 26]);

/** Whether an error is the database's own trouble (disk full, I/O …) rather than a statement's. */
export function isOutOfOrder(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' && OUT_OF_ORDER.has(code & 0xff);
}

/** Whether an error says that the file is not what SQLite has written: SQLITE_CORRUPT, SQLITE_NOTADB. */
export function isDamaged(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' && [11, 26].includes(code & 0xff);
}

/** SqlSession over one connection; statements are prepared once. Everything is answered at once. */
export class SqliteSession implements SqlSession {
  readonly dialect = sqliteDialect;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** The first sign that the transaction cannot be trusted any more; kept even if an operation swallowed it. */
  failure: unknown;
  /** Statements run so far that may have changed rows. */
  writes = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  all<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Row[] {
    try {
      return this.#prepare(sql).all(...parameters) as unknown as Row[];
    } catch (error) {
      throw this.#noted(error);
    }
  }

  get<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Row | undefined {
    try {
      return this.#prepare(sql).get(...parameters) as unknown as Row | undefined;
    } catch (error) {
      throw this.#noted(error);
    }
  }

  run(sql: string, parameters: readonly SqlValue[]): number {
    try {
      return Number(this.#prepare(sql).run(...parameters).changes);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  write({ one, run }: RowStatement, rows: readonly (readonly SqlValue[])[]): void {
    if (rows.length === 0) return;
    const asRuns = run !== undefined && rows.length > 1;
    try {
      const statement = this.#prepare(asRuns ? run : one);
      for (const row of asRuns ? joinRuns(rows) : rows) statement.run(...row);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  #prepare(sql: string): StatementSync {
    if (!sql.startsWith('SELECT')) this.writes++;
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #noted(error: unknown): unknown {
    if (isOutOfOrder(error)) this.failure ??= error;
    return error;
  }
}
