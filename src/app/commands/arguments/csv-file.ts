/** Tables that commands are given as files. */
import { readFile, stat } from 'node:fs/promises';
import { CommandFailure } from '#app/command.ts';
import { errorText } from '#base/errors.ts';
import { decodeCsv, parseCsv, type CsvRow } from '#mime/csv.ts';
import { TABLE_LIMITS } from '#roster/limits.ts';

/** A table of a million people has some 60 MB. Octets. */
const FILE_LIMIT = 256 * 1024 * 1024;

/** Where in a row a column stands; those that the file does not have are absent. */
export type CsvColumns<Name extends string> = ReadonlyMap<Name, number>;

/**
 * The rows of a table with columns of these names, in this order unless its first line names them, `key` among them.
 * Throws CommandFailure.
 */
export async function readCsvFile<Name extends string>(
  path: string,
  columnNames: readonly Name[],
  key: NoInfer<Name>,
): Promise<{ readonly rows: readonly CsvRow[]; readonly columns: CsvColumns<Name> }> {
  let octets: Buffer;
  try {
    if ((await stat(path)).size > FILE_LIMIT)
      throw new CommandFailure(`${path} is larger than a table of people can be`);
    octets = await readFile(path);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`cannot read ${path}: ${errorText(error)}`);
  }
  const rows = parseCsv(decodeCsv(octets), TABLE_LIMITS);
  const [first] = rows;
  if (first === undefined) throw new CommandFailure(`${path} has no lines`);
  const names = first.fields.map((field) => field.toLowerCase());
  if (!names.includes(key)) return { rows, columns: new Map(columnNames.map((name, i) => [name, i])) };
  const strange = names.find((name) => !(columnNames as readonly string[]).includes(name));
  if (strange !== undefined)
    throw new CommandFailure(`${path}: there is no column "${strange}"; there are ${columnNames.join(', ')}`);
  return { rows: rows.slice(1), columns: new Map(names.map((name, i) => [name as Name, i])) };
}
