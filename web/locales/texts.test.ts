import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLanguage, loadTexts } from './texts.ts';

const zh = await loadTexts('zh-CN');
const en = await loadTexts('en');
const at = (text: string) => new Date(text);

test('dates as Chinese readers of mail expect them', () => {
  const now = at('2025-11-28T15:00:00');
  assert.equal(zh.moment(at('2025-11-28T14:03:00'), now), '14:03');
  assert.equal(zh.day(at('2025-11-28T00:00:00'), now), '今天');
  assert.equal(zh.moment(at('2025-11-27T23:59:00'), now), '昨天');
  assert.equal(zh.moment(at('2025-03-05T08:00:00'), now), '3月5日');
  assert.equal(zh.moment(at('2024-03-05T08:00:00'), now), '2024/3/5');
  assert.equal(zh.moment(at('2025-11-29T08:00:00'), now), '11月29日', 'a clock that runs ahead');
  assert.equal(zh.full(at('2019-09-16T10:00:00')), '2019年9月16日 星期一 10:00');
  assert.equal(zh.moment(at('2025-11-28T00:05:00'), now), '00:05');
});

test('and as English readers do', () => {
  const now = at('2025-11-28T15:00:00');
  assert.equal(en.moment(at('2025-03-05T08:00:00'), now), '5 Mar');
  assert.equal(en.moment(at('2024-03-05T08:00:00'), now), '5 Mar 2024');
  assert.equal(en.full(at('2019-09-16T10:00:00')), 'Monday, 16 September 2019, 10:00');
});

test('places are filled, numbers written, plurals chosen', () => {
  assert.equal(zh.t('done.archived', { count: 1200 }), '已归档 1,200 个会话');
  assert.equal(en.t('done.archived', { count: 1 }), '1 conversation archived');
  assert.equal(en.t('done.archived', { count: 2 }), '2 conversations archived');
  assert.equal(zh.t('search.in', { name: '$& {count}' }), '在“$& {count}”中', 'what is filled in is not read again');
});

test('sizes', () => {
  const sizes = [0, 1023, 1024, 1536, 1024 ** 2 * 99.96, 20 * 1024 ** 3, 1024 ** 5].map((bytes) => zh.size(bytes));
  assert.deepEqual(sizes, ['0 B', '1,023 B', '1 KB', '1.5 KB', '100 MB', '20 GB', '1,024 TB']);
});

test('a language by what the browser prefers', () => {
  assert.equal(chooseLanguage(['zh-TW', 'en']), 'zh-CN');
  assert.equal(chooseLanguage(['fr', 'en-GB']), 'en');
  assert.equal(chooseLanguage([]), 'zh-CN');
});
