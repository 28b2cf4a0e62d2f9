import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { openJmap, type Answer } from '#jmap/testing/jmap.ts';

async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const upload = async (create: object): Promise<Answer> => jmap.call('Blob/upload', { create });
  return { ...jmap, upload };
}

test('a blob is made of texts, octets and ranges of others, also of the same call', async (t) => {
  const { upload, call } = await open(t);
  const { created, notCreated } = await upload({
    // Named before it is made: the order of JSON says nothing.
    cat: { data: [{ 'data:asText': '会' }, { blobId: '#b4', offset: 4, length: 5 }, { blobId: '#b4', offset: 19 }] },
    b4: {
      data: [{ 'data:asBase64': Buffer.from('The quick brown fox jumps').toString('base64') }],
      type: 'text/plain',
    },
    empty: { data: [] },
  });
  assert.equal(notCreated, null);
  assert.deepEqual([created.b4.type, created.b4.size, created.cat.size, created.empty.size], ['text/plain', 25, 14, 0]);
  assert.equal(created.cat.type, 'application/octet-stream');
  const { list } = await call('Blob/get', { ids: [created.cat.id] });
  assert.deepEqual(list, [{ id: created.cat.id, size: 14, 'data:asText': '会quick jumps' }]);
});

test('each that cannot be made says why', async (t) => {
  const { upload } = await open(t);
  const big = 'x'.repeat(600_000);
  const { created, notCreated } = await upload({
    good: { data: [{ 'data:asText': 'abc' }] },
    two: { data: [{ 'data:asText': 'a', 'data:asBase64': 'YQ==' }] },
    none: { data: [{}] },
    base64: { data: [{ 'data:asBase64': 'a b!' }] },
    gone: { data: [{ blobId: `U1-${'0'.repeat(64)}` }] },
    unmade: { data: [{ blobId: '#nobody' }] },
    itself: { data: [{ blobId: '#itself' }] },
    beyond: { data: [{ blobId: '#good', offset: 2, length: 2 }] },
    huge: { data: [{ blobId: '#good', offset: Number.MAX_SAFE_INTEGER }] },
    many: { data: Array.from({ length: 65 }, () => ({ 'data:asText': 'a' })) },
    large: { data: [{ 'data:asText': big }, { 'data:asText': big }] },
    list: { data: 'abc' },
  });
  assert.deepEqual(Object.keys(created), ['good']);
  const types = Object.fromEntries(
    Object.entries(notCreated as Answer).map(([id, error]) => [id, error.type as string]),
  );
  assert.deepEqual(types, {
    two: 'invalidProperties',
    none: 'invalidProperties',
    base64: 'invalidProperties',
    gone: 'blobNotFound',
    unmade: 'blobNotFound',
    itself: 'blobNotFound',
    beyond: 'invalidProperties',
    huge: 'invalidProperties',
    many: 'invalidProperties',
    large: 'tooLarge',
    list: 'invalidProperties',
  });
});

test('a range is told as text or base64, with its digests; what is beyond the end is cut', async (t) => {
  const { upload, call, refusal } = await open(t);
  const octets = Buffer.from('会议 agenda');
  const { created } = await upload({ a: { data: [{ 'data:asBase64': octets.toString('base64') }] } });
  const { id } = created.a;
  const get = async (args: object): Promise<Answer> =>
    (await call('Blob/get', { ids: [id], ...args })).list[0] as Answer;
  const properties = ['data:asBase64', 'digest:sha-256', 'digest:sha', 'size'];
  assert.deepEqual(await get({ properties, offset: 3, length: 5 }), {
    id,
    size: 13,
    'data:asBase64': octets.subarray(3, 8).toString('base64'),
    'digest:sha-256': createHash('sha256').update(octets.subarray(3, 8)).digest('base64'),
    'digest:sha': createHash('sha1').update(octets.subarray(3, 8)).digest('base64'),
  });
  // Half a character is no text.
  assert.deepEqual(await get({ offset: 1, length: 2, properties: ['data'] }), {
    id,
    'data:asBase64': octets.subarray(1, 3).toString('base64'),
    isEncodingProblem: true,
  });
  assert.deepEqual(await get({ offset: 1, length: 2, properties: ['data:asText'] }), {
    id,
    'data:asText': null,
    isEncodingProblem: true,
  });
  assert.deepEqual(await get({ offset: 7, length: 100 }), { id, size: 13, 'data:asText': 'agenda', isTruncated: true });
  assert.deepEqual(await get({ offset: 100 }), { id, size: 13, 'data:asText': '', isTruncated: true });
  assert.equal((await refusal('Blob/get', { ids: [id], properties: ['digest:md4'] })).type, 'invalidArguments');
  assert.equal((await refusal('Blob/get', { ids: [id], offset: -1 })).type, 'invalidArguments');
});

test('more octets than an answer should have are refused', async (t) => {
  const { put, call, refusal } = await open(t);
  const ids: string[] = [];
  for (let n = 0; n < 11; n++) ids.push((await put(`Subject: ${n}\n\n${'x'.repeat(950_000)}`)).replace('E', 'B'));
  assert.equal((await refusal('Blob/get', { ids })).type, 'requestTooLarge');
  const { list } = await call('Blob/get', { ids, offset: 9, length: 1 });
  assert.equal(list.length, 11);
});

test('what is a message’s is looked up; other accounts’ blobs are not there', async (t) => {
  const { put, upload, call, refusal } = await open(t);
  const email = await put('Subject: a\nContent-Type: text/plain\n\nhello\n');
  const { created } = await upload({ a: { data: [{ 'data:asText': 'a' }] } });
  const whole = email.replace('E', 'B');
  const ids = [whole, `${whole}-1`, created.a.id, `${whole}-7`, 'B2-1', 'nothing'];
  const answer = await call('Blob/lookup', { typeNames: ['Email', 'Mailbox'], ids });
  assert.deepEqual(answer['list'], [
    { id: whole, matchedIds: { Email: [email], Mailbox: ['M1-1'] } },
    { id: `${whole}-1`, matchedIds: { Email: [email], Mailbox: ['M1-1'] } },
    { id: created.a.id, matchedIds: { Email: [], Mailbox: [] } },
  ]);
  assert.deepEqual(answer['notFound'], [`${whole}-7`, 'B2-1', 'nothing']);
  assert.equal((await refusal('Blob/lookup', { typeNames: ['Calendar'], ids: [] })).type, 'unknownDataType');
  const { list } = await call('Blob/get', { ids: [`${whole}-1`, 'B2-1'] });
  assert.equal(list[0]['data:asText'], 'hello\r\n');
});

test('blobs and Emails are copied between accounts of one’s own, of which there is one', async (t) => {
  const { refusal } = await open(t);
  assert.equal((await refusal('Blob/copy', { fromAccountId: 'A2', blobIds: [] })).type, 'fromAccountNotFound');
  assert.equal((await refusal('Blob/copy', { fromAccountId: 'A1', blobIds: [] })).type, 'invalidArguments');
  const create = { a: { id: 'E1-1', mailboxIds: { 'M1-1': true } } };
  assert.equal((await refusal('Email/copy', { fromAccountId: 'A2', create })).type, 'fromAccountNotFound');
  assert.equal((await refusal('Email/copy', { fromAccountId: 'A1', create })).type, 'invalidArguments');
  assert.equal((await refusal('Email/copy', { fromAccountId: 'A1', accountId: 'A2', create })).type, 'accountNotFound');
});
