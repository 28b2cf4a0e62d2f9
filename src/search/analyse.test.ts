import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  analyse,
  hasLongWord,
  listRuns,
  type NeedleToken,
  needleTokens,
  textTokens,
  toNeedle,
  toPartNeedle,
} from './analyse.ts';
import { foldText } from './fold.ts';

const fits = ({ token, is }: NeedleToken, whole: string): boolean =>
  ({
    whole: token === whole,
    beginning: whole.startsWith(token),
    end: whole.endsWith(token),
    part: whole.includes(token),
  })[is];

/** Whether the needle is in the text; by its tokens it must be the same. */
const has = (text: string, needle: string): boolean => {
  const analysed = analyse(text);
  const ofText = [...textTokens(analysed)];
  assert.ok(ofText.every(({ place }, at) => place === at));
  const ofNeedle = needleTokens(needle);
  const isThere = ofText.some((_, start) =>
    ofNeedle.every((one) => {
      const other = ofText[start + one.place];
      return other !== undefined && other.isOfRun === one.isOfRun && fits(one, other.token);
    }),
  );
  assert.equal(isThere, analysed.includes(needle), `${needle} in ${text}`);
  return isThere;
};
const finds = (text: string, query: string): boolean => has(text, toNeedle(query));

test('a text becomes words and runs', () => {
  assert.equal(analyse('重跑Gen-ITGC（会议）'), ' 重跑 gen itgc 会议 ');
  assert.equal(analyse(' \r\n,。'), '');
  assert.equal(analyse('a'.repeat(130)), ` ${'a'.repeat(64)} ${'a'.repeat(64)} aa `);
});

test('what makes no difference', () => {
  for (const [text, query] of [
    ['ＡＢ１２', 'ab12'],
    ['電子郵件系統', '电子邮件'],
    ['电子邮件系统', '電子郵件'],
    ['Résumé de Müller', 'resume'],
    ['Résumé de Mu\u0308ller', 'MÜLLER'],
    ['Straße', 'strasse'],
    ['二〇二六年', '二零二六年'],
    ['㈱東芝', '(株)东芝'],
    ['ﬁle', 'FILE'],
    ['ｶﾞｽ', 'ガス'],
  ] as const)
    assert.ok(finds(text, query), `${query} in ${text}`);
});

test('runs are found from one character on, words as a whole', () => {
  const text = '联通公司朱镕基、陶喆：重跑gen-itgc，2026年9月份考试；𠀀𠀁好';
  for (const query of [
    '联',
    '联通',
    '通公司朱',
    '镕',
    '喆',
    '镕基',
    '重跑',
    'gen',
    'itgc',
    'gen-itgc',
    '重跑gen',
    '2026年',
    '9月份',
    '2026年9月',
    '𠀀',
    '𠀁好',
  ])
    assert.ok(finds(text, query), query);
  for (const query of ['基陶', '联公', '基、喆', 'ge', 'tgc', '月9', '26年', '份试', '好联', '跑跑'])
    assert.ok(!finds(text, query), query);
});

test('addresses and file names are found by their parts', () => {
  const text = 'Li Wei <li.wei@ylut.example> 2026_预算-final.xlsx';
  for (const query of [
    'li.wei',
    'ylut',
    'li.wei@ylut.example',
    'wei li',
    '预算',
    'final',
    'final.xlsx',
    'xlsx',
    '<li.wei@',
  ])
    assert.ok(finds(text, query), query);
  assert.ok(!finds(text, 'ylut.wei'));
});

const mixed = fc.string({ unit: fc.constantFrom(...Array.from('会议通a1 -。é𠀀가')), maxLength: 40 });
const cut = (text: string, from: number, length: number): string =>
  Array.from(text)
    .slice(from, from + length)
    .join('');

test('tokens and their places tell of every needle whether it is there', () => {
  fc.assert(
    fc.property(mixed, mixed, fc.nat(40), fc.integer({ min: 1, max: 6 }), (body, other, from, length) => {
      for (const query of [other, cut(body, from, length)]) if (toNeedle(query) !== '') finds(body, query);
    }),
    { numRuns: 2_000 },
  );
});

test('what is part of a text is part of what is analysed of it', () => {
  fc.assert(
    fc.property(mixed, fc.nat(40), fc.integer({ min: 1, max: 6 }), (body, from, length) => {
      const part = cut(body, from, length);
      const needle = toPartNeedle(part);
      if (needle !== '') assert.ok(has(body, needle), `${part} in ${body}`);
    }),
    { numRuns: 2_000 },
  );
  for (const [text, part, isThere] of [
    ['a network of', 'ork', true],
    ['a network of', 'ork ', true],
    ['a network of', ' ork', false],
    ['a network of', 'net ', false],
    ['a network of', 'work, o', true],
    ['会议，通知', '，通', true],
    ['会议通知', '会议，', false],
    ['重跑gen', '跑ge', true],
  ] as const)
    assert.equal(has(text, toPartNeedle(part)), isThere, part);
  assert.deepEqual(listRuns('重跑 gen，会'), ['重跑', '会']);
  assert.deepEqual(
    ['a'.repeat(63), 'a'.repeat(65), '会'.repeat(64)].map((text) => hasLongWord(analyse(text))),
    [false, true, false],
  );
});

test('every character folds to at most eighteen, which fold to themselves', () => {
  // How many places a text may have (store/sql/search-segment.ts) counts on it.
  for (let unit = 0; unit < 0x1_0000; unit++) {
    const folded = foldText(String.fromCharCode(unit));
    assert.ok(folded.length <= 18);
    assert.equal(foldText(folded), folded);
  }
});

test('hostile text takes linear time', () => {
  const started = process.cpuUsage();
  analyse(`a${'\u0301'.repeat(300_000)}`);
  analyse('会'.repeat(300_000));
  analyse('é'.repeat(300_000));
  assert.equal([...textTokens(analyse('会议a'.repeat(100_000)))].length, 300_000);
  assert.ok(process.cpuUsage(started).user < 3_000_000);
});
