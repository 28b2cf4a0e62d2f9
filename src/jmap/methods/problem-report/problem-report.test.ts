import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DAY_MS } from '#base/clock.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { openJmap, ZHANG } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const bodyOf = (mail: string): string => {
    const [, body = ''] = mail.split('\r\n\r\n');
    return /base64/i.test(mail) ? Buffer.from(body, 'base64').toString() : body;
  };
  return { ...jmap, bodyOf };
}

test('the help desk learns which message is meant, and nothing of what it says', async (t) => {
  const { call, put, posted, bodyOf } = await open(t);
  const emailId = await put('Message-ID: <m1@far.example>\nSubject: SECRET\n\nSECRET\n');
  const { ticket } = await call('ProblemReport/send', { problem: 'unreadable', text: '附件打不开', emailId });
  assert.match(ticket, /^\d{8}-[A-Z0-9]{6}$/);
  const [mail = ''] = posted;
  const subject = decodeHeaderText(Buffer.from(/Subject: (.*(?:\r\n .*)*)/.exec(mail)?.[1] ?? ''));
  assert.ok(subject.includes(ticket) && subject.includes(ZHANG), subject);
  assert.match(mail, /^Reply-To: .*zhang@kust\.example/m);
  const body = bodyOf(mail);
  for (const fact of [ticket, ZHANG, '<m1@far.example>', '附件打不开', 'Firefox']) assert.ok(body.includes(fact), fact);
  assert.ok(!`${mail}${body}`.includes('SECRET'));
});

test('only about messages of one’s own, so many a day, and where there is a help desk', async (t) => {
  const { call, refusal, clock, services, posted } = await open(t);
  for (const args of [
    { traceId: 'aaaaaaaaaaaaa' },
    { emailId: 'E1-99' },
    { problem: 'none' },
    { text: 'x'.repeat(2001) },
  ])
    assert.equal((await refusal('ProblemReport/send', { problem: 'other', ...args })).type, 'invalidArguments');
  for (let n = 0; n < 5; n++) await call('ProblemReport/send', { problem: 'other' });
  assert.equal((await call('ProblemReport/send', { problem: 'other' }))['ticket'], null);
  clock.advance(DAY_MS);
  await call('ProblemReport/send', { problem: 'other' });
  assert.equal(posted.length, 6);
  Object.assign(services, { helpDesk: { ...services.helpDesk, address: null } });
  assert.equal((await refusal('ProblemReport/send', { problem: 'other' })).type, 'forbidden');
});
