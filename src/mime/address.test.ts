import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatAddress, parseAddressList } from './address.ts';
import { decodeHeaderText } from './encoded-word.ts';
import { LIMITS } from './limits.ts';

/** `name <email>` joined by ` | `, groups in brackets. */
function read(value: string): string {
  return parseAddressList(value)
    .entries.map((entry) => {
      if (entry.kind === 'groupStart') return `[${entry.name}`;
      if (entry.kind === 'groupEnd') return ']';
      return entry.name === undefined ? entry.email : `${entry.name} <${entry.email}>`;
    })
    .join(' | ');
}

test('RFC 5322 appendix A and the obsolete forms', () => {
  const examples: Record<string, string> = {
    'John Doe <jdoe@machine.example>': 'John Doe <jdoe@machine.example>',
    '"Joe Q. Public" <john.q.public@example.com>': 'Joe Q. Public <john.q.public@example.com>',
    'Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>':
      'Mary Smith <mary@x.test> | jdoe@example.org | Who? <one@y.test>',
    '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>':
      'boss@nil.test | Giant; "Big" Box <sysservices@example.net>',
    'A Group:Ed Jones <joe@where.test>,john@jdoe.test;': '[A Group | Ed Jones <joe@where.test> | john@jdoe.test | ]',
    'Undisclosed recipients:;': '[Undisclosed recipients | ]',
    'Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>': 'Pete <pete@silly.test>',
    "A Group(Some people):Chris Jones <c@(Chris's host.)public.example>, joe@example.org;":
      '[A Group | Chris Jones <c@public.example> | joe@example.org | ]',
    'Joe Q. Public <john.q.public@example.com>': 'Joe Q. Public <john.q.public@example.com>',
    'Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example':
      'Mary Smith <mary@example.net> | jdoe@test.example',
    'joe@x.example (Joe (the) Plumber)': 'Joe (the) Plumber <joe@x.example>',
    '"john doe"@x.example': '"john doe"@x.example',
    'joe@[IPv6:2001:db8::1], a@b': 'joe@[IPv6:2001:db8::1] | a@b',
  };
  for (const [value, expected] of Object.entries(examples)) assert.equal(read(value), expected);
});

test('names in encoded words, also where they must not be', () => {
  const name = '=?gb2312?B?1cXI/Q==?=';
  assert.equal(read(`${name} <zs@x.cn>`), '张三 <zs@x.cn>');
  assert.equal(read(`"${name}" <zs@x.cn>`), '张三 <zs@x.cn>');
  assert.equal(read(`zs@x.cn (${name})`), '张三 <zs@x.cn>');
  assert.equal(read('=?gb2312?Q?=D5=C5,=C8=FD?= <zs@x.cn>, b@x.cn'), '张,三 <zs@x.cn> | b@x.cn');
  const word = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
  assert.equal(read(word('"张三" <zs@x.cn>')), '张三 <zs@x.cn>');
  assert.equal(read(word('zs@x.cn')), 'zs@x.cn');
  assert.equal(read(`${word('张三 <zs@x.cn>')} <zs@x.cn>`), '张三 <zs@x.cn>');
  // A name that claims to be another address is shown as it is.
  assert.equal(read(`${word('张三 <rector@x.cn>')} <evil@y>`), '张三 <rector@x.cn> <evil@y>');
});

test('raw octets, whose second may look like syntax', () => {
  const binary = (digits: string): string => Buffer.from(digits.replaceAll(' ', ''), 'hex').toString('latin1');
  assert.equal(read(`${binary('D5C5 C8FD')} <zs@x.cn>`), '张三 <zs@x.cn>');
  // 丂 is 8140, 乗 815C in GBK.
  assert.equal(read(`"${binary('D5C5 8140 C8FD 815C')}" <zs@x.cn>, b@c`), '张丂三乗 <zs@x.cn> | b@c');
  const utf8 = Buffer.from('李四').toString('latin1');
  assert.equal(read(`${binary('D5C5 C8FD')} <a@b>, ${utf8} <c@d>`), '张三 <a@b> | 李四 <c@d>');
  assert.equal(read('尉迟·X <y@x.cn>'), '尉迟·X <y@x.cn>');
  const uyghur = '阿卜杜热合曼·买买提尼牙孜·阿卜杜喀迪尔·吐尔逊江·艾合买提';
  assert.equal(read(`"${uyghur}" <y@x.cn>`), `${uyghur} <y@x.cn>`);
});

