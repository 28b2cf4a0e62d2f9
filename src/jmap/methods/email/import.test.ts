import assert from 'node:assert/strict';
import { test } from 'node:test';
import { message, openJmap } from '#jmap/testing/jmap.ts';

const OUTER = message(`From: a@kust.example
Subject: outer
Message-ID: <outer@kust.example>
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

hello
--b
Content-Type: message/rfc822

Subject: inner
From: b@kust.example
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: text/plain

deep
--c--
--b--
`);

async function upload(jmap: Awaited<ReturnType<typeof openJmap>>, octets: Buffer): Promise<string> {
  return `U1-${await jmap.services.uploads.put(jmap.accountId, octets, 'message/rfc822')}`;
}

test('an uploaded message is imported with its mailboxes, keywords and time; the same again is another Email', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const blobId = await upload(jmap, OUTER);
  const entry = { blobId, mailboxIds: { 'M1-1': true }, keywords: { $seen: true }, receivedAt: '2019-09-16T02:00:00Z' };
  const answer = await jmap.call('Email/import', { emails: { a: entry, b: entry } });
  assert.deepEqual(Object.keys(answer.created), ['a', 'b']);
  assert.equal(answer.created.a.size, OUTER.length);
  assert.notEqual(answer.created.a.id, answer.created.b.id);
  assert.equal(answer.created.a.threadId, answer.created.b.threadId);
  const { list } = await jmap.call('Email/get', {
    ids: [answer.created.a.id],
    properties: ['receivedAt', 'keywords', 'subject'],
  });
  assert.deepEqual(list[0], {
    id: answer.created.a.id,
    receivedAt: '2019-09-16T02:00:00Z',
    keywords: { $seen: true },
    subject: 'outer',
  });
});

test('each that cannot be imported says why; the others are', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const blobId = await upload(jmap, OUTER);
  const none = await upload(jmap, Buffer.from([0, 1, 2, 3]));
  const mailboxIds = { 'M1-1': true };
  const { created, notCreated } = await jmap.call('Email/import', {
    emails: {
      good: { blobId, mailboxIds },
      gone: { blobId: `U1-${'0'.repeat(64)}`, mailboxIds },
      foreign: { blobId: blobId.replace('U1', 'U8'), mailboxIds },
      nowhere: { blobId, mailboxIds: {} },
      wrong: { blobId, mailboxIds: { 'M1-999': true } },
      keyword: { blobId, mailboxIds, keywords: { 'a b': true } },
      binary: { blobId: none, mailboxIds },
    },
  });
  assert.deepEqual(Object.keys(created), ['good']);
  const types = Object.fromEntries(
    Object.entries(notCreated).map(([id, error]) => [id, (error as { type: string }).type]),
  );
  assert.deepEqual(types, {
    gone: 'blobNotFound',
    foreign: 'blobNotFound',
    nowhere: 'invalidProperties',
    wrong: 'invalidProperties',
    keyword: 'invalidProperties',
    binary: 'invalidEmail',
  });
});

test('a message in a message is parsed, and its parts are blobs', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const blobId = await upload(jmap, OUTER);
  const { created } = await jmap.call('Email/import', { emails: { a: { blobId, mailboxIds: { 'M1-1': true } } } });
  const { list } = await jmap.call('Email/get', { ids: [created.a.id], properties: ['attachments'] });
  const inner = list[0].attachments[0].blobId;
  const answer = await jmap.call('Email/parse', {
    blobIds: [inner, `B1-99`, blobId],
    fetchTextBodyValues: true,
    properties: ['subject', 'textBody', 'bodyValues', 'id', 'size'],
  });
  const parsed = answer.parsed[inner];
  assert.equal(parsed.subject, 'inner');
  assert.equal(parsed.id, null);
  assert.equal(parsed.bodyValues['1'].value, 'deep');
  assert.deepEqual(answer.notFound, ['B1-99']);
  assert.equal(answer.parsed[blobId].subject, 'outer');
  const { readBlob } = await import('#jmap/core/read-blob.ts');
  const deep = await readBlob(jmap.account, jmap.services.uploads, parsed.textBody[0].blobId);
  assert.equal(Buffer.from(deep ?? []).toString(), 'deep');
});
