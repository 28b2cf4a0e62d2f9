import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { decodeXtext, encodeOrcpt, encodeXtext, parseEnvid, parseNotify, parseOrcpt } from './dsn-parameters.ts';

describe('xtext', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => assert.equal(decodeXtext(encodeXtext(text)), text)),
    );
  });

  it('is refused when malformed', () => {
    for (const text of ['a+2', 'a+2b', 'a=b', 'a b', 'é', '+']) assert.equal(decodeXtext(text), undefined, text);
  });
});

describe('ENVID', () => {
  it('is printable and not long', () => {
    assert.equal(parseEnvid('QQ314159+20x'), 'QQ314159 x');
    assert.equal(parseEnvid(''), undefined);
    assert.equal(parseEnvid('a+0A'), undefined);
    assert.equal(parseEnvid('x'.repeat(101)), undefined);
  });
});

describe('NOTIFY', () => {
  it('is NEVER, or some others', () => {
    assert.deepEqual(parseNotify('never'), ['NEVER']);
    assert.deepEqual(parseNotify('FAILURE,Success'), ['FAILURE', 'SUCCESS']);
    for (const value of ['', 'NEVER,FAILURE', 'FAILURE,FAILURE', 'FAILURE,', 'ALWAYS']) {
      assert.equal(parseNotify(value), undefined, value);
    }
  });
});

describe('ORCPT', () => {
  it('is decoded by its type', () => {
    assert.equal(parseOrcpt('RFC822;a+2Bb@c.example'), 'rfc822;a+b@c.example');
    assert.equal(parseOrcpt(String.raw`utf-8;\x{5F20}\x{4E09}@c.example`), 'utf-8;张三@c.example');
    assert.equal(parseOrcpt('utf-8;张三@c.example'), 'utf-8;张三@c.example');
    const bad = [
      '',
      'a@b',
      ';a@b',
      'rfc822;',
      'rfc822;张',
      'rfc822;a+0Db',
      String.raw`utf-8;\x{D800}`,
      String.raw`utf-8;\x{110000}`,
      'utf-8;a+b',
      `rfc822;${'x'.repeat(500)}`,
    ];
    for (const value of bad) assert.equal(parseOrcpt(value), undefined, value);
  });

  it('is written so that it can be read', () => {
    const address = fc.string({
      unit: fc.constantFrom('a', '@', '+', '=', '\\', ' ', '张', '\u{1f4ee}'),
      minLength: 1,
    });
    fc.assert(
      fc.property(address, fc.boolean(), (text, utf8) => {
        const written = encodeOrcpt(`utf-8;${text}`, { utf8 });
        assert.equal(parseOrcpt(written), `utf-8;${text}`);
        assert.match(written, utf8 ? /^\S+$/ : /^[\x21-\x7e]+$/);
      }),
    );
    assert.equal(encodeOrcpt('rfc822;a+b=c d@x.example', { utf8: true }), 'rfc822;a+2Bb+3Dc+20d@x.example');
  });
});
