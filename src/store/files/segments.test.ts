/** Appending, reading back, and everything that can go wrong with files on the way. */
import assert from 'node:assert/strict';
import {
  truncateSync,
  writeFileSync,
  readFileSync,
  writevSync,
  appendFileSync,
  unlinkSync,
  mkdtempSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import { SEGMENT_AHEAD_BYTES } from '#store/limits.ts';
import { BlobFiles, SegmentGone } from './blob-files.ts';
import { BlobWriter } from './blob-writer.ts';
import { encodeRecord } from './record.ts';
import { type AppenderOptions, SegmentAppender } from './segment-appender.ts';
import { listSegments, segmentLength, segmentPath } from './segments.ts';

function blobFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'campusmail-segments-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function appenderIn(blobDir: string, options: Partial<AppenderOptions> = {}): SegmentAppender {
  let last = listSegments(blobDir).at(-1) ?? 0;
  return new SegmentAppender({ blobDir, nextSegment: () => ++last, ...options });
}

const text = (n: number): Buffer => Buffer.from(`message ${n} 你好 `.repeat(50 + n));
const record = (n: number): Uint8Array => encodeRecord(text(n)).encoded;

test('what is appended is read back, over several segments', async (t) => {
  const blobDir = blobFolder(t);
  const appender = appenderIn(blobDir, { segmentBytes: 5_000 });
  const locations = [
    ...(await appender.append([record(0), record(1), record(2), record(3), record(4), record(5)])),
    ...(await appender.append([record(6)])),
  ];
  await appender.sync();
  appender.close();
  assert.ok(listSegments(blobDir).length > 1);
  const blobs = new BlobFiles(blobDir);
  for (const [n, location] of locations.entries())
    assert.ok((await blobs.read(location, text(n).length)).equals(text(n)));
  blobs.close();
});

test('a torn tail is cut off, and appending goes on behind what is known', async (t) => {
  const blobDir = blobFolder(t);
  const first = appenderIn(blobDir);
  const [known] = await first.append([record(1)]);
  await first.sync();
  first.close();
  assert.ok(known);
  appendFileSync(segmentPath(blobDir, 1), Buffer.from(record(2)).subarray(0, 100));
  const second = appenderIn(blobDir);
  second.resume(1, known.storedBytes);
  assert.equal(segmentLength(blobDir, 1), known.storedBytes);
  const [next] = await second.append([record(3)]);
  assert.deepEqual(next, { segment: 1, offset: known.storedBytes, storedBytes: record(3).length });
  second.close();
});

test('nothing is appended to a segment that is shorter than its rows say', async (t) => {
  const blobDir = blobFolder(t);
  writeFileSync(segmentPath(blobDir, 1), 'short');
  const appender = appenderIn(blobDir);
  appender.resume(1, 1_000);
  const [location] = await appender.append([record(1)]);
  assert.equal(location?.segment, 2);
  appender.close();
});

test('a full disk takes back what was half written, and appending works once there is room', async (t) => {
  const blobDir = blobFolder(t);
  let room = 1_500;
  const write = (fd: number, buffers: readonly Uint8Array[], position: number): number => {
    const [buffer = new Uint8Array()] = buffers;
    const part = buffer.subarray(0, room);
    if (part.length === 0)
      throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
    room -= part.length;
    return writevSync(fd, [part], position);
  };
  const appender = appenderIn(blobDir, { write });
  const [kept] = await appender.append([record(1)]);
  await appender.sync();
  assert.ok(kept);
  await assert.rejects(appender.append([record(2), record(3)]), /ENOSPC/);
  assert.equal(segmentLength(blobDir, 1), kept.storedBytes);
  room = 1_000_000;
  const [location] = await appender.append([record(4)]);
  assert.equal(location?.offset, kept.storedBytes);
  appender.close();
  const blobs = new BlobFiles(blobDir);
  assert.ok(location && (await blobs.read(location, text(4).length)).equals(text(4)));
  blobs.close();
});

