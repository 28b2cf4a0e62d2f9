import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchShortcut, nameKey, type KeyPress } from './shortcuts.ts';

const NONE = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const press = (key: string, held: Partial<KeyPress> = {}) => nameKey({ ...NONE, key, ...held });

test('keys are called by the character that comes of them', () => {
  assert.equal(press('e'), 'e');
  assert.equal(press('U', { shiftKey: true }), 'Shift+U');
  assert.equal(press('?', { shiftKey: true }), '?');
  assert.equal(press('k', { ctrlKey: true }), 'Mod+K');
  assert.equal(press('k', { metaKey: true }), 'Mod+K');
  assert.equal(press('Enter', { ctrlKey: true }), 'Mod+Enter');
  assert.equal(press('Shift', { shiftKey: true }), undefined);
  assert.equal(press('Process'), undefined, 'an input method at work');
  assert.equal(press('e', { altKey: true }), undefined);
});

test('a key may be the first of two', () => {
  const all = ['e', 'g i', 'g d', '?'];
  assert.deepEqual(matchShortcut(all, undefined, 'e'), { shortcut: 'e', waits: false });
  assert.deepEqual(matchShortcut(all, undefined, 'g'), { shortcut: undefined, waits: true });
  assert.deepEqual(matchShortcut(all, 'g', 'i'), { shortcut: 'g i', waits: false });
  assert.deepEqual(matchShortcut(all, 'g', 'e'), { shortcut: 'e', waits: false });
  assert.deepEqual(matchShortcut(all, 'g', 'g'), { shortcut: undefined, waits: true });
});
