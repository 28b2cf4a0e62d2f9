import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseParameters } from './parameters.ts';

function params(text: string): Record<string, string> {
  return parseParameters(text).params;
}

function binary(digits: string): string {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex').toString('latin1');
}

test('values, comments, missing and superfluous punctuation', () => {
  assert.deepEqual(parseParameters('Text/Plain (a (nested) comment) ; CharSet=us-ascii (Plain text)'), {
    value: 'text/plain',
    params: { charset: 'us-ascii' },
  });
  assert.deepEqual(params('a/b;; x=1 ;y = "2";z'), { x: '1', y: '2' });
  assert.deepEqual(params('a/b; x="1" y=2'), { x: '1', y: '2' });
  assert.deepEqual(params('a/b; charset="gb2312'), { charset: 'gb2312' });
  assert.deepEqual(params('a/b; x=1; x=2; __proto__=3'), { x: '1' });
  assert.equal(parseParameters('').value, '');
});

test('quoting as mailers do it', () => {
  assert.equal(params('a/b; name="a "b" c.doc"; x=1')['name'], 'a "b" c.doc');
  assert.equal(params('a/b; name="a\\"b\\\\c"')['name'], 'a"b\\c');
  assert.equal(params('a/b; name="C:\\dir\\x.doc"')['name'], 'C:\\dir\\x.doc');
  assert.equal(params('a/b; name=my file (1).doc; x=1')['name'], 'my file (1).doc');
  assert.equal(params('a/b; name="a;b=c.doc"')['name'], 'a;b=c.doc');
});

test('RFC 2231: continuations in any order, charsets, languages, percent escapes', () => {
  assert.equal(params("a; filename*=UTF-8''%E7%B3%BB%E7%BB%9F.doc")['filename'], '系统.doc');
  assert.equal(params('a; filename*="UTF-8\'zh\'%E7%B3%BB.doc"')['filename'], '系.doc');
  // A GBK character split between the pieces.
  assert.equal(params("a; filename*0*=gbk''%CD; filename*1*=%A8%D6; filename*2*=%AA.doc")['filename'], '通知.doc');
  assert.equal(params("a; filename*2=.doc; filename*1*=%D6%AA; filename*0*=gbk''%CD%A8")['filename'], '通知.doc');
  assert.equal(params('a; filename*0="long "; filename*1="name.doc"')['filename'], 'long name.doc');
  assert.equal(params('a; filename*0="=?gbk?B?zajW"; filename*1="qg==?="')['filename'], '通知');
  // The extended form counts, wherever it stands.
  assert.equal(params("a; filename*=utf-8''%E7%B3%BB; filename=x")['filename'], '系');
  assert.equal(params("a; filename=x; filename*=utf-8''%E7%B3%BB")['filename'], '系');
  assert.equal(params('a; filename*=plain.doc')['filename'], 'plain.doc');
  assert.equal(params("a; filename*=''100%.doc")['filename'], '100%.doc');
});

test('encoded words and raw octets in values', () => {
  assert.equal(params('a; filename="=?gbk?B?zajWqi5kb2M=?="')['filename'], '通知.doc');
  assert.equal(params('a; filename="=?utf-8?Q?=E7=B3?= =?utf-8?Q?=BB.doc?="')['filename'], '系.doc');
  assert.equal(params(`a; filename="${binary('CDA8 D6AA')}.doc"`)['filename'], '通知.doc');
  // 誠 is D55C in Big5 and 誠 in GBK D55C has the backslash as its second octet.
  assert.equal(params(`a; filename="${binary('CDA8 D55C')}"; x=1`)['filename']?.length, 2);
  assert.equal(params(`a; filename="${Buffer.from('系统').toString('latin1')}.doc"`)['filename'], '系统.doc');
});

test('the boundary is kept as it stands', () => {
  assert.equal(parseParameters('multipart/mixed; boundary="--=?x?q?a?="').boundary, '--=?x?q?a?=');
  assert.equal(parseParameters('multipart/mixed; boundary=----=_a:b').boundary, '----=_a:b');
  assert.equal(parseParameters('multipart/mixed; boundary*0=a; boundary*1=b').boundary, 'ab');
  assert.equal(parseParameters('multipart/mixed').boundary, undefined);
});

test('never throws', () => {
  const unit = fc.constantFrom(
    ';',
    '=',
    '"',
    '\\',
    '*',
    '0',
    '1',
    "'",
    '%',
    'E',
    'a',
    ' ',
    '(',
    ')',
    '=?',
    '?=',
    'name',
    'ÿ',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
      const parsed = parseParameters(text);
      for (const value of Object.values(parsed.params)) assert.equal(typeof value, 'string');
    }),
    { numRuns: 3000 },
  );
});
