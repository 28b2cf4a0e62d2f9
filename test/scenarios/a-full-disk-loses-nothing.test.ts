import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, openCampus, ZHANG } from '#test/harness/campus.ts';
import { mustRunProgram, skipWithout } from '#test/harness/programs.ts';
import { mustRun, runCommand } from '#test/harness/server-process.ts';
import { countMessageIds, startSmtpLoad } from '#test/harness/smtp-load.ts';

/** A disk is full when no file may grow any more: that can be had without one. */
test(
  'when no file can grow, mail is told to wait, reading goes on, and with room again it is taken',
  { skip: skipWithout('prlimit') },
  async () => {
    await using campus = await openCampus();
    const { ports } = campus.server;
    const pid = (await readFile(join(campus.dataDir, 'lock.pid'), 'utf8')).trim();
    const limit = (bytes: string): Promise<unknown> =>
      mustRunProgram('prlimit', ['--pid', pid, `--fsize=${bytes}:unlimited`]);
    const load = startSmtpLoad({
      recipient: ZHANG,
      connections: 3,
      sizeBytes: 20_000,
      ports: () => [ports['smtp'] as number],
      reconnects: true,
    });
    await eventually('mail to flow', () => load.acknowledged.size > 5);

    await limit(String(await largestFile(campus.dataDir)));
    await eventually('mail to be refused', () => load.refusals.length > 20);
    const taken = load.acknowledged.size;
    const refused = load.refusals.length;
    await eventually('more mail to be refused', () => load.refusals.length > refused + 20);
    assert.equal(load.acknowledged.size, taken, 'mail was acknowledged that cannot be stored');
    assert.deepEqual([...new Set(load.refusals.map(({ code }) => Math.floor(code / 100)))], [4]);
    const health = (): Promise<Response> => fetch(`http://127.0.0.1:${ports['http']}/healthz`);
    const troubles = await eventually('the health to fail', async () => {
      const answer = await health();
      return answer.status === 503 && answer.text();
    });
    assert.match(troubles, /the store cannot write: .*(EFBIG|full|disk I\/O)/);
    const doctor = await runCommand(campus.dataDir, ['doctor', 'store']);
    assert.match(doctor.out, /FAIL {2}writing: the store cannot write/);
    const imap = await campus.openImap(ZHANG);
    await imap.command('SELECT INBOX');
    await imap.command('FETCH 1:* (FLAGS BODY.PEEK[])');
    const body = 'x'.repeat(200_000);
    await assert.rejects(imap.command(`APPEND INBOX {${body.length}+}\r\n${body}`), /NO \[UNAVAILABLE\]/);

    await limit('unlimited');
    await eventually('mail to be taken again', () => load.acknowledged.size > taken + 5);
    await load.stop();
    await eventually('the health to be good again', async () => (await health()).status === 200);
    assert.match((await runCommand(campus.dataDir, ['doctor', 'store'])).out, /ok {4}writing/);
    const found = await countMessageIds(ports['imap'] as number, ZHANG);
    for (const id of load.acknowledged.keys()) assert.equal(found.get(id), 1, id);
    assert.equal(await campus.server.stop(), 0);
    assert.match(await mustRun(campus.dataDir, ['verify']), /are whole[^]*agree/);
  },
);

async function largestFile(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return Math.max(...sizes);
}
