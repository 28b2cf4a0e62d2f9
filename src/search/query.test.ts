import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery, toSearchQuery } from './query.ts';
import { SEARCH_FIELDS } from './types.ts';

const needles = (text: string): string[] => parseQuery(text).map(({ needle }) => needle);

test('words between blanks, phrases in quotation marks', () => {
  for (const [text, ...expected] of [
    ['会议 Thursday', '会议', ' thursday '],
    ['"please find" 会议', ' please find ', '会议'],
    ["'please find' don't", ' please find ', ' don t '],
    ['“期末 考试”「安排」', '期末 考试', '安排'],
    [String.raw`"say \"hi\" now" x`, ' say hi now ', ' x '],
    ['"not closed at all', ' not closed at all '],
    ["'tis the season", ' tis ', ' the ', ' season '],
    ['5" disk', ' 5 ', ' disk '],
    ['会议 会議', '会议'],
    ['" - " ... “”'],
  ] as const)
    assert.deepEqual(needles(text), expected, text);
});

test('no more of a query is read than the limits allow', () => {
  assert.equal(parseQuery(Array.from({ length: 500 }, (_, n) => `w${n}`).join(' ')).length, 32);
  assert.equal(parseQuery(`"${'\\'.repeat(100_000)}`).length, 0);
});

test('the text properties of a JMAP condition', () => {
  assert.deepEqual(toSearchQuery({}), []);
  assert.deepEqual(toSearchQuery({ subject: '会议', from: 'li wei' }), [
    { fields: ['from'], needle: ' li ' },
    { fields: ['from'], needle: ' wei ' },
    { fields: ['subject'], needle: '会议' },
  ]);
  assert.deepEqual(toSearchQuery({ text: 'x' }), [{ fields: SEARCH_FIELDS, needle: ' x ' }]);
  assert.deepEqual(toSearchQuery({ body: 'x' }), [{ fields: ['body', 'fileText'], needle: ' x ' }]);
});
