import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyse, needleTokens, textTokens, toNeedle } from './analyse.ts';

const finds = (text: string, query: string): boolean => {
  const isThere = analyse(text).includes(toNeedle(query));
  const { tokens, isExact } = needleTokens(toNeedle(query));
  const ofText = textTokens(analyse(text));
  const hasTokens = tokens.every(({ token, isBeginning }) =>
    isBeginning ? ofText.values().some((one) => one.startsWith(token)) : ofText.has(token),
  );
  assert.ok(isExact ? hasTokens === isThere : hasTokens || !isThere, `${query} in ${text}`);
  return isThere;
};

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

test('tokens rule out nothing that is there, and tell it for certain where they say so', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('会议通a1 -。é𠀀가')), maxLength: 40 });
  fc.assert(
    fc.property(text, text, fc.nat(40), fc.integer({ min: 1, max: 6 }), (body, other, from, length) => {
      for (const query of [
        other,
        Array.from(body)
          .slice(from, from + length)
          .join(''),
      ])
        if (toNeedle(query) !== '') finds(body, query);
    }),
    { numRuns: 2_000 },
  );
});

test('one word and up to two characters are told for certain', () => {
  for (const query of ['会', '会议', 'Thursday', '会会', '𠀀好'])
    assert.ok(needleTokens(toNeedle(query)).isExact, query);
  for (const query of ['期末考', '会会会', 'gen-itgc', '会议 ', '重跑gen', '会，议'])
    assert.equal(needleTokens(toNeedle(query)).isExact, query === '会议 ', query);
});

test('hostile text takes linear time', () => {
  const started = process.cpuUsage();
  analyse(`a${'\u0301'.repeat(300_000)}`);
  analyse('会'.repeat(300_000));
  analyse('é'.repeat(300_000));
  textTokens(analyse('会议a'.repeat(100_000)));
  assert.ok(process.cpuUsage(started).user < 3_000_000);
});
