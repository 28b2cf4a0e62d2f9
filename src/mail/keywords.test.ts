import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeKeywords, packKeywords, unpackKeywords } from './keywords.ts';
import { MAIL_LIMITS } from './limits.ts';
import { FLAG } from './types.ts';

test('system keywords are bits, the others a sorted list, case folded', () => {
  const packed = packKeywords(['$Seen', 'Todo', '$flagged', 'budget', 'todo']);
  assert.deepEqual(packed, { flags: FLAG.SEEN | FLAG.FLAGGED, keywords: ['budget', 'todo'] });
  assert.deepEqual(unpackKeywords(packed), ['$seen', '$flagged', 'budget', 'todo']);
});

test('what RFC 8621 §4.1.1 forbids is refused', () => {
  for (const bad of ['', 'a b', 'a(b', 'a]b', 'a%b', 'a*b', 'a"b', 'a\\b', '已读', 'a\u0000', 'x'.repeat(256)]) {
    assert.throws(() => packKeywords([bad]), { code: 'invalid' });
  }
  const many = Array.from({ length: MAIL_LIMITS.keywords + 1 }, (_, i) => `k${i}`);
  assert.throws(() => packKeywords(many), { code: 'limit' });
});

test('add, remove and replace', () => {
  const old = packKeywords(['$seen', 'a', 'b']);
  assert.deepEqual(
    changeKeywords(old, 'add', packKeywords(['$draft', 'c'])),
    packKeywords(['$seen', '$draft', 'a', 'b', 'c']),
  );
  assert.deepEqual(changeKeywords(old, 'remove', packKeywords(['$seen', 'a'])), packKeywords(['b']));
  assert.deepEqual(changeKeywords(old, 'replace', packKeywords(['x'])), packKeywords(['x']));
});

test('no change gives the same object, so that callers can tell', () => {
  const old = packKeywords(['$seen', 'a']);
  assert.equal(changeKeywords(old, 'add', packKeywords(['a'])), old);
  assert.equal(changeKeywords(old, 'remove', packKeywords(['z', '$junk'])), old);
  assert.equal(changeKeywords(old, 'replace', packKeywords(['$seen', 'a'])), old);
});

test('adding cannot pass the limit', () => {
  const full = packKeywords(Array.from({ length: MAIL_LIMITS.keywords }, (_, i) => `k${i}`));
  assert.throws(() => changeKeywords(full, 'add', packKeywords(['one-more'])), { code: 'limit' });
});
