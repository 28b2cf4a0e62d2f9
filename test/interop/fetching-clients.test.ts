/** Programs that take mail away, or keep a copy: each against the same real server, with the same three letters. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Campus, openCampus, WANG, ZHANG } from '#test/harness/campus.ts';
import { mustRunProgram, skipWithout } from '#test/harness/programs.ts';

const PASSWORD = 'Fetch-7-campus';
const SUBJECTS = ['one', 'two', 'three'];

describe('clients that fetch', { concurrency: false }, () => {
  let campus: Campus;
  const port = (name: string): number => campus.server.ports[name] as number;

  before(async () => {
    campus = await openCampus({ password: PASSWORD });
    for (const login of [ZHANG, WANG]) {
      for (const subject of SUBJECTS) {
        const head = `From: a@b.example\r\nTo: ${login}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@b.example>\r\n`;
        await campus.deliver(login, `${head}\r\n.\r\n第一行 ${subject}\r\n..\r\n`);
      }
    }
  });
  after(async () => {
    const code = await campus.server.stop();
    const log = campus.server.log();
    await campus[Symbol.asyncDispose]();
    assert.equal(log, '');
    assert.equal(code, 0);
  });

  /** The letters in what a client wrote, whole, in any order. */
  function assertLetters(text: string): void {
    const unix = text.replaceAll('\r\n', '\n');
    for (const subject of SUBJECTS)
      assert.match(unix, new RegExp(`Subject: ${subject}\n[^]*?\n\n\\.\n第一行 ${subject}\n\\.\\.\n`));
  }

  for (const protocol of ['IMAP', 'POP3']) {
    const skip = skipWithout('fetchmail');
    test(`fetchmail: ${protocol} with TLS, every letter whole`, { skip }, async () => {
      const rc = join(campus.folder, `fetchmailrc.${protocol}`);
      const target = join(campus.folder, `fetched.${protocol}`);
      const listener = port(protocol === 'IMAP' ? 'imaps' : 'pop3s');
      const options = `user "${ZHANG}" password "${PASSWORD}" ssl no sslcertck keep fetchall mda "/bin/cat >> ${target}"`;
      await writeFile(rc, `poll 127.0.0.1 protocol ${protocol} port ${listener} ${options}\n`, { mode: 0o600 });
      const pid = join(campus.folder, 'fetchmail.pid');
      await mustRunProgram('fetchmail', ['-f', rc, '--nosyslog', '-N', '--pidfile', pid], { cwd: campus.folder });
      assertLetters(await readFile(target, 'utf8'));
    });
  }

  test('mpop: POP3 with TLS, and by UIDL nothing twice', { skip: skipWithout('mpop') }, async () => {
    const rc = join(campus.folder, 'mpoprc');
    const target = join(campus.folder, 'mpop.mbox');
    const lines = [
      'account campus',
      'host 127.0.0.1',
      `port ${port('pop3s')}`,
      'tls on\ntls_starttls off\ntls_certcheck off',
      `user ${ZHANG}`,
      `password ${PASSWORD}`,
      `delivery mbox ${target}`,
      'keep on',
      `uidls_file ${join(campus.folder, 'uidls')}`,
    ];
    await writeFile(rc, `${lines.join('\n')}\n`, { mode: 0o600 });
    await mustRunProgram('mpop', ['-C', rc, 'campus'], { cwd: campus.folder });
    const fetched = await readFile(target, 'utf8');
    assertLetters(fetched);
    await mustRunProgram('mpop', ['-C', rc, 'campus'], { cwd: campus.folder });
    assert.equal(await readFile(target, 'utf8'), fetched);
  });

  test(
    'OfflineIMAP: a copy of everything, and what is removed there goes here',
    { skip: skipWithout('offlineimap') },
    async () => {
      const rc = join(campus.folder, 'offlineimaprc');
      const local = join(campus.folder, 'offline');
      const lines = [
        `[general]\naccounts = A\nmetadata = ${join(campus.folder, 'offline-meta')}\nui = quiet`,
        '[Account A]\nlocalrepository = L\nremoterepository = R',
        `[Repository L]\ntype = Maildir\nlocalfolders = ${local}`,
        `[Repository R]\ntype = IMAP\nremotehost = 127.0.0.1\nremoteport = ${port('imap')}\nssl = no\nstarttls = no`,
        `remoteuser = ${WANG}\nremotepass = ${PASSWORD}`,
      ];
      await writeFile(rc, `${lines.join('\n')}\n`);
      const imap = await campus.openImap(WANG);
      await imap.command('CREATE "归档 & Résumé"');
      // The system's own Python, whatever else is on the path.
      const run = (): Promise<unknown> =>
        mustRunProgram('offlineimap', ['-c', rc, '-o'], { cwd: campus.folder, env: { PATH: '/usr/bin:/bin' } });
      await run();
      const files = async (): Promise<string[]> => {
        const names = await readdir(join(local, 'INBOX'), { recursive: true });
        return names.filter((name) => name.includes(':2,')).map((name) => join(local, 'INBOX', name));
      };
      const letters = await files();
      assertLetters((await Promise.all(letters.map((name) => readFile(name, 'utf8')))).join('\n'));
      await rm(letters[0] as string);
      await run();
      assert.equal((await imap.command('SELECT INBOX'))[0], '* 2 EXISTS');
      await imap.command(String.raw`STORE 1 +FLAGS (\Flagged \Deleted)`);
      await imap.command('EXPUNGE');
      await run();
      assert.equal((await files()).length, 1);
    },
  );

  test('imapfilter: searches, flags, makes a mailbox and copies', { skip: skipWithout('imapfilter') }, async () => {
    const home = join(campus.folder, 'imapfilter');
    await mkdir(home);
    const server = `server = '127.0.0.1', port = ${port('imap')}, username = '${ZHANG}', password = '${PASSWORD}'`;
    const script = `
options.starttls = false
options.info = false
account = IMAP { ${server} }
found = account.INBOX:contain_subject('two')
found:mark_flagged()
account:create_mailbox('filtered')
found:copy_messages(account.filtered)
found:mark_seen()
print(#found, account.filtered:check_status())
`;
    await writeFile(join(home, 'config.lua'), script);
    const { out } = await mustRunProgram('imapfilter', ['-c', join(home, 'config.lua')], { cwd: home });
    assert.match(out, /^1\s+1\s/);
    const imap = await campus.openImap(ZHANG);
    await imap.command('SELECT filtered');
    assert.match((await imap.command('FETCH 1 (FLAGS)')).join(), /\\Flagged/);
  });

  test('Perl Mail::IMAPClient: the calls that scripts make', { skip: skipWithoutPerlModule() }, async () => {
    const script = String.raw`
use Mail::IMAPClient;
my $imap = Mail::IMAPClient->new(Server => '127.0.0.1', Port => $ARGV[0], User => $ARGV[1], Password => $ARGV[2], Uid => 1, Peek => 1) or die $@;
$imap->create('perl') or die $imap->LastError;
my $uid = $imap->append('perl', "Subject: by perl\r\n\r\nx\r\n") or die $imap->LastError;
$imap->select('perl') or die;
my $all = $imap->fetch_hash('FLAGS', 'RFC822.SIZE', 'INTERNALDATE') or die;
my $structure = $imap->get_bodystructure($uid) or die;
my $idle = $imap->idle or die;
$imap->done($idle) or die;
$imap->see($uid) or die;
print join('|', scalar(keys %$all), $structure->bodytype, $imap->get_envelope($uid)->subject, $imap->unseen_count // 0), "\n";
$imap->delete_message($uid) or die;
$imap->expunge or die;
print $imap->message_count, "\n";
$imap->logout or die;
`;
    const file = join(campus.folder, 'script.pl');
    await writeFile(file, script);
    const { out } = await mustRunProgram('perl', [file, String(port('imap')), ZHANG, PASSWORD]);
    assert.equal(out, '1|TEXT|by perl|0\n0\n');
  });
});

function skipWithoutPerlModule(): string | false {
  const { status } = spawnSync('perl', ['-MMail::IMAPClient', '-e', '1']);
  return status === 0 ? false : 'not installed: Perl with Mail::IMAPClient';
}
