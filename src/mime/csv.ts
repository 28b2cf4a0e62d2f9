/** Comma-separated values (RFC 4180), as Excel and its kin write them, in UTF-8, UTF-16 or GB 18030. */
import { isUtf8 } from 'node:buffer';
import { MailError } from '#base/errors.ts';

/** How much of a table is read at most. */
export interface TableLimits {
  readonly maxRows: number;
  readonly maxCells: number;
  /** UTF-16 units. */
  readonly maxCellLength: number;
}

export interface CsvRow {
  /** The first line of the row, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** UTF-8 with or without a mark, UTF-16 with one (Excel's "Unicode text"), else GB 18030: what a Chinese Excel saves as CSV. */
export function decodeCsv(octets: Buffer): string {
  if (octets[0] === 0xff && octets[1] === 0xfe) return new TextDecoder('utf-16le').decode(octets);
  return isUtf8(octets) ? new TextDecoder('utf-8').decode(octets) : decodeChineseCsv(octets);
}

/** Also for octets that pass as UTF-8 and are none: those of 学校 and 姓名 in GBK do (domain.md §7.2). */
export function decodeChineseCsv(octets: Buffer): string {
  // Never fatal: what is no GB 18030 either shows as U+FFFD, and the row fails by itself.
  return new TextDecoder('gb18030').decode(octets);
}

/**
 * Rows without their outer blanks; empty lines are left out. `limit` for more or longer fields or rows than a table may
 * have; `invalid` for a quote that is never closed: it would swallow the rest of the table.
 */
export function parseCsv(text: string, { maxRows, maxCells, maxCellLength }: TableLimits): CsvRow[] {
  const rows: CsvRow[] = [];
  const separator = findSeparator(text);
  let fields: string[] = [];
  let line = 1;
  let firstLine = 1;
  let at = 0;
  const closeRow = (): void => {
    if (fields.some((field) => field !== '')) rows.push({ line: firstLine, fields });
    if (rows.length > maxRows) throw new MailError('limit', `more than ${maxRows} lines`);
    fields = [];
  };
  while (at < text.length) {
    if (fields.length === 0) firstLine = line;
    const { field, next } = readField(text, at, separator, line);
    if (fields.length === maxCells) throw new MailError('limit', `line ${firstLine} has more than ${maxCells} fields`);
    if (field.length > maxCellLength)
      throw new MailError('limit', `line ${firstLine} has a field of more than ${maxCellLength} characters`);
    fields.push(field.trim());
    for (let i = at; i < next; i++) if (text.charCodeAt(i) === 10) line++;
    at = next;
    if (text[at] === separator) {
      at++;
      // A separator at the very end leaves one more, empty field.
      if (at === text.length) fields.push('');
    } else {
      if (text[at] === '\r') at++;
      if (text[at] === '\n') {
        at++;
        line++;
      }
      closeRow();
    }
  }
  closeRow();
  return rows;
}

/** Comma, or what the first line has instead: a semicolon or a tab. */
function findSeparator(text: string): string {
  const end = text.indexOf('\n');
  const first = end === -1 ? text : text.slice(0, end);
  return [',', ';', '\t'].find((separator) => first.includes(separator)) ?? ',';
}

function readField(
  text: string,
  at: number,
  separator: string,
  line: number,
): { readonly field: string; readonly next: number } {
  if (text[at] !== '"') return readPlain(text, at, separator);
  let field = '';
  let start = at + 1;
  for (;;) {
    const quote = text.indexOf('"', start);
    if (quote === -1) throw new MailError('invalid', `a quote in line ${line} is never closed`);
    field += text.slice(start, quote);
    if (text[quote + 1] !== '"') {
      // What stands between the closing quote and the separator is kept, as spreadsheets do.
      const rest = readPlain(text, quote + 1, separator);
      return { field: field + rest.field, next: rest.next };
    }
    field += '"';
    start = quote + 2;
  }
}

function readPlain(text: string, at: number, separator: string): { readonly field: string; readonly next: number } {
  let end = at;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
  return { field: text.slice(at, end), next: end };
}

/** One row with its line end. What a spreadsheet would take for a formula gets an apostrophe, which it then hides. */
export function formatCsvLine(fields: readonly string[]): string {
  const quoted = fields.map((field) => `"${field.replace(/^(?=[=+\-@\t\r])/, "'").replaceAll('"', '""')}"`);
  return `${quoted.join(',')}\r\n`;
}
