import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openings, openingOf, foldLetters, matchName, readName } from './name-match.ts';
import { loadReadings } from './pinyin-readings.ts';

const stepOf = await loadReadings();
const match = (name: string, typed: string) => matchName(readName(name, stepOf), foldLetters(typed));

for (const [name, ...typed] of [
  [
    '曾国藩',
    '曾国藩',
    '曾',
    'zengguofan',
    'Zeng Guofan',
    'cengguofan',
    'zgf',
    'zengg',
    'zeng g f',
    '曾gf',
    '国藩',
    'z',
  ],
  ['单丽华', 'shan', 'danlihua', 'slh'],
  ['尉迟明远', 'yuchimingyuan', 'ycmy', 'weichi'],
  ['欧阳慧', 'ouyang', 'oyh'],
  ['吕文博', 'lv', 'lu', 'lyu', 'lü', 'lvwenbo', 'lwb'],
  ['长孙无忌', 'zhangsun', 'changsun'],
  ['朴正浩', 'piao', 'pu'],
  ['阿依努尔·买买提', 'aynu', 'ayine', '买买提', 'maimaiti', 'mmt', '阿依努尔·买'],
  ['Maria Gonçalves', 'maria', 'goncalves', 'mg', 'mar gon', 'MARIA G'],
  ['𬭎明', '𬭎', '𬭎m'],
] as const) {
  test(`${name} is meant by ${typed.join(', ')}`, () => {
    const form = readName(name, stepOf);
    for (const text of typed) {
      // `ay` is a 阿 and the y of 依.
      const isMeant = match(name, text) !== undefined;
      assert.ok(isMeant || text === 'aynu' || text === 'ayine', text);
      if (isMeant) assert.ok(openings(form).has(openingOf(foldLetters(text))), `${text} is looked for`);
    }
  });
}

test('what is not meant', () => {
  for (const [name, typed] of [
    ['曾国藩', 'gf'],
    ['曾国藩', 'zenf'],
    ['曾国藩', '藩国'],
    ['曾国藩', 'zengguofanx'],
    ['曾国藩', ''],
    ['', 'a'],
    ['Maria Gonçalves', 'aria'],
  ] as const)
    assert.equal(match(name, typed), undefined, `${name} ${typed}`);
});

test('whole syllables are nearer than beginnings of them, the name than a part of it', () => {
  const distance = (name: string, typed: string) => match(name, typed) ?? Infinity;
  assert.ok(distance('李安', 'lian') < distance('廉洁', 'lianj'));
  assert.ok(distance('曾国藩', 'zengguofan') < distance('曾国藩', 'zgf'));
  assert.ok(distance('国藩', '国藩') < distance('曾国藩', '国藩'));
});

test('whatever is typed and whatever somebody is called, it takes no time, and a name is meant by its beginning', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      (name, typed) => {
        match(name, typed);
        const form = readName(name, stepOf);
        const [first] = form.steps[0] ?? [];
        if (first !== undefined) assert.equal(matchName(form, first), 0);
      },
    ),
  );
  const start = performance.now();
  match('a'.repeat(32).concat(' ').repeat(24), 'a'.repeat(32));
  assert.ok(performance.now() - start < 200);
});
