import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCsvLine, parseCsv } from './csv.ts';

const LIMITS = { maxRows: 10, maxCells: 10, maxCellLength: 1000 };

test('a cell that a spreadsheet would run is written as text', () => {
  for (const first of ['=', '+', '-', '@', '\t', '\r'])
    assert.equal(formatCsvLine([`${first}cmd|' /C calc'!A0`]), `"'${first}cmd|' /C calc'!A0"\r\n`);
  // Neither a separator nor a quote within begins a cell of its own.
  assert.equal(formatCsvLine(['a,=1+1', 'b";=1+1']), '"a,=1+1","b"";=1+1"\r\n');
});

test('what is written is read again, cell by cell', () => {
  const fields = ['', 'a"b', 'c,d', 'e\r\nf', '周 𠮷', "'=1"];
  assert.deepEqual(
    parseCsv(formatCsvLine(fields), LIMITS).map((row) => row.fields),
    [fields],
  );
});

test('one line that does not end is refused while it is read, in cells or in letters', () => {
  const refused = { code: 'limit' };
  assert.throws(() => parseCsv('x'.repeat(64 * 1024 * 1024), LIMITS), refused);
  assert.throws(() => parseCsv(`"${'x'.repeat(64 * 1024 * 1024)}"`, LIMITS), refused);
  assert.throws(() => parseCsv(','.repeat(1_000_000), LIMITS), refused);
  assert.throws(() => parseCsv('x\n'.repeat(1_000_000), LIMITS), refused);
});
