import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf, shownName } from './file-kinds.ts';

test('a file is what its name really ends in', () => {
  assert.equal(kindOf('招生计划.xlsx').mark, 'XLS');
  assert.equal(kindOf('report.pdf.exe').mark, '!');
  assert.equal(kindOf('invoice\u202Efdp.exe').mark, '!');
  assert.equal(shownName('invoice\u202Efdp.exe'), 'invoicefdp.exe');
  assert.equal(kindOf('README').mark, 'FILE');
  assert.equal(shownName('\u200B\n'), 'noname');
  assert.equal(kindOf('a.verylongextension').mark, 'FILE');
});
