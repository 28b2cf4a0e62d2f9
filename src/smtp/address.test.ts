import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { asciiDomain, formatAddress, isAddressLiteral, parseAddress, readPath, splitAddress } from './address.ts';

describe('readPath', () => {
  const good: [string, { localPart: string; domain: string } | undefined, string][] = [
    ['<>', undefined, ''],
    ['<a@b.example> SIZE=1', { localPart: 'a', domain: 'b.example' }, ' SIZE=1'],
    ['  <a@b>', { localPart: 'a', domain: 'b' }, ''],
    ["<A.b+c=d!#$%&'*/?^_`{|}~-@Ex.Example>", { localPart: "A.b+c=d!#$%&'*/?^_`{|}~-", domain: 'Ex.Example' }, ''],
    ['<"a b"@c.example>', { localPart: 'a b', domain: 'c.example' }, ''],
    [String.raw`<"a\"\\@b>"@c.example>`, { localPart: String.raw`a"\@b>`, domain: 'c.example' }, ''],
    ['<""@c.example>', { localPart: '', domain: 'c.example' }, ''],
    ['<@x.example,@y.example:a@b.example>', { localPart: 'a', domain: 'b.example' }, ''],
    ['<a@[192.0.2.1]>', { localPart: 'a', domain: '[192.0.2.1]' }, ''],
    ['<a@[IPv6:::1]>', { localPart: 'a', domain: '[IPv6:::1]' }, ''],
    ['<a@_dmarc.b_c.example>', { localPart: 'a', domain: '_dmarc.b_c.example' }, ''],
    ['<张三@昆明.example>', { localPart: '张三', domain: '昆明.example' }, ''],
    ['<محمد@مثال.إختبار>', { localPart: 'محمد', domain: 'مثال.إختبار' }, ''],
    ['<Postmaster>', { localPart: 'Postmaster', domain: '' }, ''],
  ];
  for (const [text, address, rest] of good) {
    it(`reads ${text}`, () => {
      const result = readPath(text, 64);
      assert.ok(result.ok);
      assert.deepEqual(result.address, address);
      assert.equal(text.slice(result.end), rest);
    });
  }

  const bad = [
    '',
    'a@b.example',
    '<',
    '<a',
    '<a@',
    '<a@>',
    '<@b.example>',
    '< a@b.example>',
    '<a b@c.example>',
    '<.a@b.example>',
    '<a.@b.example>',
    '<a..b@c.example>',
    '<a@b@c.example>',
    '<a@b..example>',
    '<a@b.example.>',
    '<a@-b.example>',
    '<a@b c.example>',
    '<a@b(comment).example>',
    '<"a@b.example>',
    '<"a"b@c.example>',
    '<"a\u0007"@c.example>',
    '<a\u0085@c.example>',
    '<a@[192.0.2]>',
    '<a@[IPv6:192.0.2.1]>',
    '<a@[::1]>',
    '<a@[IPv6:fe80::1%eth0]>',
    '<@:a@b.example>',
    '<@x y:a@b.example>',
    '<a@%41.example>',
    '<a@é%41.example>',
    `<a@${'x'.repeat(64)}.example>`,
  ];
  for (const text of bad) {
    it(`refuses ${text.slice(0, 40)}`, () => {
      const result = readPath(text, 64);
      assert.ok(!result.ok);
      assert.equal(result.problem, 'syntax');
    });
  }

  it('counts octets, not characters', () => {
    assert.ok(readPath(`<${'x'.repeat(64)}@b.example>`, 64).ok);
    const long = readPath(`<${'归'.repeat(22)}@b.example>`, 64);
    assert.ok(!long.ok && long.problem === 'tooLong');
    const domain = ['a', 'b', 'c'].map((letter) => letter.repeat(62)).join('.');
    assert.ok(readPath(`<${'x'.repeat(65)}@${domain}>`, 254).ok);
    const whole = readPath(`<${'x'.repeat(66)}@${domain}>`, 254);
    assert.ok(!whole.ok && whole.problem === 'tooLong');
  });

  it('never throws', () => {
    const text = fc.string({
      unit: fc.constantFrom('<', '>', '@', '"', '\\', '.', ',', ':', '[', ']', 'a', '归', ' ', '\0'),
    });
    fc.assert(fc.property(text, (path) => void readPath(path, 64)));
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (path) => void readPath(`<${path}`, 64)));
  });
});

describe('formatAddress', () => {
  it('writes what readPath reads', () => {
    const local = fc.string({ unit: fc.constantFrom('a', '.', '"', '\\', '@', ' ', '归', '>', '<') });
    fc.assert(
      fc.property(local, (localPart) => {
        const written = formatAddress(`${localPart}@昆明.example`, { utf8: true });
        assert.deepEqual(parseAddress(written), { localPart, domain: '昆明.example' });
      }),
    );
  });

  it('is ASCII without utf8', () => {
    assert.equal(formatAddress('张三@例え.jp', { utf8: false }), '??@xn--r8jz45g.jp');
    assert.equal(formatAddress('', { utf8: false }), '');
    assert.equal(formatAddress('a\r\nb@c', { utf8: true }), '"a??b"@c');
  });
});

describe('domains', () => {
  it('compare by A-labels in lower case', () => {
    assert.equal(asciiDomain('例え.JP'), 'xn--r8jz45g.jp');
    assert.equal(asciiDomain('例え。jp'), 'xn--r8jz45g.jp');
    assert.equal(asciiDomain('STU.Example.EDU'), 'stu.example.edu');
    assert.equal(asciiDomain('[IPv6:2001:DB8::1]'), '[ipv6:2001:db8::1]');
    assert.equal(asciiDomain('a:25'), undefined);
    assert.equal(asciiDomain(''), undefined);
  });

  it('may be address literals', () => {
    assert.ok(isAddressLiteral('[127.0.0.1]'));
    assert.ok(!isAddressLiteral('127.0.0.1'));
  });
});

describe('splitAddress', () => {
  it('parts at the last @, as an unquoted local part may hold one', () => {
    assert.deepEqual(splitAddress('a@b@c.example'), { localPart: 'a@b', domain: 'c.example' });
    assert.deepEqual(splitAddress(''), { localPart: '', domain: '' });
  });
});
