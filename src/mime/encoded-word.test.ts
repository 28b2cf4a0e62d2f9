import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeHeaderText, encodeHeaderText } from './encoded-word.ts';

function gbk(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

test('examples of RFC 2047 §8', () => {
  const examples: Record<string, string> = {
    '=?ISO-8859-1?Q?a?=': 'a',
    '=?ISO-8859-1?Q?a?= b': 'a b',
    '=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=': 'ab',
    '=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=': 'ab',
    '=?ISO-8859-1?Q?a?=\r\n  =?ISO-8859-1?Q?b?=': 'ab',
    '=?ISO-8859-1?Q?a_b?=': 'a b',
    '=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=': 'a b',
    '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=':
      'If you can read this you understand the example.',
    'From: =?US-ASCII*EN?Q?Keith_Moore?=': 'From: Keith Moore',
  };
  for (const [raw, text] of Object.entries(examples)) assert.equal(decodeHeaderText(raw), text);
});

test('a character split between words, a base64 quantum split between words', () => {
  assert.equal(decodeHeaderText('=?gb2312?B?0afQ?= =?GB2312?B?o82o1qo=?='), '学校通知');
  assert.equal(decodeHeaderText('=?utf-8?Q?=E7=B3?=\r\n =?utf-8?Q?=BB=E7=BB=9F?='), '系统');
  assert.equal(decodeHeaderText('=?utf-8?B?57O?= =?utf-8?B?757uf?='), '系统');
  assert.equal(decodeHeaderText('=?utf-8?B?57O757uf?= =?gbk?B?zajWqg==?='), '系统通知');
});

test('words as mailers break them', () => {
  const broken: Record<string, string> = {
    '=?utf-8?q?a b_c=20?= d': 'a b c  d',
    '=?utf-8?b?57O757uf?=': '系统',
    '"=?utf-8?B?57O757uf?="': '"系统"',
    'x=?utf-8?B?57O757uf?=y': 'x系统y',
    '=?utf-8?B?57O757uf': '系统',
    '=?utf-8?B?57O757uf?': '系统',
    '=?utf-8?Q?=E7=B3=BB': '系',
    '=?utf-8?B?57O757uf=?utf-8?B?6YCa?=': '系统通',
    '=?us-ascii?Q?what??=': 'what?',
    '=?us-ascii?Q?what?=3F_now?=': 'what?? now',
    '=?utf-8?B?57O7\r\n 57uf?=': '系统',
    '=?gbk?Q?=CF=B5_=CD=B3?=': '系 统',
    '=?utf-8?Q?100%=zz?=': '100%=zz',
    '=?x-unknown?B?z7XNs82o1qo=?=': '系统通知',
    '=?utf-8?B??=': '',
    '=?utf-8?X?a?=': '=?utf-8?X?a?=',
    '=??Q?a?=': '=??Q?a?=',
    '=? a =?': '=? a =?',
    [`=?utf-8?B?${Buffer.from('=?utf-8?B?57O757uf?=').toString('base64')}?=`]: '系统',
  };
  for (const [raw, text] of Object.entries(broken)) assert.equal(decodeHeaderText(raw), text, raw);
});

test('raw octets: each run by itself', () => {
  const word = ` =?gbk?B?${gbk('CDA8 D6AA').toString('base64')}?=`;
  assert.equal(decodeHeaderText(Buffer.concat([Buffer.from('系统'), Buffer.from(word)])), '系统 通知');
  assert.equal(decodeHeaderText(gbk('D1A7 D0A3 CDA8 D6AA')), '学校通知');
  const mixed = Buffer.concat([Buffer.from('关于系统 '), gbk('CFB5 CDB3 C6F4 D3C3')]);
  assert.equal(decodeHeaderText(mixed), '关于系统 系统启用');
  // Text stays text.
  assert.equal(decodeHeaderText('系统 =?gbk?B?zajWqg==?='), '系统 通知');
});

test('nothing that ends a line comes out', () => {
  assert.equal(decodeHeaderText('=?utf-8?Q?a=0D=0ABcc:_x=00?='), 'a Bcc: x');
  assert.equal(decodeHeaderText('a\r\n b\tc'), 'a b c');
});

test('what is written: words of 75 at most, split at code points, that come back', () => {
  assert.equal(encodeHeaderText('Hello, world'), 'Hello, world');
  assert.equal(encodeHeaderText('通知'), '=?UTF-8?B?6YCa55+l?=');
  assert.equal(encodeHeaderText('a\r\nb'), 'a b');
  assert.equal(encodeHeaderText('=?utf-8?Q?x?='), '=?UTF-8?B?PT91dGYtOD9RP3g/PQ==?=');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
      const raw = encodeHeaderText(text);
      assert.match(raw, /^[\x20-\x7e]*$/);
      if (!raw.startsWith('=?')) return;
      for (const word of raw.split(' ')) {
        assert.ok(word.length <= 75);
        // Every word stands alone: no character is split.
        assert.doesNotMatch(Buffer.from(word.slice(10, -2), 'base64').toString(), /\ufffd/);
      }
    }),
  );
  const han = fc.string({ unit: fc.constantFrom('学', '𠀀', '‏', 'é', 'a', ' '), minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(han, (text) => {
      const encoded = encodeHeaderText(`通${text}知`);
      assert.equal(decodeHeaderText(encoded), `通${text}知`);
    }),
  );
});

test('hostile values take linear time', () => {
  for (const piece of ['=?a?q?x ', '=?a?b?x ', '=?', '=?a?q?x=?! ', '?=41', '=?gbk?B?0afQ?= ', '=?a?q??=41']) {
    const started = process.hrtime.bigint();
    decodeHeaderText(piece.repeat(Math.floor(250_000 / piece.length)));
    assert.ok(process.hrtime.bigint() - started < 2_000_000_000n, piece);
  }
});
