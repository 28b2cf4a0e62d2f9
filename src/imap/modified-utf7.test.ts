import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';

it('encodes as RFC 3501 §5.1.3 does', () => {
  assert.equal(encodeModifiedUtf7('~peter/mail/台北/日本語'), '~peter/mail/&U,BTFw-/&ZeVnLIqe-');
  assert.equal(encodeModifiedUtf7('归档 & Résumé'), '&X1JoYw- &- R&AOk-sum&AOk-');
  assert.equal(encodeModifiedUtf7('😀'), '&2D3eAA-');
});

it('reads back every text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      assert.equal(decodeModifiedUtf7(encodeModifiedUtf7(text)), text);
    }),
  );
});

it('knows one spelling of a name', () => {
  for (const text of [
    '&',
    '&X1JoYw',
    '&AGE-',
    '&U,BTFw-&ZeVnLIqe-',
    '&2D0-',
    '&A-',
    '&AOk=-',
    '&AO k-',
    'é',
    'a\u0001',
    '&&-',
    '&AOl-',
  ]) {
    assert.equal(decodeModifiedUtf7(text), undefined, text);
  }
});
