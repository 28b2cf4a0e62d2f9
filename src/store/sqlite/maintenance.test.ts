import assert from 'node:assert/strict';
import {
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
  closeSync,
  readdirSync,
  readFileSync,
  statSync,
  writevSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import { BlobFiles } from '#store/files/blob-files.ts';
import { encodeRecord } from '#store/files/record.ts';
import { listSegments, segmentPath } from '#store/files/segments.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';
import type { ScrubEvent } from '#store/opened-store.ts';
import { checkSqlInvariants } from '#store/sql/invariants.ts';
import { SqlMailReader } from '#store/sql/mail-reader.ts';
import { type WriterHere, openWriterHere } from './testing/writer-here.ts';

const LI = 7 as AccountId;
const WANG = 8 as AccountId;

function dataFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'campusmail-upkeep-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const body = (n: number): Buffer => Buffer.from(`Subject: ${n}\r\n\r\n${`message ${n} `.repeat(300)}`);

async function fill(here: WriterHere, accountId: AccountId, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++) {
    const items = [{ message: prepareMessage(body(n), encodeRecord), mailboxes: ['inbox'], keywords: [] }];
    const [outcome] = await here.run([{ accountId, name: 'append', args: { items, source: 'smtp' } }]);
    assert.ok(outcome?.ok);
  }
}

async function expunge(here: WriterHere, accountId: AccountId, uids: number[]): Promise<void> {
  const args = { mailboxId: 1, uids, onlyDeleted: false };
  const [outcome] = await here.run([{ accountId, name: 'expunge', args }]);
  assert.ok(outcome?.ok);
}

test('garbage collection gives space back and keeps what is referred to, also for readers on the way', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir, { segmentBytes: 20_000 });
  const blobDir = join(dataDir, 'blobs');
  await fill(here, LI, 0, 30);
  const blobs = new BlobFiles(blobDir);
  const reader = new SqlMailReader(here.writer.session, blobs);
  // Opens the first segments, as a reader that was here before.
  assert.ok((await reader.readMessage(LI, 5 as EmailId)).equals(body(4)));
  const before = listSegments(blobDir).length;
  assert.ok(before >= 5);
  await expunge(
    here,
    LI,
    Array.from({ length: 26 }, (_, n) => n + 1).filter((uid) => uid !== 5),
  );

  const early = await here.maintenance.collectGarbage();
  assert.equal(early.droppedBlobs, 0);
  here.clock.advance(2 * 60 * 60 * 1000);
  const report = await here.maintenance.collectGarbage();
  assert.equal(report.droppedBlobs, 25);
  assert.ok(report.removedSegments >= 3, `${report.removedSegments} segments were removed`);
  assert.ok(listSegments(blobDir).length <= before - 3);
  assert.ok(report.freedBytes > 60_000);
  await checkSqlInvariants(here.writer.session);
  for (const emailId of [5, 27, 28, 29, 30])
    assert.ok((await reader.readMessage(LI, emailId as EmailId)).equals(body(emailId - 1)));
  assert.deepEqual(await here.maintenance.collectGarbage(), {
    droppedBlobs: 0,
    removedSegments: 0,
    freedBytes: 0,
    droppedChanges: 0,
  });
  blobs.close();
  here.writer.close();
});

test('a message that comes again just before its blob is collected stays', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir);
  await fill(here, LI, 1, 1);
  await expunge(here, LI, [1]);
  here.clock.advance(2 * 60 * 60 * 1000);
  const [, report] = await Promise.all([fill(here, WANG, 1, 1), here.maintenance.collectGarbage()]);
  assert.ok(report.droppedBlobs <= 1);
  await checkSqlInvariants(here.writer.session);
  const blobs = new BlobFiles(join(dataDir, 'blobs'));
  const reader = new SqlMailReader(here.writer.session, blobs);
  assert.ok((await reader.readMessage(WANG, 1 as EmailId)).equals(body(1)));
  blobs.close();
  here.writer.close();
});

async function scrub(here: WriterHere): Promise<Extract<ScrubEvent, { kind: 'damage' }>[]> {
  const found: Extract<ScrubEvent, { kind: 'damage' }>[] = [];
  let checked = 0;
  for await (const event of here.maintenance.scrub()) {
    if (event.kind === 'damage') found.push(event);
    else checked = event.checkedBlobs;
  }
  assert.equal(checked, 4);
  return found;
}

