import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keywordOf, labelOf, labelsOf } from './labels.ts';

test('every name survives as a keyword that RFC 8621 allows and folding does not harm', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (given) => {
      const name = given.normalize('NFC').trim();
      const keyword = keywordOf(given);
      assert.match(keyword, /^[!#$&'+,\-./0-9:;<=>?@[^_`a-z|~]+$/);
      assert.equal(keyword, keyword.toLowerCase());
      assert.equal(labelOf(keyword)?.name, name);
    }),
  );
  assert.equal(keywordOf('急办 A'), 'label:=e6=80=a5=e5=8a=9e=20=41');
});

test('what programs set for themselves is no label, what people set elsewhere is', () => {
  const keywords = { $seen: true, $junk: true, nonjunk: true, $label2: true, 'to-do': true, [keywordOf('教学')]: true };
  assert.deepEqual(
    labelsOf(keywords as Record<string, true>).map(({ name }) => name),
    ['教学', 'Label 2', 'to-do'].toSorted((a, b) => a.localeCompare(b)),
  );
  assert.deepEqual(labelsOf(undefined), []);
});
