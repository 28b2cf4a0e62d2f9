import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, openCampus, ZHANG } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';
import { countMessageIds, startSmtpLoad } from '#test/harness/smtp-load.ts';

test('after kill -9 with half a record at the end of segment and log, the server starts and has all it acknowledged', async () => {
  await using campus = await openCampus();
  const acknowledged: string[] = [];
  for (const round of [1, 2, 3]) {
    if (round > 1) await campus.start();
    const { smtp } = campus.server.ports;
    const load = startSmtpLoad({ recipient: ZHANG, connections: 4, ports: () => [smtp as number], name: `r${round}` });
    await eventually('mail to flow', () => load.acknowledged.size > 10);
    await campus.server.kill();
    await load.stop();
    acknowledged.push(...load.acknowledged.keys());
    await tearEnds(campus.dataDir, round);
  }
  await campus.start();
  const found = await countMessageIds(campus.server.ports['imap'] as number, ZHANG);
  for (const id of acknowledged) assert.equal(found.get(id), 1, id);
  assert.match(await mustRun(campus.dataDir, ['verify']), /are whole[^]*agree/);
});

/** What a write that was cut short leaves: the beginning of a record, octets of anything, zeros. */
async function tearEnds(dataDir: string, round: number): Promise<void> {
  const blobs = join(dataDir, 'blobs');
  const segments = (await readdir(blobs)).filter((name) => name.endsWith('.seg')).toSorted();
  const segment = join(blobs, segments.at(-1) as string);
  const octets = await readFile(segment);
  const torn = [octets.subarray(0, 100), Buffer.from('torn'.repeat(999)), Buffer.alloc(5000)][round - 1] as Buffer;
  await appendFile(segment, torn);
  const log = join(dataDir, 'mail.db-wal');
  const before = (await readFile(log)).length;
  await appendFile(log, torn);
  // A write-ahead log may also end within a frame.
  if (round === 3) await truncate(log, before + 30);
}
