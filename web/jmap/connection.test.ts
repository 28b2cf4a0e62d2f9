import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Connection } from './connection.ts';
import { JmapError, type Failure } from './failures.ts';
import { PIECE_BYTES, REQUEST_ATTEMPTS } from './limits.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';
import { resultOf } from './types.ts';

const accountId = ACCOUNT;
const isFailure = (kind: Failure['kind']) => (error: unknown) =>
  error instanceof JmapError && error.failure.kind === kind;

let server: FakeServer;
let browser: FakeBrowser;
let connection: Connection;

beforeEach(() => {
  server = new FakeServer();
  browser = new FakeBrowser(server);
  connection = new Connection(browser.openTab());
});

test('calls of one tick travel together, and references stay within their group', async () => {
  const id = server.deliver();
  const filter = { inMailbox: 'M-inbox' };
  const [[query, get]] = await Promise.all([
    connection.run([
      ['Email/query', { accountId, filter }],
      ['Email/get', { accountId, '#ids': resultOf(0, 'Email/query', '/ids'), properties: ['subject'] }],
    ]),
    connection.run([
      ['Email/query', { accountId, filter: { inMailbox: 'M-trash' } }],
      ['Email/get', { accountId, '#ids': resultOf(0, 'Email/query', '/ids'), properties: ['subject'] }],
    ]),
  ]);
  assert.equal(server.requests.length, 1);
  assert.deepEqual(query.ok && query.value.ids, [id]);
  assert.deepEqual(get.ok && get.value.list, [{ id, subject: '会议 1' }]);
});

test('more calls than a request may hold go in several, groups unbroken', async () => {
  server.limits.maxCallsInRequest = 3;
  const pair = [
    ['Email/query', { accountId }],
    ['Email/get', { accountId, '#ids': resultOf(0, 'Email/query', '/ids') }],
  ] as const;
  const outcomes = await Promise.all([connection.run(pair), connection.run(pair), connection.run(pair)]);
  assert.ok(outcomes.flat().every(({ ok }) => ok));
  assert.deepEqual(
    server.requests.map((calls) => calls.length),
    [2, 2, 2],
  );
});

test('a method that is refused fails alone', async () => {
  const outcomes = await connection.run([
    ['Email/copy', { accountId }],
    ['Mailbox/get', { accountId }],
  ]);
  assert.deepEqual(outcomes[0], { ok: false, error: { type: 'unknownMethod' } });
  assert.ok(outcomes[1].ok);
  await assert.rejects(connection.call('Email/copy', { accountId }), isFailure('method'));
});

test('reads are tried again when an answer got lost; what is not idempotent is not', async () => {
  await connection.session();
  server.mishaps = ['lost', 'unreachable'];
  const read = connection.call('Mailbox/get', { accountId });
  const write = assert.rejects(connection.call('Email/set', { accountId }), isFailure('offline'));
  await browser.settle();
  await write;
  await browser.pass(500);
  await browser.pass(1000);
  assert.equal((await read).list.length, 6);
});

test('back online, what was sent into the network before is asked anew, and holds nobody up', async () => {
  await connection.session();
  server.isSilent = true;
  const read = connection.call('Mailbox/get', { accountId });
  const upload = connection.upload(accountId, new Blob(['附件']));
  const given = new AbortController();
  const unwanted = assert.rejects(
    connection.upload(accountId, new Blob(['x']), { signal: given.signal }),
    isFailure('aborted'),
  );
  await browser.settle();
  const write = connection.call('Email/set', { accountId, destroy: [server.deliver()] });
  await browser.settle();
  given.abort();
  await unwanted;
  browser.setOnline(false);
  server.isSilent = false;
  browser.setOnline(true);
  await browser.settle();
  await browser.pass(500);
  assert.equal((await read).list.length, 6);
  assert.equal((await upload).size, 6);
  await write;
  assert.equal(server.emailIds().length, 0);
});

