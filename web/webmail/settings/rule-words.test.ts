import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilterRule } from '#contract/jmap/mail-filter.ts';
import { createTexts } from '#web/locales/texts.ts';
import { zhCN } from '#web/locales/zh-CN.ts';
import { actionsText, conditionOn, conditionsText, isComplete, moved } from './rule-words.ts';

const texts = createTexts('zh-CN', zhCN);

const RULE: FilterRule = {
  name: '课程',
  isEnabled: true,
  match: 'any',
  conditions: [
    { field: 'from', test: 'ends', value: '@dept.example' },
    { field: 'header', name: 'X-Course', test: 'is', value: '数学' },
    { field: 'size', test: 'over', bytes: 1024 * 1024 },
    { field: 'attachment', test: 'has' },
  ],
  actions: { mailboxId: 'M1', keywords: ['$seen', 'work'], forwardTo: ['li@kust.example'] },
  stops: true,
};

test('a rule is told in a sentence', () => {
  assert.equal(
    conditionsText(RULE, texts),
    '发件人 结尾是 “@dept.example” 或 X-Course 等于 “数学” 或 大小 大于 1 MB 或 附件 有',
  );
  const folder = {
    id: 'M1',
    name: '课程',
    role: undefined,
    parentId: undefined,
    total: 0,
    unread: 0,
    isSubscribed: true,
    mayRename: true,
    mayDelete: true,
  };
  assert.equal(
    actionsText(RULE, [folder], texts),
    '移到“课程”，标为已读，加标签 work，转发给 li@kust.example，不再执行后面的规则',
  );
  assert.match(actionsText(RULE, [], texts), /^文件夹已删除/);
});

test('only a rule that says and does something can be saved', () => {
  const idle = { mailboxId: null, keywords: [], forwardTo: [] };
  assert.equal(isComplete(RULE), true);
  assert.equal(isComplete({ ...RULE, actions: idle }), true, 'to stop is something');
  assert.equal(isComplete({ ...RULE, actions: idle, stops: false }), false);
  assert.equal(isComplete({ ...RULE, conditions: [] }), false);
  assert.equal(isComplete({ ...RULE, conditions: [conditionOn('subject')] }), false);
  assert.equal(isComplete({ ...RULE, conditions: [conditionOn('origin')] }), true);
  assert.equal(isComplete({ ...RULE, conditions: [{ field: 'header', name: 'a b', test: 'is', value: 'x' }] }), false);
});

test('another field keeps what is looked for', () => {
  const before = { field: 'from', test: 'is', value: 'x' } as const;
  assert.deepEqual(conditionOn('subject', before), { field: 'subject', test: 'contains', value: 'x' });
  assert.deepEqual(conditionOn('attachment', before), { field: 'attachment', test: 'has' });
});

test('what is moved stands where it was put', () => {
  assert.deepEqual(moved(['a', 'b', 'c'], 0, 2), ['b', 'c', 'a']);
  assert.deepEqual(moved(['a', 'b', 'c'], 2, 0), ['c', 'a', 'b']);
  assert.deepEqual(moved(['a'], 5, 0), ['a']);
});
