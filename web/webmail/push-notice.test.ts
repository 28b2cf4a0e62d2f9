import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticesOf, readPushed } from './push-notice.ts';

const email = (id: string, name: string | null, subject: string) => ({
  id,
  threadId: 'T1',
  from: { name, email: 'li@kust.example' },
  subject,
});

test('each new letter is told with its sender and subject, the newest last', () => {
  const changed = { A1: { EmailDelivery: 's' } };
  const notices = noticesOf({
    '@type': 'StateChange',
    changed,
    newEmails: [email('E2', '李四', '会议'), email('E1', null, '')],
  });
  assert.deepEqual(notices, [
    { title: 'li@kust.example', body: '（无主题）', tag: 'E1', path: '/mail/inbox/E1' },
    { title: '李四', body: '会议', tag: 'E2', path: '/mail/inbox/E2' },
  ]);
  assert.equal(noticesOf({ '@type': 'StateChange', changed })[0]?.tag, 'new-mail');
});

test('what is none of ours is not shown', () => {
  for (const text of ['', 'null', '[]', '{}', '{"@type":"Other"}', '{'])
    assert.equal(readPushed(text), undefined, text);
  assert.equal(readPushed('{"@type":"PushVerification"}')?.['@type'], 'PushVerification');
});
