import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { prepareString } from './saslprep.ts';

test('the examples of RFC 4013 §3', () => {
  assert.equal(prepareString('I\u00adX'), 'IX');
  assert.equal(prepareString('user'), 'user');
  assert.equal(prepareString('USER'), 'USER');
  assert.equal(prepareString('\u00aa'), 'a');
  assert.equal(prepareString('\u2168'), 'IX');
  assert.equal(prepareString('\u0007'), undefined);
  // The sixth, a right-to-left letter before a digit, is allowed as in RFC 8265.
  assert.equal(prepareString('\u06271'), '\u06271');
});

test('what an input method types by mistake is folded', () => {
  assert.equal(prepareString('Ｋｕｓｔ１２３'), 'Kust123');
  assert.equal(prepareString('密码\u3000一'), '密码 一');
  assert.equal(prepareString('❤\ufe0f'), '❤');
});

test('nothing that controls the display or is no character passes', () => {
  for (const bad of ['a\u202eb', '\ufffe', '\ud800', 'a\u0000', '\ue000', '\u{e0041}', '\u2028é']) {
    assert.equal(prepareString(bad), undefined, JSON.stringify(bad));
  }
});

test('preparing twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = prepareString(text);
      if (once !== undefined) assert.equal(prepareString(once), once);
    }),
  );
});
