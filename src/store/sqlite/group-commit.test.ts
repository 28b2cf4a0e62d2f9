import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writevSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccountId, EmailId } from '#base/ids.ts';
import type { OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import { BlobFiles } from '#store/files/blob-files.ts';
import { encodeRecord } from '#store/files/record.ts';
import { GATHER_MS, GROUP_REQUESTS, QUEUE_REQUESTS } from '#store/limits.ts';
import { checkSqlInvariants } from '#store/sql/invariants.ts';
import { SqlMailReader } from '#store/sql/mail-reader.ts';
import { storeOperationsUrl } from '#test/contract/store-operations.ts';
import { type WriterHere, openWriterHere } from './testing/writer-here.ts';

const LI = 7 as AccountId;

function dataFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'campusmail-group-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const codes = (outcomes: readonly OperationOutcome[]): string[] =>
  outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));

function appending(n: number, accountId = LI, size = 100): OperationRequest {
  const message = prepareMessage(Buffer.from(`Subject: ${n}\r\n\r\n${`${n} 学生 `.repeat(size)}`), encodeRecord);
  return {
    accountId,
    name: 'append',
    args: { items: [{ message, mailboxes: ['inbox'], keywords: [] }], source: 'smtp' },
  };
}

async function messageCount({ writer }: WriterHere, dataDir: string): Promise<number> {
  await checkSqlInvariants(writer.session);
  const blobs = new BlobFiles(join(dataDir, 'blobs'));
  const reader = new SqlMailReader(writer.session, blobs);
  const { emailIds } = await reader.entries(LI, 1 as never);
  for (const emailId of emailIds) await reader.readMessage(LI, emailId as EmailId);
  blobs.close();
  return emailIds.length;
}

test('what waits is one group with one commit, up to its limit', async (t) => {
  const here = await openWriterHere(dataFolder(t));
  const outcomes = await here.run(Array.from({ length: GROUP_REQUESTS + 20 }, (_, n) => appending(n % 5)));
  assert.ok(outcomes.every(({ ok }) => ok));
  assert.deepEqual(
    here.results.map(({ work }) => work.length),
    [GROUP_REQUESTS, 20],
  );
  assert.equal(here.results[0]?.changed.get(LI), GROUP_REQUESTS + 1);
  here.writer.close();
});

test('who keeps asking is waited for, but not for long', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const here = await openWriterHere(dataFolder(t));
  await here.run([appending(1), appending(2), appending(3)]);
  // Turns later than the others: it was answered with them, so it is expected.
  const others = here.run([appending(4), appending(5)]);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  await Promise.all([others, here.run([appending(6)])]);
  const alone = here.run([appending(7)]);
  t.mock.timers.tick(GATHER_MS);
  await alone;
  // Nobody else is expected any more.
  await here.run([appending(8)]);
  assert.deepEqual(
    here.results.map(({ work }) => work.length),
    [3, 3, 1, 1],
  );
  here.writer.close();
});

test('a request that fails after it wrote leaves nothing, and its neighbours are stored once', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir, { operationsUrl: storeOperationsUrl });
  await here.run([appending(1)]);
  const [inbox] = await new SqlMailReader(here.writer.session, new BlobFiles(dataDir)).mailboxes(LI);
  const insert = ['insertMailbox', { ...inbox, mailboxId: 50, name: 'leaves no trace' }];
  const script: OperationRequest = { accountId: LI, name: 'script', args: { calls: [insert], end: 'refuse' } };
  assert.deepEqual(codes(await here.run([appending(2), script, appending(3)])), ['ok', 'forbidden', 'ok']);
  assert.equal(await messageCount(here, dataDir), 3);
  assert.deepEqual(here.writer.session.all('SELECT refs, unreferenced_at FROM blob', []), [
    [1, null],
    [1, null],
    [1, null],
  ]);
  assert.deepEqual(here.writer.session.all('SELECT mailbox_id FROM mailbox WHERE mailbox_id = 50', []), []);
  here.writer.close();
});

