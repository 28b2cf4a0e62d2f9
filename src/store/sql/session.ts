/**
 * The little that the shared SQL needs from a database: run a statement with positional parameters (`?`), get rows as
 * arrays. Statements are constants of the code, never built from input.
 */
import type { RowStatement } from './statements.ts';

export type SqlValue = number | string | null | Uint8Array;

/** The embedded database answers at once, a server later; `await` takes both. */
export type Awaitable<T> = T | Promise<T>;

/** What the two dialects write differently. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres';
  /** `column IN (…)` over one parameter: a JSON list of numbers, as `numberList` makes it. */
  isOneOf(column: string): string;
  /** The same over a JSON list of strings. */
  isOneOfTexts(column: string): string;
  /** A JSON list of strings as rows of one column, `listed.value`, to be joined. */
  readonly listedTexts: string;
  /** The same of lists: `listed.value->>0` is the first of one. */
  readonly listed: string;
  /** Deletes all rows of a table at no cost for each. */
  emptyTable(table: string): string;
  /** A blob's references as an expression of a SELECT from `blob`. */
  readonly blobReferences: string;
  /** Since when it has had none, likewise. */
  readonly blobUnreferencedAt: string;
  /** Locks the rows a SELECT reads, where one writer at a time is not given anyway. */
  readonly forUpdate: string;
  /** The same for a joined SELECT's rows of one table, passing over those that others have locked. */
  forUpdateOfFree(table: string): string;
}

export interface SqlSession {
  readonly dialect: SqlDialect;
  all<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Awaitable<Row[]>;
  get<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Awaitable<Row | undefined>;
  /** How many rows it changed. */
  run(sql: string, parameters: readonly SqlValue[]): Awaitable<number>;
  /**
   * Writes rows. The session may put this off until something reads the table or the transaction ends, which then
   * fails if this does.
   */
  write(statement: RowStatement, rows: readonly (readonly SqlValue[])[]): Awaitable<void>;
}

export const sqliteDialect: SqlDialect = {
  name: 'sqlite',
  isOneOf: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  isOneOfTexts: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  listedTexts: 'json_each(?) AS listed',
  listed: 'json_each(?) AS listed',
  emptyTable: (table) => `DELETE FROM ${table}`,
  blobReferences: 'refs',
  blobUnreferencedAt: 'unreferenced_at',
  forUpdate: '',
  forUpdateOfFree: () => '',
};

/** Counted rows (garbage collection sums them up) and what has been added since. */
const POSTGRES_REFERENCES =
  '(refs + coalesce((SELECT sum(delta) FROM blob_reference WHERE blob_reference.blob_key = blob.blob_key), 0))::int8';

export const postgresDialect: SqlDialect = {
  name: 'postgres',
  isOneOf: (column) => `${column} IN (SELECT value::int8 FROM json_array_elements_text(?::text::json))`,
  isOneOfTexts: (column) => `${column} IN (SELECT value FROM json_array_elements_text(?::text::json))`,
  listedTexts: 'json_array_elements_text(?::text::json) AS listed (value)',
  listed: 'json_array_elements(?::text::json) AS listed (value)',
  emptyTable: (table) => `TRUNCATE ${table}`,
  blobReferences: POSTGRES_REFERENCES,
  blobUnreferencedAt: `CASE WHEN ${POSTGRES_REFERENCES} > 0 THEN NULL ELSE coalesce(unreferenced_at, 0) END`,
  forUpdate: ' FOR UPDATE',
  forUpdateOfFree: (table) => `FOR UPDATE OF ${table} SKIP LOCKED`,
};

/** The parameter of `isOneOf`, `isOneOfTexts` and `listedTexts`. */
export function toList(values: readonly (number | string)[]): string {
  return JSON.stringify(values);
}
