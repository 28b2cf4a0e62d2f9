/**
 * Statements that write rows, each in two forms: for one row, and (where sending rows one by one costs a round trip
 * or a parse each) for many rows given as arrays. Columns are named once for both.
 */
import type { SqlValue } from './session.ts';

export type ColumnType = 'integer' | 'text';
type Columns = Readonly<Record<string, ColumnType>>;

export interface RowStatement {
  readonly table: string;
  /** One `?` a column. */
  readonly one: string;
  /** PostgreSQL: one `?` a column, each an array literal (`toArrayLiteral`). */
  readonly many: string;
  readonly types: readonly ColumnType[];
  /**
   * SQLite: for neighbours that differ in nothing but the last value, which goes up by one (`joinRuns`). Eight times
   * faster where a mailbox is changed from end to end.
   */
  readonly run?: string;
}

export const integers = (...names: string[]): Columns => Object.fromEntries(names.map((name) => [name, 'integer']));
export const texts = (...names: string[]): Columns => Object.fromEntries(names.map((name) => [name, 'text']));

/** Values in the order of `columns`. */
export function insertInto(table: string, columns: Columns): RowStatement {
  const names = Object.keys(columns).join(', ');
  return {
    table,
    one: `INSERT INTO ${table} (${names}) VALUES (${Object.keys(columns).fill('?').join(', ')})`,
    many: `INSERT INTO ${table} (${names}) SELECT * FROM ${unnest(columns)}`,
    types: Object.values(columns),
  };
}

/** Values in the order of `set`, then of `where`. No row may be named twice in one call. */
export function updateRows(table: string, set: Columns, where: Columns): RowStatement {
  const all = { ...set, ...where };
  return {
    table,
    one: `UPDATE ${table} SET ${equal(set, '?', ', ')} WHERE ${equal(where, '?', ' AND ')}`,
    many: `UPDATE ${table} SET ${equal(set, 'given.', ', ')}
      FROM ${unnest(all)} AS given (${Object.keys(all).join(', ')}) WHERE ${equal(where, 'given.', ' AND ', `${table}.`)}`,
    types: Object.values(all),
    run: `UPDATE ${table} SET ${equal(set, '?', ', ')} WHERE ${inRun(where)}`,
  };
}

/** Each run as one row: the values, and the last of the last ones. */
export function joinRuns(rows: readonly (readonly SqlValue[])[]): SqlValue[][] {
  const runs: SqlValue[][] = [];
  for (const row of rows) {
    const last = row.length - 1;
    const run = runs.at(-1);
    const id = row[last] as number;
    if (run?.[last + 1] === id - 1 && row.every((value, at) => at === last || value === run[at])) run[last + 1] = id;
    else runs.push([...row, id]);
  }
  return runs;
}

/** Values in the order of `where`. */
export function deleteRows(table: string, where: Columns): RowStatement {
  return {
    table,
    one: `DELETE FROM ${table} WHERE ${equal(where, '?', ' AND ')}`,
    many: `DELETE FROM ${table} USING ${unnest(where)} AS given (${Object.keys(where).join(', ')})
      WHERE ${equal(where, 'given.', ' AND ', `${table}.`)}`,
    types: Object.values(where),
    run: `DELETE FROM ${table} WHERE ${inRun(where)}`,
  };
}

/** The last column between the run's first and last. */
function inRun(where: Columns): string {
  return equal(where, '?', ' AND ').replace(/= \?$/, 'BETWEEN ? AND ?');
}

/** The rows of all arrays, as a table. */
export function unnest(columns: Columns): string {
  const arrays = Object.values(columns).map((type) => `?::text::${type === 'integer' ? 'int8' : 'text'}[]`);
  return `unnest(${arrays.join(', ')})`;
}

function equal(columns: Columns, value: '?' | 'given.', separator: string, prefix = ''): string {
  return Object.keys(columns)
    .map((name) => `${prefix}${name} = ${value === '?' ? '?' : `given.${name}`}`)
    .join(separator);
}

/** One column of the rows, as PostgreSQL writes an array. */
export function toArrayLiteral(rows: readonly (readonly SqlValue[])[], column: number, type: ColumnType): string {
  const items = rows.map((row) => {
    const value = row[column] ?? null;
    if (value === null) return 'NULL';
    return type === 'integer' ? String(value) : `"${String(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${items.join(',')}}`;
}
