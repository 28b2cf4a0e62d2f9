import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { chooseFileName, formatFileNameParameters, sanitiseFileName } from './file-name.ts';
import { LIMITS } from './limits.ts';
import { parseParameters } from './parameters.ts';

test('the disposition comes first, then Content-Type', () => {
  assert.equal(chooseFileName({ filename: 'a' }, { name: 'b' }), 'a');
  assert.equal(chooseFileName({}, { name: 'b' }), 'b');
  assert.equal(chooseFileName({ filename: '..' }, { name: 'b' }), 'b');
  assert.equal(chooseFileName(undefined, undefined), undefined);
});

test('percent escapes in a plain filename, in UTF-8 and in GBK', () => {
  assert.equal(chooseFileName({ filename: '%E6%98%86.doc' }, undefined), '昆.doc');
  assert.equal(chooseFileName({ filename: '%CD%A8%D6%AA.doc' }, undefined), '通知.doc');
  assert.equal(chooseFileName({ filename: '100%25.doc' }, undefined), '100%25.doc');
  // An encoded word around percent escapes.
  const { params } = parseParameters('attachment; filename="=?utf-8?B?JUU2JTk4JTg2LmRvYw==?="');
  assert.equal(chooseFileName(params, undefined), '昆.doc');
});

test('names are data: no path, no control, no direction, no device', () => {
  const names: Record<string, string | undefined> = {
    '../../etc/passwd': 'passwd',
    'C:\\x\\y.doc': 'y.doc',
    'a\u202egpj.exe': 'agpj.exe',
    'a\0b\r\nc.txt': 'abc.txt',
    'x. . ': 'x',
    'CON.txt': '_CON.txt',
    com1: '_com1',
    'console.txt': 'console.txt',
    'a<b>:c"|?*.txt': 'a_b__c____.txt',
    '...': undefined,
    '': undefined,
    '阿卜杜热合曼·买买提尼牙孜.doc': '阿卜杜热合曼·买买提尼牙孜.doc',
    'e\u0301.txt': 'é.txt',
    '\ud800.txt': '\ufffd.txt',
  };
  for (const [name, safe] of Object.entries(names)) assert.equal(sanitiseFileName(name), safe, JSON.stringify(name));
});

test('a long name keeps its extension and its characters', () => {
  const safe = sanitiseFileName(`${'学'.repeat(300)}.docx`)!;
  assert.ok(Buffer.byteLength(safe) <= LIMITS.fileNameBytes);
  assert.match(safe, /^学+\.docx$/);
});

test('whatever the name, the result is safe, and safe again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const safe = sanitiseFileName(name);
      if (safe === undefined) return;
      assert.doesNotMatch(safe, /[/\\\x00-\x1f\u202a-\u202e\u2066-\u2069]|[. ]$|^\s/u);
      assert.ok(Buffer.byteLength(safe) <= LIMITS.fileNameBytes);
      assert.equal(sanitiseFileName(safe), safe);
    }),
  );
});

test('both written forms are read back', () => {
  for (const name of ['通知 (一).docx', 'a b.txt', "it's 100%.txt", '学'.repeat(60) + '.pdf', 'Résumé*.doc']) {
    const written = formatFileNameParameters(name);
    assert.match(written.contentType + written.contentDisposition, /^[\x20-\x7e]*$/);
    const safe = sanitiseFileName(name);
    assert.equal(chooseFileName(parseParameters(`attachment; ${written.contentDisposition}`).params, undefined), safe);
    assert.equal(chooseFileName(undefined, parseParameters(`a/b; ${written.contentType}`).params), safe);
  }
});
