/** mbsync (isync) keeps a Maildir and an account alike, in both directions. It names folders as they come by IMAP. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeModifiedUtf7 } from '#imap/modified-utf7.ts';
import { openCampus, PASSWORD, ZHANG, type Campus } from '#test/harness/campus.ts';
import { fetchCertificate, mustRunProgram, runProgram, skipWithout } from '#test/harness/programs.ts';

const CHINESE = '归档 & Résumé';
const NEW = '新信箱';
const RENAMED = '改名';

async function configure({ folder, server }: Campus): Promise<string> {
  const port = server.ports['imaps'] as number;
  await writeFile(join(folder, 'campus.pem'), await fetchCertificate(port));
  const { out } = await runProgram('mbsync', ['--version']);
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(out)?.slice(1) ?? []).map(Number);
  const tls = major > 1 || minor >= 5 ? 'TLSType' : 'SSLType';
  const file = join(folder, 'mbsyncrc');
  await writeFile(
    file,
    `
IMAPAccount campus
Host 127.0.0.1
Port ${port}
User ${ZHANG}
Pass "${PASSWORD}"
${tls} IMAPS
CertificateFile ${join(folder, 'campus.pem')}

IMAPStore there
Account campus

MaildirStore here
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX
SubFolders Verbatim

Channel campus
Far :there:
Near :here:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
`,
  );
  await mkdir(join(folder, 'mail'));
  return file;
}

async function listMessages(folder: string, mailbox: string): Promise<string[]> {
  const inside = join(folder, 'mail', mailbox);
  const files = await Promise.all(
    ['cur', 'new'].map(async (name) => (await readdir(join(inside, name))).map((file) => join(inside, name, file))),
  );
  return files.flat().toSorted();
}

test(
  'mbsync: messages, flags, mailboxes and deletions, in both directions',
  { skip: skipWithout('mbsync') },
  async () => {
    await using campus = await openCampus();
    const { folder } = campus;
    const file = await configure(campus);
    const sync = async (): Promise<void> =>
      void (await mustRunProgram('mbsync', ['-c', file, 'campus'], { cwd: folder }));
    for (const n of [1, 2, 3, 4])
      await campus.deliver(
        ZHANG,
        `From: a@b.example\r\nSubject: =?gb18030?B?xOO6ww==?= ${n}\r\nMessage-ID: <${n}@b.example>\r\n\r\n第${n}封信\r\n`,
      );
    const imap = await campus.openImap(ZHANG);
    await imap.command(`CREATE "${CHINESE}/2026"`);

    await sync();
    const messages = await listMessages(folder, 'INBOX');
    assert.equal(messages.length, 4);
    assert.ok((await readdir(join(folder, 'mail', encodeModifiedUtf7(CHINESE)))).includes('2026'));

    // Here: one read and flagged, one removed, a mailbox with a message made.
    const [first, second] = messages as [string, string];
    await rename(first, first.replace(/\/(?:new|cur)\/([^:]*).*$/, '/cur/$1:2,FS'));
    await rm(second);
    for (const name of ['cur', 'new', 'tmp'])
      await mkdir(join(folder, 'mail', encodeModifiedUtf7(NEW), name), { recursive: true });
    await writeFile(
      join(folder, 'mail', encodeModifiedUtf7(NEW), 'new', '1.1.here'),
      'From: me@b.example\nSubject: from here\n\nbody\n',
    );
    await sync();
    const told = await imap.command('SELECT INBOX');
    assert.ok(told.includes('* 3 EXISTS'), told.join('\n'));
    assert.equal((await imap.command('UID SEARCH SEEN FLAGGED'))[0]?.split(' ').length, 3);
    await imap.command(`SELECT "${NEW}"`);
    assert.match(
      (await imap.command('FETCH 1 BODY.PEEK[]')).join(),
      /Subject: from here\r\n(?:X-TUID: .*\r\n)?\r\nbody\r\n/,
    );

    // There: one answered, one removed, one new, a mailbox renamed.
    await imap.command('SELECT INBOX');
    await imap.command(String.raw`STORE 2 +FLAGS (\Answered \Seen)`);
    await imap.command(String.raw`STORE 3 +FLAGS.SILENT (\Deleted)`);
    await imap.command('EXPUNGE');
    await imap.command(`RENAME "${NEW}" "${RENAMED}"`);
    await campus.deliver(ZHANG, 'From: a@b.example\r\nSubject: new\r\n\r\n.\r\n..dots\r\n');
    await sync();
    const names = (await listMessages(folder, 'INBOX')).map((path) => /:2,(.*)$/.exec(path)?.[1] ?? '');
    assert.deepEqual(names.toSorted(), ['', 'FS', 'RS']);
    assert.equal((await listMessages(folder, encodeModifiedUtf7(RENAMED))).length, 1);

    // Nothing is left to do.
    const before = await listMessages(folder, 'INBOX');
    await appendFile(file, '\n');
    const { out, err } = await mustRunProgram('mbsync', ['-V', '-c', file, 'campus'], { cwd: folder });
    assert.doesNotMatch(out + err, /(?:Pulling|Pushing|Flagging|Trashing|Expunging) |\+[1-9]|\*[1-9]|#[1-9]/);
    assert.deepEqual(await listMessages(folder, 'INBOX'), before);
    assert.equal(campus.server.log(), '');
  },
);
