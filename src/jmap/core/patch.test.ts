import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ObjectError } from './errors.ts';
import { applyPatch } from './patch.ts';

const email = { keywords: { $seen: true, 'a/b~': true }, mailboxIds: { M1: true }, size: 3, list: [{ a: 1 }] };

test('a path sets, null at its end removes, and the object given stays as it is', () => {
  const before = structuredClone(email);
  assert.deepEqual(applyPatch(email, { 'keywords/$flagged': true, 'keywords/$seen': null }).keywords, {
    'a/b~': true,
    $flagged: true,
  });
  assert.deepEqual(applyPatch(email, { 'keywords/a~1b~0': null }).keywords, { $seen: true });
  assert.deepEqual(applyPatch(email, { mailboxIds: { M2: true } }).mailboxIds, { M2: true });
  assert.deepEqual(email, before);
});

test('null takes a whole property away: its default is its type’s matter', () => {
  assert.deepEqual(applyPatch<object>({ size: 3, name: 'a' }, { size: null, none: null }), { name: 'a' });
});

test('paths into nothing, into lists, and one over another are invalid', () => {
  for (const patch of [
    { 'nothing/x': true },
    { 'list/0': true },
    { 'list/0/a': 2 },
    { 'size/x': 1 },
    { keywords: {}, 'keywords/$seen': true },
    { '__proto__/polluted': true },
    { 'constructor/prototype/polluted': true },
  ])
    assert.throws(() => applyPatch(email, patch), isInvalidPatch, JSON.stringify(patch));
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('names that begin alike are two paths', () => {
  assert.deepEqual(applyPatch({ a: {}, ab: {} }, { a: { x: 1 }, 'ab/y': 2 }), { a: { x: 1 }, ab: { y: 2 } });
});

function isInvalidPatch(error: unknown): boolean {
  return error instanceof ObjectError && error.error.type === 'invalidPatch';
}
