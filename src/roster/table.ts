/** A table of people as it was handed in, CSV or XLSX, before anybody asks what its columns mean. */
import { decodeChineseCsv, decodeCsv, parseCsv } from '#mime/csv.ts';
import type { CsvRow } from '#mime/csv.ts';
import { TABLE_LIMITS } from './limits.ts';

/** A text; or a number, which a spreadsheet may have rounded. Days are `YYYY-MM-DD`. */
export type Cell = string | number;

export interface TableRow {
  /** As its program numbers it, from 1: a line of a CSV. */
  readonly row: number;
  /** Texts without their outer blanks; '' where there is nothing. */
  readonly cells: readonly Cell[];
  /** A cell is worked out by a formula: what it shows is nobody's word. */
  readonly hasFormula: boolean;
}

/** Which rows look like a table; of two readings of the same octets the first that does is taken. */
export type IsTable = (rows: readonly TableRow[]) => boolean;

/** Rows that have something in them. `invalid`, `limit`, `tooLarge`: MailError that says what is wrong with the file. */
export async function readTable(octets: Buffer, isTable: IsTable): Promise<readonly TableRow[]> {
  // A zip archive, as XLSX is.
  if (octets.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) {
    const { readXlsx } = await import('./xlsx.ts');
    return readXlsx(octets);
  }
  const rows = toRows(parseCsv(decodeCsv(octets), TABLE_LIMITS));
  if (isTable(rows)) return rows;
  const others = toRows(parseCsv(decodeChineseCsv(octets), TABLE_LIMITS));
  return isTable(others) ? others : rows;
}

function toRows(rows: readonly CsvRow[]): readonly TableRow[] {
  // A formula in a CSV is a text to us, and would be one again for whoever opens an export: refused all the same.
  return rows.map(({ line, fields }) => ({
    row: line,
    cells: fields.map(unquoteText),
    hasFormula: fields.some((field) => isFormula(field)),
  }));
}

/** `="0012"`: how people keep a spreadsheet from taking a text for a number. */
const TEXT_FORMULA = /^="([^"]*)"$/;

function isFormula(field: string): boolean {
  return /^[=@]/.test(field) && !TEXT_FORMULA.test(field);
}

function unquoteText(field: string): string {
  return TEXT_FORMULA.exec(field)?.[1]?.trim() ?? field;
}
