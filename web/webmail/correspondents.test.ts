import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPeople } from './correspondents.ts';

test('by name or address, the most frequent first, each once, without oneself', () => {
  const li = { name: '李国栋', email: 'LiGD@x.edu' };
  const emails = [
    { from: [{ name: null, email: 'ligd@x.edu' }], to: [{ name: '我', email: 'me@x.edu' }], cc: null },
    { from: [{ name: '李雷', email: 'lilei@x.edu' }], to: [li] },
  ];
  assert.deepEqual(findPeople(emails, 'LI', ['me@x.edu'], 5), [
    { name: '李国栋', address: 'ligd@x.edu' },
    { name: '李雷', address: 'lilei@x.edu' },
  ]);
  assert.deepEqual(findPeople(emails, '李雷', [], 5).length, 1);
  assert.deepEqual(findPeople(emails, 'x.edu', ['me@x.edu'], 1).length, 1);
  assert.deepEqual(findPeople(emails, ' ', [], 5), []);
});
