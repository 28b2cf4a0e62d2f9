import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { LI, ZHANG, openJmap, type Answer } from '#jmap/testing/jmap.ts';

const ASKING = `From: <${LI}>
To: <${ZHANG}>
Subject: =?utf-8?B?5Lya6K6u?=
Message-ID: <asked@kust.example>
Disposition-Notification-To: "Li Si" <${LI}>

hello
`;
const DISPOSITION = { actionMode: 'manual-action', sendingMode: 'mdn-sent-manually', type: 'displayed' };

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const identityId = (await jmap.call('Identity/get')).list[0].id as string;
  /** What li got. */
  const received = async (): Promise<string[]> => {
    const account = jmap.mail.account(jmap.li);
    const answer = await account.queryEmails({}, { limit: 10 });
    assert.ok(answer !== 'anchorNotFound');
    return Promise.all(answer.emailIds.map(async (id) => (await account.readMessage(id)).toString()));
  };
  return { ...jmap, identityId, received };
}

test('who asked for a receipt gets one, once', async (t) => {
  const { put, request, call, identityId, received, mail, account } = await open(t);
  const forEmailId = await put(ASKING);
  const args = {
    identityId,
    send: {
      r: { forEmailId, disposition: DISPOSITION, reportingUA: '校园邮; campusmail', includeOriginalMessage: true },
    },
    onSuccessUpdateEmail: { '#r': { 'keywords/$mdnsent': true } },
  };
  const [sent, set] = await request([['MDN/send', args]]);
  assert.deepEqual(sent?.[1]['notSent'], null);
  const facts = (sent?.[1]['sent'] as Answer | undefined)?.['r'] as Answer;
  assert.equal(facts['finalRecipient'], `rfc822; ${ZHANG}`);
  assert.equal(facts['originalMessageId'], '<asked@kust.example>');
  assert.equal('disposition' in facts, false);
  assert.equal(set?.[0], 'Email/set');
  assert.deepEqual(set?.[1]['updated'], { [forEmailId]: null });

  const [receipt = ''] = await received();
  assert.match(receipt, /^Return-Path: <>\r\n/m);
  assert.match(receipt, /report-type=disposition-notification/);
  assert.match(receipt, /^Disposition: manual-action\/MDN-sent-manually; displayed\r\n/m);
  assert.match(receipt, /^In-Reply-To: <asked@kust.example>\r\n/m);
  assert.match(receipt, /^Auto-Submitted: auto-replied\r\n/m);

  // Read back, as its receiver does.
  const { emails } = await account.append({
    items: [{ message: mail.prepareMessage(Buffer.from(receipt)), mailboxes: ['inbox'], keywords: [] }],
    source: 'imap',
  });
  const blobId = `B1-${emails[0]?.emailId}`;
  const { parsed, notFound, notParsable } = await call('MDN/parse', {
    blobIds: [blobId, 'B1-99', forEmailId.replace('E', 'B')],
  });
  assert.deepEqual([notFound, notParsable], [['B1-99'], [forEmailId.replace('E', 'B')]]);
  const { textBody, ...read } = parsed[blobId];
  assert.match(textBody, /「会议」[^]*"会议"/);
  assert.deepEqual(read, {
    forEmailId,
    subject: '已读回执 Read receipt: 会议',
    includeOriginalMessage: true,
    reportingUA: '校园邮; campusmail',
    disposition: DISPOSITION,
    mdnGateway: null,
    originalRecipient: null,
    finalRecipient: `rfc822; ${ZHANG}`,
    originalMessageId: '<asked@kust.example>',
    error: null,
    extensionFields: null,
  });

  const again = await call('MDN/send', { identityId, send: { r: { forEmailId, disposition: DISPOSITION } } });
  assert.deepEqual(again['notSent'], { r: { type: 'mdnAlreadySent' } });
});

test('each receipt that cannot be sent says why', async (t) => {
  const { put, call, refusal, identityId, received } = await open(t);
  const forEmailId = await put(ASKING);
  const unasked = await put('From: a@b.example\nSubject: a\n\nb\n');
  const far = await put(ASKING.replaceAll(LI, 'nobody@kust.example'));
  const good = { forEmailId, disposition: DISPOSITION };
  const { sent, notSent } = await call('MDN/send', {
    identityId,
    send: {
      unasked: { ...good, forEmailId: unasked },
      gone: { ...good, forEmailId: 'E1-99' },
      theirs: { ...good, finalRecipient: `rfc822; ${LI}` },
      wrong: { ...good, disposition: { ...DISPOSITION, type: 'eaten' } },
      more: { ...good, reportingUA: 'a\r\nBcc: x@y.example' },
      field: { ...good, extensionFields: { 'X-A: b\r\nBcc': 'c' } },
      nobody: { ...good, forEmailId: far },
    },
    onSuccessUpdateEmail: { '#gone': { 'keywords/$mdnsent': true } },
  });
  assert.equal(sent, null);
  const types = Object.fromEntries(Object.entries(notSent as Answer).map(([id, error]) => [id, error.type as string]));
  assert.deepEqual(types, {
    unasked: 'notFound',
    gone: 'notFound',
    theirs: 'forbiddenFrom',
    wrong: 'invalidProperties',
    more: 'invalidProperties',
    field: 'invalidProperties',
    nobody: 'invalidRecipients',
  });
  assert.deepEqual(await received(), []);
  assert.equal((await refusal('MDN/send', { identityId: 'I1-99', send: {} })).type, 'invalidArguments');
});
