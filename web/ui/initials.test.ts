import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourOf, initialsOf } from './initials.ts';

test('initials of names as they come', () => {
  for (const [name, expected] of [
    ['王小明', '小明'],
    ['李雷', '李雷'],
    ['欧阳 震华', '震华'],
    ['王老师', '老师'],
    ['教务处', '教务'],
    ['信息化建设管理中心', '信息'],
    ['Anna Maria Schmidt', 'AS'],
    ['alice', 'A'],
    ['“Bob”', 'B'],
    ['𬭎𠀀', '𬭎𠀀'],
    ['محمد علي', 'مع'],
    ['20230001', '2'],
    ['\u202Eevil', 'E'],
    ['', '?'],
    ['***', '?'],
  ] as const) {
    assert.equal(initialsOf(name), expected, name);
  }
});

test('a colour is within the palette and does not depend on case', () => {
  for (const address of ['', 'a@b', '学生@例子.中国', 'x'.repeat(1000)]) {
    const colour = colourOf(address, 8);
    assert.ok(colour >= 0 && colour < 8);
    assert.equal(colour, colourOf(address.toUpperCase(), 8));
  }
});
