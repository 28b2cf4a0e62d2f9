import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalizeName, isHostName, reverseName } from './name.ts';

describe('a name of the DNS', () => {
  it('has one spelling', () => {
    const spellings: readonly [string, string][] = [
      ['Example.ORG.', 'example.org'],
      ['昆明理工大学.中国', 'xn--pss25cz2c27mfb626n.xn--fiqs8s'],
      ['BÜCHER.example', 'xn--bcher-kva.example'],
      ['mail。例え.jp', 'mail.xn--r8jz45g.jp'],
      ['_25._tcp.mx.example', '_25._tcp.mx.example'],
      ['1.0/25.2.0.192.in-addr.arpa', '1.0/25.2.0.192.in-addr.arpa'],
      ['o=brien+x._spf.example', 'o=brien+x._spf.example'],
      [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
    ];
    for (const [text, name] of spellings) assert.equal(canonicalizeName(text), name, text);
  });

  it('is not empty, long, or made of what nobody means', () => {
    const long = `${'a'.repeat(62)}.`.repeat(4);
    assert.equal(canonicalizeName(`${long}b`), `${long}b`);
    const bad = ['', '.', '..', 'a..b', '.a', 'a b', 'a\0b', 'a\r\nb', 'a\x7f', 'a%2e中', `${'a'.repeat(64)}.b`];
    for (const text of [...bad, `${long}bb`, '中'.repeat(300), '中 文.example', '\ud800.example']) {
      assert.equal(canonicalizeName(text), undefined, JSON.stringify(text));
    }
  });

  it('stays as it is when it is canonical', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string({ unit: 'grapheme', maxLength: 80 })), (text) => {
        const name = canonicalizeName(text);
        if (name !== undefined) assert.equal(canonicalizeName(name), name);
      }),
    );
  });

  it('is a host name only of letters, digits, hyphens and underscores', () => {
    for (const name of ['mx1.example', 'my_host.example', 'localhost']) assert.ok(isHostName(name), name);
    for (const name of ['', 'a;b.example', '(x).example', 'a@b']) assert.ok(!isHostName(name), name);
  });

  it('is made of an address in reverse', () => {
    assert.equal(reverseName('192.0.2.1'), '1.2.0.192.in-addr.arpa');
    assert.equal(reverseName('::ffff:192.0.2.1'), '1.2.0.192.in-addr.arpa');
    const nibbles = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
    assert.equal(reverseName('2001:DB8::1'), nibbles);
    for (const text of ['', 'example.org', '192.0.2', '0x7f.1', '1.2.3.4.5'])
      assert.equal(reverseName(text), undefined);
  });
});
