import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keywordOf } from './labels.ts';
import type { MailboxRole, MailboxView } from './model.ts';
import { parseSearch, type SearchContext, type SearchFilter } from './search-query.ts';

const mailbox = (id: string, name: string, role?: MailboxRole): MailboxView => ({
  id,
  name,
  role,
  parentId: undefined,
  unread: 0,
  total: 0,
});
const CONTEXT: SearchContext = {
  mailboxes: [mailbox('1', 'Inbox', 'inbox'), mailbox('2', 'Junk', 'junk'), mailbox('3', '归档 & Résumé')],
  own: ['a@x.edu', 'b@x.edu'],
  now: new Date(2026, 4, 20, 15),
};
const HIDDEN = { inMailboxOtherThan: ['2'] };
const local = (year: number, month: number, day: number) =>
  new Date(year, month - 1, day).toISOString().replace('.000', '');

/** What is asked for besides not to look into junk. */
function asked(typed: string): readonly SearchFilter[] {
  const filter = parseSearch(typed, CONTEXT);
  const all = 'operator' in filter && filter.operator === 'AND' ? filter.conditions : [filter];
  assert.deepEqual(all.at(-1), HIDDEN, typed);
  return all.slice(0, -1);
}

test('operators in English and Chinese, with colons of either width', () => {
  const pairs: readonly (readonly [string, string, SearchFilter])[] = [
    ['from:li', '发件人：li', { from: 'li' }],
    ['to:wang', '收件人:wang', { to: 'wang' }],
    ['cc:x', '抄送：x', { cc: 'x' }],
    ['subject:"final exam"', '主题：“final exam”', { subject: '"final exam"' }],
    ['has:attachment', '有附件', { hasAttachment: true }],
    ['attachment:', '附件：', { hasAttachment: true }],
    ['attachment:课表', '附件:课表', { hasAttachment: true, text: '课表' }],
    ['is:unread', '状态：未读', { notKeyword: '$seen' }],
    ['is:flagged', 'is:星标', { hasKeyword: '$flagged' }],
    ['label:急办', '标签：急办', { hasKeyword: keywordOf('急办') }],
    ['before:2026-05-01', '早于：2026年5月1日', { before: local(2026, 5, 1) }],
    ['after:yesterday', '之后:昨天', { after: local(2026, 5, 19) }],
    ['after:7d', '晚于：7天前', { after: local(2026, 5, 13) }],
    ['older_than:1m', '早于：1个月前', { before: local(2026, 4, 20) }],
    ['newer_than:2d', '晚于:2天', { after: local(2026, 5, 18) }],
    ['is:muted', '状态：静音', { hasKeyword: '$muted' }],
    ['before:5/1', '早于:5月1日', { before: local(2026, 5, 1) }],
    ['larger:5MB', '大于：5m', { minSize: 5 * 1024 * 1024 }],
    ['smaller:1.5k', '小于:1536', { maxSize: 1536 }],
  ];
  for (const [english, chinese, condition] of pairs) {
    assert.deepEqual(asked(english), [condition], english);
    assert.deepEqual(asked(chinese), [condition], chinese);
  }
});

test('words and phrases stay as they were typed, beside any operators, and may be excluded', () => {
  assert.deepEqual(asked('期末 from:li "final exam" 安排'), [{ text: '期末 "final exam" 安排' }, { from: 'li' }]);
  assert.deepEqual(asked('考试 -补考 -from:li'), [
    { text: '考试' },
    { operator: 'NOT', conditions: [{ text: '补考' }] },
    { operator: 'NOT', conditions: [{ from: 'li' }] },
  ]);
  assert.deepEqual(asked('to:me'), [{ operator: 'OR', conditions: [{ to: 'a@x.edu' }, { to: 'b@x.edu' }] }]);
});

test('a place is a role in either language or a name; said, junk is looked into as well', () => {
  for (const typed of ['in:inbox', '文件夹：收件箱', 'in:1'])
    assert.deepEqual(parseSearch(typed, CONTEXT), { inMailbox: '1' });
  assert.deepEqual(parseSearch('in:"归档 & résumé"', CONTEXT), { inMailbox: '3' });
  assert.deepEqual(parseSearch('位于:垃圾邮件', CONTEXT), { inMailbox: '2' });
  assert.deepEqual(parseSearch('x in:anywhere', CONTEXT), { text: 'x' });
});

test('what makes no sense is looked for as text, and what is not finished asks for nothing', () => {
  for (const typed of ['before:2026-13-01', 'larger:much', 'in:nowhere', 'https://x.edu', '10:30'])
    assert.deepEqual(asked(typed), [{ text: typed }], typed);
  assert.deepEqual(asked('from:'), []);
  assert.deepEqual(asked('from: 会议'), [{ text: '会议' }]);
});

test('whatever is typed gives a filter, quickly', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (typed) => void parseSearch(typed, CONTEXT)));
  const started = performance.now();
  parseSearch('a:"'.repeat(20_000), CONTEXT);
  assert.ok(performance.now() - started < 2_000);
});