test('broken ones lose nothing that a person would see', () => {
  const broken: Record<string, string> = {
    'Name <a@b.c': 'Name <a@b.c>',
    'x <a@b, y <c@d>': 'x <a@b> | y <c@d>',
    '"Name <a@b>': 'Name <a@b>',
    'a@b; c@d': 'a@b | c@d',
    'Zhang San zs@x.cn': 'Zhang San <zs@x.cn>',
    local: 'local',
    'Two words': 'Two words',
    '<>': '',
    'Name <>': 'Name <>',
    '<<a@b>>': 'a@b',
    '<mailto:a@b>': 'a@b',
    'a@b@c': 'a@b@c',
    ', ,;': '',
    'Group: a@b, c@d': '[Group | a@b | c@d | ]',
    "'a@b' <a@b>": "'a@b' <a@b>",
    'a@b.': 'a@b',
    ':': '[ | ]',
    '\0\x01<a\r\n@b>': 'a@b',
  };
  for (const [value, expected] of Object.entries(broken)) assert.equal(read(value), expected, value);
});

test('a source route is kept apart', () => {
  const [entry] = parseAddressList('<@a.example,@b.example:c@d>').entries;
  assert.deepEqual(entry, {
    kind: 'mailbox',
    rawName: undefined,
    name: undefined,
    route: '@a.example,@b.example',
    localPart: 'c',
    domain: 'd',
    email: 'c@d',
  });
});

test('groups do not nest, not even by an encoded word', () => {
  const kinds = parseAddressList(':=?utf-8?Q?:@').entries.map(({ kind }) => kind);
  assert.deepEqual(kinds, ['groupStart', 'mailbox', 'groupEnd']);
});

test('any characters give bounded addresses without controls', () => {
  const unit = fc.constantFrom(
    '"',
    '<',
    '>',
    '(',
    ')',
    '@',
    ',',
    ';',
    ':',
    '\\',
    '[',
    ']',
    'a',
    ' ',
    '=?utf-8?Q?',
    '?=',
    '\n',
    '学',
    '\x80',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), (value) => {
      let depth = 0;
      for (const entry of parseAddressList(value).entries) {
        if (entry.kind === 'groupStart') depth++;
        else if (entry.kind === 'groupEnd') depth--;
        else assert.doesNotMatch(entry.email + (entry.name ?? ''), /[\x00-\x1f\x7f]/);
        assert.ok(depth === 0 || depth === 1);
      }
      assert.equal(depth, 0);
    }),
    { numRuns: 3000 },
  );
});

test('hostile fields take bounded time and give bounded lists', () => {
  for (const piece of [',a@b', '<', '"', '"\\"', '(', '[', '@:', '<a,', '=?', '"a', 'a()']) {
    const started = process.hrtime.bigint();
    const list = parseAddressList(piece.repeat(Math.floor(250_000 / piece.length)));
    assert.ok(process.hrtime.bigint() - started < 2_000_000_000n, piece);
    assert.ok(list.entries.length <= LIMITS.addresses + 1);
  }
});

test('what is written is read back', () => {
  const name = fc.string({
    unit: fc.constantFrom('学', 'a', ' ', '"', '\\', ',', '<', '@', '.', '=?', '\r\n'),
    maxLength: 30,
  });
  fc.assert(
    fc.property(name, (text) => {
      const written = formatAddress({ name: text, email: 'a@b.example' });
      assert.match(written, /^[\x20-\x7e]*$/);
      const { addresses } = parseAddressList(`${written}, x@y`);
      assert.deepEqual(
        addresses.map((address) => address.email),
        ['a@b.example', 'x@y'],
      );
    }),
  );
  for (const text of ['曾国藩', 'Last, First', 'a "b" \\c', 'J. Doe', 'Plain Name']) {
    assert.equal(read(formatAddress({ name: text, email: 'a@b' })), `${text} <a@b>`);
  }
  assert.equal(decodeHeaderText(formatAddress({ name: '通知', email: 'a@b' })), '通知 <a@b>');
});