test('after four failures those who asked are told', async () => {
  await connection.session();
  server.isReachable = false;
  const read = assert.rejects(connection.call('Mailbox/get', { accountId }), isFailure('offline'));
  for (let tries = 0; tries < 4; tries++) {
    await browser.settle();
    await browser.pass(4000);
  }
  await read;
});

test('a server that asks for patience gets it, and nothing is lost for it had done nothing', async () => {
  await connection.session();
  server.mishaps = [{ status: 429, retryAfter: '7' }];
  const write = connection.call('Email/set', { accountId, destroy: [server.deliver()] });
  await browser.settle();
  await browser.pass(6999);
  assert.equal(server.emailIds().length, 1);
  await browser.pass(1);
  await write;
  assert.equal(server.emailIds().length, 0);
});

test('a session that has ended is told to all', async () => {
  await connection.session();
  let signedOut = 0;
  connection.signedOut.add(() => (signedOut += 1));
  server.mishaps = [{ status: 401 }];
  await assert.rejects(connection.call('Mailbox/get', { accountId }), isFailure('signedOut'));
  assert.equal(signedOut, 1);
});

test('of a request that is refused as a whole only the call to blame fails', async () => {
  server.limits.maxCallsInRequest = 4;
  await connection.session();
  server.limits = { ...server.limits, maxCallsInRequest: 1 };
  const good = connection.call('Mailbox/get', { accountId });
  const bad = connection.run([
    ['Mailbox/get', { accountId }],
    ['Mailbox/get', { accountId }],
  ]);
  await assert.rejects(bad, isFailure('problem'));
  assert.equal((await good).list.length, 6);
});

test('a new session state has the session read anew', async () => {
  await connection.call('Mailbox/get', { accountId });
  server.sessionState = 's1';
  await connection.call('Mailbox/get', { accountId });
  assert.equal((await connection.session()).state, 's1');
});

test('uploads tell how far they are, can be given up, and are tried again', async () => {
  const file = new Blob(['附件'], { type: 'text/plain' });
  await connection.session();
  server.mishaps = ['unreachable'];
  let sent = 0;
  const upload = connection.upload(accountId, file, { onProgress: (bytes) => (sent = bytes) });
  await browser.settle();
  await browser.pass(500);
  assert.equal((await upload).size, 6);
  assert.equal(sent, 6);
  await assert.rejects(connection.upload(accountId, file, { signal: AbortSignal.abort() }), isFailure('aborted'));
});

test('a large file goes in pieces, and after a cut only what is missing is sent', async () => {
  const octets = new Uint8Array(2.5 * PIECE_BYTES).map((_, at) => at % 251);
  const file = new Blob([octets], { type: 'application/zip' });
  const before = server.blobs.size;
  const cut = connection.upload(accountId, file, {
    onProgress: () => {
      server.isReachable = false;
    },
  });
  const refused = assert.rejects(cut, isFailure('offline'));
  for (let tries = 0; tries < REQUEST_ATTEMPTS; tries++) await browser.pass(30_000);
  await refused;
  assert.equal(server.blobs.size, before + 1, 'one piece is there');

  server.isReachable = true;
  const progress: number[] = [];
  const onProgress = (bytes: number) => void progress.push(bytes);
  const { blobId, size } = await connection.upload(accountId, file, { onProgress });
  assert.equal(size, octets.length);
  assert.equal(server.blobs.size, before + 4, 'two more, and the whole');
  const whole = server.blobs.get(blobId);
  assert.ok(whole);
  assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), octets);
  assert.deepEqual(progress, [2 * PIECE_BYTES, octets.length]);
});

test('addresses of blobs carry any name', async () => {
  const url = await connection.downloadUrl(accountId, 'B1', '会议 1/2?.pdf', 'application/pdf');
  assert.equal(url, '/jmap/download/A1/B1/%E4%BC%9A%E8%AE%AE%201%2F2%3F.pdf?type=application%2Fpdf');
});