test('more than may wait is refused at once, and the rest is done', async (t) => {
  const here = await openWriterHere(dataFolder(t));
  const requests = Array.from({ length: QUEUE_REQUESTS + 10 }, () => ({ accountId: LI, name: 'nothing', args: {} }));
  const outcomes = codes(await here.run(requests));
  assert.equal(outcomes.filter((code) => code === 'unavailable').length, 10);
  assert.deepEqual(
    outcomes.slice(-10),
    Array.from({ length: 10 }, () => 'unavailable'),
  );
  here.writer.close();
});

test('a disk full of messages: nothing is answered well, and all is well once there is room', async (t) => {
  const dataDir = dataFolder(t);
  let room = Number.POSITIVE_INFINITY;
  const writeSegment = (fd: number, buffers: readonly Uint8Array[], position: number): number => {
    const [buffer = new Uint8Array()] = buffers;
    const part = buffer.subarray(0, room);
    if (part.length === 0) throw Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', syscall: 'writev' });
    room -= part.length;
    return writevSync(fd, [part], position);
  };
  const here = await openWriterHere(dataDir, { writeSegment });
  assert.deepEqual(codes(await here.run([appending(1), appending(2)])), ['ok', 'ok']);
  room = 500;
  assert.deepEqual(
    codes(await here.run([appending(3), { accountId: LI, name: 'setQuota', args: { quotaBytes: 1 } }, appending(4)])),
    ['unavailable', 'unavailable', 'unavailable'],
  );
  assert.equal(await messageCount(here, dataDir), 2);
  room = Number.POSITIVE_INFINITY;
  assert.deepEqual(codes(await here.run([appending(3), appending(5)])), ['ok', 'ok']);
  assert.equal(await messageCount(here, dataDir), 4);
  here.writer.close();
});

test('a disk full of rows: the same', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir);
  assert.deepEqual(codes(await here.run([appending(1)])), ['ok']);
  const pages = here.writer.session.get<[number]>('PRAGMA page_count', [])?.[0] ?? 0;
  here.writer.session.all(`PRAGMA max_page_count = ${pages}`, []);
  const many = Array.from({ length: 60 }, (_, n) => appending(100 + n, LI, 2_000));
  const outcomes = codes(await here.run(many));
  assert.ok(outcomes.every((code) => code === 'unavailable'));
  assert.equal(await messageCount(here, dataDir), 1);
  here.writer.session.all('PRAGMA max_page_count = 1000000', []);
  assert.ok((await here.run(many)).every(({ ok }) => ok));
  assert.equal(await messageCount(here, dataDir), 61);
  here.writer.close();
});

test('a message hidden deep in the arguments is durable all the same', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir, { operationsUrl: storeOperationsUrl });
  const message = prepareMessage(Buffer.from('Subject: deep\r\n\r\n'), encodeRecord);
  const request = { accountId: LI, name: 'storeOnly', args: { nested: { deep: { message } } } };
  assert.deepEqual(codes(await here.run([request, request])), ['ok', 'ok']);
  const rows = here.writer.session.all<[number, number]>('SELECT refs, segment FROM blob', []);
  assert.deepEqual(rows, [[0, 1]]);
  here.writer.close();
});

test('only what may be lost in a power cut is committed without waiting for the disk', async (t) => {
  const here = await openWriterHere(dataFolder(t), { operationsUrl: storeOperationsUrl });
  const mode = (): number | undefined => here.writer.session.get<[number]>('PRAGMA synchronous', [])?.[0];
  const quick: OperationRequest = { accountId: LI, name: 'quickScript', args: { calls: [] } };
  await here.run([quick, quick]);
  assert.equal(mode(), 1);
  await here.run([quick, appending(1)]);
  assert.equal(mode(), 2);
  await here.run([quick]);
  assert.equal(mode(), 1);
  here.writer.close();
});