test('scrub names damaged blobs and whom they hurt; the store serves everything else', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir);
  await fill(here, LI, 1, 4);
  await fill(here, WANG, 2, 1);
  assert.deepEqual(await scrub(here), []);
  const [offset] = here.writer.session.get<[number]>(
    'SELECT segment_offset FROM blob JOIN email USING (blob_key) WHERE account_id = ? AND email_id = ?',
    [LI, 2],
  ) ?? [0];
  const fd = openSync(segmentPath(join(dataDir, 'blobs'), 1), 'r+');
  const octet = Buffer.alloc(1);
  readSync(fd, octet, 0, 1, offset + 200);
  writeSync(fd, Buffer.from([(octet[0] ?? 0) ^ 1]), 0, 1, offset + 200);
  closeSync(fd);

  const found = await scrub(here);
  assert.equal(found.length, 1);
  assert.equal(found[0]?.hash, encodeRecord(body(2)).hash);
  assert.equal(found[0].segment, 1);
  assert.match(found[0].reason, /checksum/);
  assert.deepEqual(found[0].hurt, [
    { accountId: LI, emailId: 2 },
    { accountId: WANG, emailId: 1 },
  ]);
  const blobs = new BlobFiles(join(dataDir, 'blobs'));
  const reader = new SqlMailReader(here.writer.session, blobs);
  await assert.rejects(reader.readMessage(LI, 2 as EmailId), (error) => {
    assert.ok(isMailError(error, 'unavailable'));
    return error.data['segment'] === 1;
  });
  assert.ok((await reader.readMessage(LI, 3 as EmailId)).equals(body(3)));
  blobs.close();
  here.writer.close();
});

test('a backup made while mail comes in is a store of its own', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir, { segmentBytes: 20_000 });
  await fill(here, LI, 0, 10);
  const toDir = join(dataDir, 'backup');
  const [report] = await Promise.all([here.maintenance.backup(toDir), fill(here, LI, 10, 20)]);
  assert.ok(report.blobs >= 10);
  await assert.rejects(here.maintenance.backup(toDir), (error) => isMailError(error, 'alreadyExists'));
  here.writer.close();
  const copy = await openSqliteStore({ dataDir: toDir });
  await copy.mail.checkInvariants();
  const { uids } = await copy.mail.reader.entries(LI, 1 as never);
  assert.equal(uids.length, report.blobs);
  for (const uid of uids)
    assert.ok((await copy.mail.reader.readMessage(LI, uid as unknown as EmailId)).equals(body(uid - 1)));
  await copy.close();
});

test('a quiet store has an empty write-ahead log', async (t) => {
  const dataDir = dataFolder(t);
  const here = await openWriterHere(dataDir);
  await fill(here, LI, 0, 5);
  const log = readdirSync(dataDir).find((name) => name.endsWith('-wal'));
  assert.ok(log !== undefined && statSync(join(dataDir, log)).size > 0);
  assert.equal(here.writer.steps.checkpoint(), 0);
  assert.equal(statSync(join(dataDir, log)).size, 0);
  here.writer.close();
});

test('a probe changes nothing, says why the store cannot write, and that it can again', async (t) => {
  const dataDir = dataFolder(t);
  let isFull = false;
  const here = await openWriterHere(dataDir, {
    writeSegment(fd, buffers, position) {
      if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' });
      return writevSync(fd, buffers, position);
    },
  });
  await fill(here, LI, 0, 3);
  const segment = segmentPath(join(dataDir, 'blobs'), 1);
  const before = readFileSync(segment);
  await here.maintenance.probe();
  // The records are as they were; the zeros written ahead of them may be given back.
  const after = readFileSync(segment);
  assert.deepEqual(after, before.subarray(0, after.length));
  assert.ok(before.subarray(after.length).every((octet) => octet === 0));
  isFull = true;
  await assert.rejects(here.maintenance.probe(), /ENOSPC/);
  await assert.rejects(fill(here, LI, 3, 1));
  isFull = false;
  // What the letter met, once; then what is so now.
  await assert.rejects(here.maintenance.probe(), /ENOSPC/);
  await here.maintenance.probe();
  await fill(here, LI, 4, 1);
  await checkSqlInvariants(here.writer.session);
  here.writer.close();
});
