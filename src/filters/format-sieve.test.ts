import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailboxId } from '#base/ids.ts';
import { formatSieve } from './format-sieve.ts';

const facts = {
  pathOf: (mailboxId: MailboxId) => (mailboxId === 7 ? '课程/2026' : undefined),
  junkPath: 'Junk',
  trashPath: 'Trash',
  ownDomains: ['kust.example', 'stu.kust.example'],
};

test('filters are written as a script that says the same', () => {
  const script = formatSieve(
    {
      blocked: ['spam@a.example', 'b.example'],
      allowed: ['c.example'],
      blockedInto: 'trash',
      rules: [
        {
          name: 'Course "1"\r\nstop;',
          isEnabled: true,
          match: 'any',
          conditions: [
            { field: 'subject', test: 'begins', value: 'a*b"' },
            { field: 'from', test: 'isNot', value: 'wang@kust.example' },
            { field: 'attachment', test: 'has' },
            { field: 'origin', test: 'outside' },
            { field: 'size', test: 'over', bytes: 1024 },
          ],
          actions: { mailboxId: 7 as MailboxId, keywords: ['$seen', 'work'], forwardTo: ['li@kust.example'] },
          stops: true,
        },
        {
          name: 'gone',
          isEnabled: false,
          match: 'all',
          conditions: [{ field: 'header', name: 'X-A', test: 'contains', value: 'b' }],
          actions: { mailboxId: 8 as MailboxId, keywords: [], forwardTo: [] },
          stops: false,
        },
      ],
    },
    facts,
  );
  assert.deepEqual(script.split('\r\n'), [
    'require ["copy", "fileinto", "imap4flags", "mime"];',
    '',
    'if allof (anyof (address :is "From" "spam@a.example", address :domain :is "From" "b.example", address :domain :matches "From" "*.b.example"), not anyof (address :domain :is "From" "c.example", address :domain :matches "From" "*.c.example")) {',
    '    fileinto "Trash";',
    '    stop;',
    '}',
    '',
    '# Course "1"  stop;',
    'if anyof (header :matches "Subject" "a\\\\*b\\"*",',
    '    not address :is "From" "wang@kust.example",',
    '    header :mime :anychild :contains "Content-Disposition" "attachment",',
    '    not address :domain :is "From" ["kust.example", "stu.kust.example"],',
    '    size :over 1024) {',
    '    addflag ["\\\\Seen", "work"];',
    '    redirect :copy "li@kust.example";',
    '    fileinto "课程/2026";',
    '    stop;',
    '}',
    '',
    '# gone',
    '# (off)',
    '# if header :contains "X-A" "b" {',
    '#     # into a mailbox that is gone',
    '#     keep;',
    '# }',
    '',
  ]);
});
