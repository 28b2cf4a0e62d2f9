/** Programs that people and scripts read and send mail with, each against the same real server. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Campus, LI, openCampus, WANG, ZHANG } from '#test/harness/campus.ts';
import {
  fetchCertificate,
  mustRunProgram,
  runProgram,
  skipWithout,
  skipWithoutPython,
} from '#test/harness/programs.ts';

/** ASCII, and yet hostile to whoever quotes badly. */
const PASSWORD = 'Campus "7\\ x';
const CHINESE = '归档 & Résumé';
const LETTER = 'From: a@b.example\r\nSubject: by curl\r\n\r\n.\r\nhello\r\n';
const GB18030_SUBJECT = '=?gb18030?B?xOO6ww==?=';

describe('command line clients', { concurrency: false }, () => {
  let campus: Campus;
  let certificate: string;
  const port = (name: string): number => campus.server.ports[name] as number;

  before(async () => {
    campus = await openCampus({ password: PASSWORD });
    certificate = join(campus.folder, 'campus.pem');
    await writeFile(certificate, await fetchCertificate(port('imaps')));
  });
  after(async () => {
    const code = await campus.server.stop();
    const log = campus.server.log();
    await campus[Symbol.asyncDispose]();
    assert.equal(log, '');
    assert.equal(code, 0);
  });

  /** Empties an account's inbox and gives it letters with these subjects. */
  async function fill(login: string, ...subjects: readonly string[]): Promise<void> {
    const imap = await campus.openImap(login);
    const [exists] = (await imap.command('SELECT INBOX')).filter((line) => line.endsWith(' EXISTS'));
    if (exists !== '* 0 EXISTS') {
      await imap.command(String.raw`STORE 1:* +FLAGS.SILENT (\Deleted)`);
      await imap.command('EXPUNGE');
    }
    imap.close();
    for (const [i, subject] of subjects.entries()) {
      const head = `From: =?gb18030?B?1cXI/Q==?= <friend@elsewhere.example>\r\nTo: ${login}\r\nSubject: ${subject}\r\n`;
      const id = `Message-ID: <${i}.${subject.length}@elsewhere.example>\r\nDate: Tue, 1 Sep 2026 10:0${i}:00 +0800\r\n`;
      await campus.deliver(login, `${head}${id}MIME-Version: 1.0\r\n\r\nbody of letter ${i + 1}\r\n.\r\nend\r\n`);
    }
  }

  async function countMessages(login: string, mailbox = 'INBOX'): Promise<number> {
    const imap = await campus.openImap(login);
    const [status] = await imap.command(`STATUS "${mailbox}" (MESSAGES)`);
    imap.close();
    return Number(/MESSAGES (\d+)/.exec(status ?? '')?.[1]);
  }

  test(
    'Python: smtplib with STARTTLS, imaplib with STARTTLS and SCRAM-SHA-256, poplib with STLS',
    { skip: skipWithoutPython() },
    async () => {
      const script = join(import.meta.dirname, 'python-session.py');
      const names = ['smtp', 'imap', 'imaps', 'pop3', 'pop3s'];
      const ports = names.map((name) => `${name}=${port(name)}`);
      const { out } = await mustRunProgram('python3', [script, '127.0.0.1', certificate, ZHANG, PASSWORD, ...ports], {
        cwd: campus.folder,
      });
      assert.equal(out, 'done\n');
    },
  );

  test('curl: SMTP, IMAP, IMAPS, POP3 and POP3S', { skip: skipWithout('curl') }, async () => {
    await fill(LI);
    const user = `${LI}:${PASSWORD}`;
    const curl = async (...args: readonly string[]): Promise<string> =>
      (
        await mustRunProgram('curl', ['--silent', '--show-error', '--insecure', '--max-time', '20', ...args], {
          cwd: campus.folder,
          input: LETTER,
        })
      ).out;
    for (const more of [[], ['--ssl-reqd']]) {
      await curl(
        '--url',
        `smtp://127.0.0.1:${port('smtp')}/client.example`,
        ...more,
        '--mail-from',
        'a@b.example',
        '--mail-rcpt',
        LI,
        '--upload-file',
        '-',
      );
    }
    const imaps = `imaps://127.0.0.1:${port('imaps')}`;
    assert.match(
      await curl('--user', user, '--url', `${imaps}/INBOX;MAILINDEX=2`),
      /Subject: by curl\r\n\r\n\.\r\nhello\r\n$/,
    );
    assert.match(await curl('--user', user, '--url', `${imaps}/INBOX;UID=1;SECTION=TEXT`), /^\.\r\nhello/);
    assert.match(await curl('--user', user, '--url', `${imaps}/INBOX?SUBJECT%20curl`), /^\* SEARCH \d+ \d+/);
    assert.match(await curl('--user', user, '--url', `${imaps}/`), /LIST \(\\HasNoChildren\) "\/" "INBOX"/);
    // APPEND tells the size first, so it wants a file.
    await writeFile(join(campus.folder, 'letter'), LETTER);
    await curl('--user', user, '--url', `${imaps}/Drafts`, '--upload-file', join(campus.folder, 'letter'));
    assert.equal(await countMessages(LI, 'Drafts'), 1);
    const imap = `imap://127.0.0.1:${port('imap')}`;
    assert.match(
      await curl('--user', user, '--ssl-reqd', '--url', `${imap}/INBOX`, '--request', 'STATUS INBOX (MESSAGES)'),
      /MESSAGES 2/,
    );
    assert.match(await curl('--user', user, '--url', `pop3s://127.0.0.1:${port('pop3s')}/`), /^1 \d+\r\n2 \d+\r\n$/);
    assert.match(
      await curl('--user', user, '--ssl-reqd', '--url', `pop3://127.0.0.1:${port('pop3')}/1`),
      /\r\n\.\r\nhello\r\n$/,
    );
  });

  test(
    'swaks: STARTTLS, pipelining, UTF-8, several recipients, a recipient that is refused',
    { skip: skipWithout('swaks') },
    async () => {
      await fill(LI);
      await fill(WANG);
      const to = ['--server', `127.0.0.1:${port('smtp')}`, '--from', 'friend@elsewhere.example', '--timeout', '20'];
      const letter = ['--header', 'Subject: 你好', '--body', '第一封信\n.\n'];
      await mustRunProgram('swaks', [...to, '--to', `${LI},${WANG}`, '--tls', ...letter]);
      await mustRunProgram('swaks', [...to, '--to', LI, '--pipeline', ...letter]);
      const refused = await runProgram('swaks', [...to, '--to', 'nobody@kust.example', ...letter]);
      assert.equal(refused.code, 24, refused.out);
      assert.match(refused.out, /550 5\.1\.1/);
      assert.equal(await countMessages(LI), 2);
      assert.equal(await countMessages(WANG), 1);
      const lmtp = [
        '--protocol',
        'LMTP',
        '--server',
        `127.0.0.1:${port('lmtp')}`,
        '--from',
        'friend@elsewhere.example',
      ];
      await mustRunProgram('swaks', [...lmtp, '--to', WANG, ...letter]);
      assert.equal(await countMessages(WANG), 2);
    },
  );

  for (const program of ['mutt', 'neomutt']) {
    const skip = skipWithout(program, 'script');
    test(`${program}: reads, flags, saves to a Chinese mailbox and deletes`, { skip }, async () => {
      await fill(LI, GB18030_SUBJECT, 'to be moved', 'to be deleted');
      const imap = await campus.openImap(LI);
      await imap.command(`CREATE "${CHINESE}"`).catch(() => undefined);
      const already = await countMessages(LI, CHINESE);
      const home = join(campus.folder, program);
      await mkdir(home);
      const keys = [
        '<first-entry><display-message><exit><first-entry><set-flag>!',
        `<search>~s moved<enter><save-message><kill-line>=${CHINESE}<enter>`,
        '<search>~s deleted<enter><delete-message><sync-mailbox><quit>',
      ].join('');
      const settings = [
        'set ssl_force_tls=yes ssl_verify_host=no ssl_verify_dates=no',
        `set certificate_file=${certificate}`,
        `set imap_user="${LI}" imap_pass="${PASSWORD.replace(/[\\"]/g, String.raw`\$&`)}"`,
        `set folder=imaps://127.0.0.1:${port('imaps')}/ spoolfile=+INBOX`,
        'set confirmappend=no confirmcreate=no delete=yes move=no mark_old=no sort=date quit=yes wait_key=no',
        'set header_cache= message_cachedir= charset=utf-8 pager_stop=yes pager=builtin',
        // Else a blank completes the name.
        'bind editor <space> noop',
        `push '${keys}'`,
      ];
      await writeFile(join(home, 'rc'), `${settings.join('\n')}\n`);
      // It wants a terminal.
      const { out } = await runProgram('script', ['-qefc', `${program} -n -F ${join(home, 'rc')}`, '/dev/null'], {
        cwd: home,
        env: { TERM: 'vt100' },
      });
      const left = (await imap.command('SELECT INBOX')).find((line) => line.endsWith('EXISTS'));
      assert.equal(left, '* 1 EXISTS', out);
      assert.match((await imap.command('FETCH 1 (FLAGS ENVELOPE)')).join(), /\\Flagged \\Seen.*gb18030/);
      assert.equal(await countMessages(LI, CHINESE), already + 1);
      assert.match(out, /你好/);
    });
  }
});
