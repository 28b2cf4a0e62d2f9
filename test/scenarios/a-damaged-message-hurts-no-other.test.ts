import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LI, openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { LineClient } from '#test/harness/line-client.ts';
import { runCommand } from '#test/harness/server-process.ts';

test('octets flipped in a segment: that message fails clearly, all others work, and doctor and verify name it', async () => {
  await using campus = await openCampus();
  for (const n of [1, 2, 3]) {
    // Incompressible, so that it lies in the segment as it is.
    const body = randomBytes(3000).toString('base64').replace(/.{76}/g, '$&\r\n');
    await campus.deliver([ZHANG, LI], `From: a@b.example\r\nSubject: 第${n}封\r\n\r\n${body}\r\n`);
  }
  assert.equal(await campus.server.stop(), 0);
  await damageMiddle(join(campus.dataDir, 'blobs'));

  await campus.start();
  const imap = await campus.openImap(ZHANG);
  await imap.command('SELECT INBOX');
  assert.equal((await imap.command('FETCH 1:3 (UID ENVELOPE BODYSTRUCTURE RFC822.SIZE)')).length, 3);
  for (const n of [1, 3])
    assert.match(
      (await imap.command(`FETCH ${n} BODY.PEEK[]`)).join(),
      new RegExp(`第${n}封`.replaceAll(/[^\d]/g, '.+')),
    );
  await assert.rejects(imap.command('FETCH 2 BODY.PEEK[]'), /NO \[UNAVAILABLE\]/);
  await assert.rejects(imap.command('FETCH 1:3 BODY.PEEK[TEXT]'), /NO \[UNAVAILABLE\]/);
  await assert.rejects(imap.command('FETCH 2 BODY.PEEK[1]'), /NO \[UNAVAILABLE\]/);
  assert.equal((await imap.command('SEARCH SUBJECT "2"')).join(), '* SEARCH 2');
  await imap.command(String.raw`STORE 2 +FLAGS (\Flagged)`);
  await imap.command('NOOP');

  const pop = await LineClient.open(campus.server.ports['pop3'] as number);
  for (const command of ['', 'UTF8', `USER ${ZHANG}`, `PASS ${PASSWORD}`]) {
    if (command !== '') pop.send(`${command}\r\n`);
    assert.match(await pop.readLine(), /^\+OK/, command);
  }
  pop.send('RETR 2\r\n');
  assert.match(await pop.readLine(), /^-ERR/);
  pop.send('RETR 3\r\n');
  assert.match(await pop.readLine(), /^\+OK/);
  pop.close();

  const verified = await runCommand(campus.dataDir, ['verify']);
  assert.equal(verified.code, 1, verified.err);
  assert.match(verified.out, /zhang\.san@kust\.example, INBOX: "第2封"/);
  assert.match(verified.out, /li\.si@kust\.example, INBOX: "第2封"/);
  const doctor = await runCommand(campus.dataDir, ['doctor', '--deep']);
  assert.equal(doctor.code, 1, doctor.err);
  assert.match(doctor.out, /FAIL +messages: 1/);

  // It can be removed like any other, and with it the damage.
  for (const login of [ZHANG, LI]) {
    const session = await campus.openImap(login);
    await session.command('SELECT INBOX');
    await session.command(String.raw`STORE 2 +FLAGS (\Deleted)`);
    await session.command('EXPUNGE');
  }
});

/** Flips octets in the middle of what was stored: that is inside the second of three equal messages. */
async function damageMiddle(folder: string): Promise<void> {
  const [name] = (await readdir(folder)).filter((file) => file.endsWith('.seg'));
  const file = join(folder, name as string);
  const octets = await readFile(file);
  const middle = octets.length >> 1;
  for (let i = middle; i < middle + 8; i++) octets[i] = (octets[i] as number) ^ 0xff;
  await writeFile(file, octets);
}
