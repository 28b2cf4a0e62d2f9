import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, MailboxId } from '#base/ids.ts';
import type { FilterCondition, FilterRow, FilterRule } from '#directory/types.ts';
import { digestMessage } from '#mime/digest.ts';
import { judgeMessage } from './judge-message.ts';
import { matchesRule } from './match-rule.ts';
import { MessageFacts } from './message-facts.ts';

const LETTER = [
  'From: =?UTF-8?B?546L6ICB5biI?= <Wang@Dept.Example>',
  'To: a@b.example, =?GB18030?B?1cXI/Q==?= <zhang@kust.example>',
  'Cc: office@kust.example',
  'Subject: =?UTF-8?B?77y677yl77yy77yvIOivvueoiw==?=',
  'List-Id: The list <all.list.example>',
  'X-Course: Maths',
  'X-Course: Physics',
  '',
  'text',
].join('\r\n');

function facts(letter = LETTER, patch: { reversePath?: string; isInside?: boolean } = {}): MessageFacts {
  const octets = Buffer.from(letter);
  const { summary, sizeBytes } = digestMessage(octets);
  return new MessageFacts({
    summary,
    octets,
    sizeBytes,
    reversePath: 'bounce@mailer.example',
    isInside: false,
    ...patch,
  });
}

const holds = (...conditions: readonly FilterCondition[]): boolean =>
  matchesRule({ match: 'all', conditions }, facts());

test('each condition looks where it says, whatever the spelling', () => {
  const held: readonly FilterCondition[] = [
    { field: 'from', test: 'contains', value: '王老师' },
    { field: 'from', test: 'is', value: 'wang@dept.example' },
    { field: 'from', test: 'ends', value: '@DEPT.example' },
    { field: 'from', test: 'is', value: '王老师 <wang@dept.example>' },
    { field: 'recipient', test: 'is', value: '张三' },
    { field: 'recipient', test: 'contains', value: 'office@' },
    { field: 'recipient', test: 'isNot', value: 'li@kust.example' },
    // Wide letters are letters.
    { field: 'subject', test: 'is', value: 'zero 课程' },
    { field: 'subject', test: 'begins', value: 'ZERO' },
    { field: 'subject', test: 'containsNot', value: '会议' },
    { field: 'list', test: 'is', value: 'all.list.example' },
    { field: 'header', name: 'x-COURSE', test: 'is', value: 'physics' },
    { field: 'header', name: 'X-None', test: 'containsNot', value: 'a' },
    { field: 'size', test: 'over', bytes: 10 },
    { field: 'attachment', test: 'hasNot' },
    { field: 'origin', test: 'outside' },
  ];
  for (const condition of held) assert.ok(holds(condition), JSON.stringify(condition));
  const missed: readonly FilterCondition[] = [
    { field: 'from', test: 'is', value: 'wang' },
    { field: 'from', test: 'containsNot', value: 'dept' },
    { field: 'recipient', test: 'isNot', value: 'office@kust.example' },
    { field: 'subject', test: 'ends', value: 'zero' },
    { field: 'header', name: 'X-None', test: 'contains', value: 'a' },
    { field: 'size', test: 'under', bytes: 10 },
    { field: 'attachment', test: 'has' },
    { field: 'origin', test: 'inside' },
  ];
  for (const condition of missed) assert.ok(!holds(condition), JSON.stringify(condition));
});

test('all conditions or any', () => {
  const conditions: readonly FilterCondition[] = [
    { field: 'attachment', test: 'has' },
    { field: 'subject', test: 'contains', value: '课程' },
  ];
  assert.equal(matchesRule({ match: 'all', conditions }, facts()), false);
  assert.equal(matchesRule({ match: 'any', conditions }, facts()), true);
});

const COURSE = { field: 'subject', test: 'contains', value: '课程' } as const;

function rule(actions: Partial<FilterRule['actions']>, patch: Partial<FilterRule> = {}): FilterRule {
  return {
    name: 'r',
    isEnabled: true,
    match: 'all',
    conditions: [COURSE],
    actions: { mailboxId: null, keywords: [], forwardTo: [], ...actions },
    stops: false,
    ...patch,
  };
}

function row(patch: Partial<FilterRow>): FilterRow {
  return { accountId: 1 as AccountId, rules: [], blocked: [], allowed: [], blockedInto: 'junk', ...patch };
}

test('rules add up in order until one stops', () => {
  const [first, second] = [7 as MailboxId, 8 as MailboxId];
  const rules = [
    rule({ mailboxId: first, keywords: ['$seen'] }),
    rule({ keywords: ['never'] }, { isEnabled: false }),
    rule({ mailboxId: first, forwardTo: ['li@kust.example'] }, { stops: true }),
    rule({ mailboxId: second }),
  ];
  const judged = judgeMessage(row({ rules }), facts(), 'inbox');
  assert.deepEqual(judged, {
    isWanted: true,
    destination: { mailboxes: [first], keywords: ['$seen'] },
    forwardTo: ['li@kust.example'],
  });
  const marked = judgeMessage(row({ rules: [rule({ keywords: ['$flagged'] })] }), facts(), 'inbox');
  assert.deepEqual(marked.destination, { mailboxes: ['inbox'], keywords: ['$flagged'] });
});

test('rules are not for junk', () => {
  const judged = judgeMessage(row({ rules: [rule({ mailboxId: 7 as MailboxId })] }), facts(), 'junk');
  assert.deepEqual([judged.isWanted, judged.destination.mailboxes], [false, ['junk']]);
});

test('an address says more than a domain, and the white list keeps out of junk', () => {
  const into = (patch: Partial<FilterRow>, from: 'inbox' | 'junk' = 'inbox', letter = facts()): unknown =>
    judgeMessage(row(patch), letter, from).destination.mailboxes[0];
  assert.equal(into({ blocked: ['wang@dept.example'] }), 'junk');
  assert.equal(into({ blocked: ['wang@dept.example'], blockedInto: 'trash' }), 'trash');
  assert.equal(into({ blocked: ['example'] }), 'junk', 'a domain is all below it');
  assert.equal(into({ blocked: ['ept.example'] }), 'inbox', 'and not what ends like it');
  assert.equal(into({ blocked: ['mailer.example'] }), 'junk', 'whoever sent it in their name');
  assert.equal(into({ allowed: ['mailer.example'] }, 'junk'), 'junk', 'only authors are let in');
  assert.equal(into({ blocked: ['dept.example'], allowed: ['wang@dept.example'] }), 'inbox');
  assert.equal(into({ allowed: ['dept.example'], blocked: ['wang@dept.example'] }), 'junk');
  assert.equal(into({ allowed: ['wang@dept.example'] }, 'junk'), 'inbox');
  assert.equal(
    into({ blocked: ['x.example'] }, 'inbox', facts('Subject: nobody\r\n\r\n', { reversePath: '' })),
    'inbox',
  );
});
