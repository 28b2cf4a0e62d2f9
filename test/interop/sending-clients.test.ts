/** Programs that people and scripts send with, by submission. */
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Campus, DOMAIN, eventually, LI, openCampus, ZHANG } from '#test/harness/campus.ts';
import {
  fetchCertificate,
  mustRunProgram,
  type ProgramResult,
  runProgram,
  skipWithout,
  skipWithoutPython,
} from '#test/harness/programs.ts';
import { mustRun } from '#test/harness/server-process.ts';

/** smtplib knows ASCII only. */
const PASSWORD = 'Campus=7+x/';
const OUTSIDE = 'friend@elsewhere.example';
const UNKNOWN = `nobody@${DOMAIN}`;

describe('sending clients', { concurrency: false }, () => {
  let campus: Campus;
  let certificate: string;
  const port = (name: string): number => campus.server.ports[name] as number;

  before(async () => {
    campus = await openCampus({
      password: PASSWORD,
      settings: {
        CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
        CAMPUSMAIL_LISTEN_SUBMISSIONS: '127.0.0.1:0',
        // Nobody listens there: what was taken waits.
        CAMPUSMAIL_QUEUE_ROUTES: '* via 127.0.0.1:1',
      },
    });
    certificate = join(campus.folder, 'campus.pem');
    await writeFile(certificate, await fetchCertificate(port('submissions')));
  });
  after(async () => {
    const code = await campus.server.stop();
    const log = campus.server.log();
    await campus[Symbol.asyncDispose]();
    assert.equal(log, '');
    assert.equal(code, 0);
  });

  /** Waits until these letters are with the colleague, and none else; and answers what waits to leave. */
  async function expectLetters(...subjects: readonly string[]): Promise<string> {
    const imap = await campus.openImap(LI);
    await eventually(`${subjects.length} letters`, async () => {
      const [status = ''] = await imap.command('STATUS INBOX (MESSAGES)');
      return status.includes(`MESSAGES ${subjects.length})`);
    });
    await imap.command('SELECT INBOX');
    const found = (await imap.command('FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT MESSAGE-ID DATE)]')).join('\n');
    for (const subject of subjects) assert.ok(found.includes(`Subject: ${subject}\r`), found);
    assert.equal(found.match(/^Message-ID: </gim)?.length, subjects.length);
    assert.equal(found.match(/^Date: /gim)?.length, subjects.length);
    await imap.command(String.raw`STORE 1:* +FLAGS.SILENT (\Deleted)`);
    await imap.command('EXPUNGE');
    imap.close();
    const waiting = await mustRun(campus.dataDir, ['queue', 'list']);
    await mustRun(campus.dataDir, ['queue', 'cancel', '--account', ZHANG]);
    return waiting;
  }

  test('smtplib', { skip: skipWithoutPython() }, async () => {
    const script = join(import.meta.dirname, 'smtplib-session.py');
    const ports = ['submission', 'submissions'].map((name) => String(port(name)));
    const args = [script, '127.0.0.1', certificate, ZHANG, PASSWORD, ...ports, LI, OUTSIDE, UNKNOWN];
    assert.equal((await mustRunProgram('python3', args, { cwd: campus.folder })).out, 'done\n');
    assert.match(await expectLetters('smtplib, STARTTLS', 'smtplib, TLS'), /^2 messages /m);
  });

  test('swaks', { skip: skipWithout('swaks') }, async () => {
    const swaks = (name: string, tls: string, auth: string, ...more: readonly string[]): Promise<ProgramResult> =>
      runProgram('swaks', [
        `--server=127.0.0.1:${port(name)}`,
        tls,
        `--auth=${auth}`,
        `--auth-user=${ZHANG}`,
        '--timeout=20',
        `--auth-password=${PASSWORD}`,
        `--from=${ZHANG}`,
        '--body=你好',
        ...more,
      ]);
    for (const [name, tls] of [
      ['submission', '--tls'],
      ['submissions', '--tlsc'],
    ] as const) {
      for (const auth of ['PLAIN', 'LOGIN']) {
        const header = ['--h-From', ZHANG, '--header', `Subject: ${name} ${auth}`];
        const sent = await swaks(name, tls, auth, '--to', `${LI},${UNKNOWN},${OUTSIDE}`, ...header);
        assert.equal(sent.code, 0, sent.out);
        assert.match(sent.out, /<~\* 550 5\.1\.1 <nobody@kust\.example>: no such user here/);
      }
    }
    const wrong = await swaks('submission', '--tls', 'PLAIN', '--to', LI, '--auth-password', 'wrong');
    assert.equal(wrong.code, 28, wrong.out);
    assert.match(wrong.out, /<~\* 535 5\.7\.8 /);
    const foreign = await swaks('submission', '--tls', 'LOGIN', '--to', LI, '--h-From', `校长 <${LI}>`);
    assert.equal(foreign.code, 26, foreign.out);
    assert.match(foreign.out, /550 5\.7\.1 The sender "li\.si@kust\.example" is not one of your addresses/);
    const envelope = await swaks('submission', '--tls', 'PLAIN', '--to', LI, '--from', LI);
    assert.equal(envelope.code, 23, envelope.out);
    assert.match(envelope.out, /55[03] 5\.7\.1 <li\.si@kust\.example> is not one of your addresses/);
    const waiting = await expectLetters(
      'submission PLAIN',
      'submission LOGIN',
      'submissions PLAIN',
      'submissions LOGIN',
    );
    assert.match(waiting, /^4 messages /m);
  });

  test('msmtp', { skip: skipWithout('msmtp') }, async () => {
    const config = join(campus.folder, 'msmtprc');
    const send = async (auth: string, letter: string, more = '', name = 'submission'): Promise<ProgramResult> => {
      await writeFile(
        config,
        `account default
host 127.0.0.1
port ${port(name)}
tls on
tls_starttls ${name === 'submission' ? 'on' : 'off'}
tls_certcheck off
auth ${auth}
user ${ZHANG}
password ${PASSWORD}
from ${ZHANG}
set_msgid_header off
set_date_header off
timeout 20
${more}`,
      );
      await chmod(config, 0o600);
      return runProgram('msmtp', ['-C', config, LI, OUTSIDE], { input: letter });
    };
    for (const auth of ['plain', 'login', 'scram-sha-256']) {
      const sent = await send(auth, `From: ${ZHANG}\nSubject: msmtp ${auth}\n\nhello\n`);
      assert.equal(sent.code, 0, sent.err);
    }
    assert.equal((await send('on', `From: ${ZHANG}\nSubject: msmtp over TLS\n\nhello\n`, '', 'submissions')).code, 0);
    const wrong = await send('scram-sha-256', 'Subject: x\n\nx\n', 'password wrong\n');
    assert.equal(wrong.code, 77, wrong.err);
    assert.match(wrong.err, /535 5\.7\.8 /);
    const foreign = await send('plain', `From: ${OUTSIDE}\nSubject: x\n\nx\n`);
    assert.equal(foreign.code, 69, foreign.err);
    assert.match(foreign.err, /550 5\.7\.1 The sender "friend@elsewhere\.example" is not one of your addresses/);
    // dsn_notify asks for a report where Chinese and English are read.
    const reported = await send(
      'plain',
      `From: ${ZHANG}\nSubject: msmtp dsn\n\nx\n`,
      'dsn_notify success\ndsn_return headers\n',
    );
    assert.equal(reported.code, 0, reported.err);
    const subjects = ['plain', 'login', 'scram-sha-256', 'over TLS', 'dsn'].map((what) => `msmtp ${what}`);
    assert.match(await expectLetters(...subjects), /^5 messages /m);
  });
});