test('the file grows ahead of its records, and ends with them once it is closed', async (t) => {
  const blobDir = blobFolder(t);
  const appender = appenderIn(blobDir, { segmentBytes: 4 * SEGMENT_AHEAD_BYTES });
  const [first] = await appender.append([record(1)]);
  const ahead = segmentLength(blobDir, 1);
  assert.equal(ahead, (first?.storedBytes ?? 0) + SEGMENT_AHEAD_BYTES);
  const [second] = await appender.append([record(2)]);
  assert.equal(segmentLength(blobDir, 1), ahead);
  assert.ok(second);
  appender.close();
  assert.equal(segmentLength(blobDir, 1), second.offset + second.storedBytes);
});

test('rewind forgets what a failed transaction appended', async (t) => {
  const blobDir = blobFolder(t);
  const appender = appenderIn(blobDir);
  await appender.append([record(1)]);
  const mark = appender.mark();
  await appender.append([record(2)]);
  appender.rewind(mark);
  const [location] = await appender.append([record(3)]);
  assert.equal(location?.offset, mark.end);
  appender.close();
});

test('a segment is left for a new one after its time', async (t) => {
  const clock = new FakeClock();
  const appender = appenderIn(blobFolder(t), { clock, openMs: 1_000 });
  const segmentOf = async (): Promise<number | undefined> => (await appender.append([record(1)]))[0]?.segment;
  assert.equal(await segmentOf(), 1);
  clock.advance(1_000);
  assert.equal(await segmentOf(), 1);
  clock.advance(1);
  assert.equal(await segmentOf(), 2);
  appender.close();
});

test('damage is unavailable and names the segment; a missing file is SegmentGone', async (t) => {
  const blobDir = blobFolder(t);
  const appender = appenderIn(blobDir);
  const large = Buffer.alloc(600_000, 'large and compressible ');
  const [small, big, last] = await appender.append([record(1), encodeRecord(large).encoded, record(2)]);
  appender.close();
  assert.ok(small && big && last);
  const intact = readFileSync(segmentPath(blobDir, 1));
  const blobs = new BlobFiles(blobDir);
  const unreadable = (error: unknown): boolean => isMailError(error, 'unavailable') && error.data['segment'] === 1;
  for (const at of [small.offset + 3, small.offset + 200, big.offset + 60, big.offset + big.storedBytes - 3]) {
    const harmed = Buffer.from(intact);
    harmed[at] = (harmed[at] ?? 0) ^ 64;
    writeFileSync(segmentPath(blobDir, 1), harmed);
    const isSmall = at < big.offset;
    await assert.rejects(blobs.read(isSmall ? small : big, isSmall ? text(1).length : large.length), unreadable);
    assert.ok((await blobs.read(last, text(2).length)).equals(text(2)));
  }
  writeFileSync(segmentPath(blobDir, 1), intact);
  await assert.rejects(blobs.read({ ...small, offset: 7 }, text(1).length), unreadable);
  await assert.rejects(blobs.read(big, large.length - CHUNK), unreadable);
  truncateSync(segmentPath(blobDir, 1), last.offset + 20);
  await assert.rejects(blobs.read(last, text(2).length), unreadable);
  blobs.forget(1);
  unlinkSync(segmentPath(blobDir, 1));
  await assert.rejects(blobs.read(small, text(1).length), SegmentGone);
  blobs.close();
});

const CHUNK = 256 * 1024;

test('many writers share syncs, and a failure is told to all it hurt', async (t) => {
  const blobDir = blobFolder(t);
  let writes = 0;
  let broken = false;
  const write = (fd: number, buffers: readonly Uint8Array[], position: number): number => {
    writes++;
    if (broken) throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'write' });
    return writevSync(fd, buffers, position);
  };
  const writer = new BlobWriter(appenderIn(blobDir, { write }));
  const locations = await Promise.all(Array.from({ length: 20 }, (_, n) => writer.write(record(n))));
  assert.ok(writes < 20, `${writes} writes`);
  const blobs = new BlobFiles(blobDir);
  for (const [n, location] of locations.entries())
    assert.ok((await blobs.read(location, text(n).length)).equals(text(n)));
  broken = true;
  const failed = await Promise.allSettled([writer.write(record(1)), writer.write(record(2))]);
  assert.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  broken = false;
  assert.equal(
    (await writer.write(record(3))).offset,
    locations.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
  );
  await writer.close();
  blobs.close();
});
