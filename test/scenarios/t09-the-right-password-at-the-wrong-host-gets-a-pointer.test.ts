/** domain.md T9: a student's credentials at the staff's host get a pointer to the students', never a session. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCampus, PASSWORD } from '#test/harness/campus.ts';
import { addStudent, askHost, connectToHost, SCHOOL_SETTINGS, STUDENT } from '#test/harness/school.ts';
import { WireClient } from '#test/harness/wire-client.ts';

test('T9: a student who signs in at the staff’s host is told where to go, by pages and by mail programs', async () => {
  await using campus = await openCampus({ settings: SCHOOL_SETTINGS, prepare: addStudent });
  const { ports } = campus.server;
  const web = `https://127.0.0.1:${ports['https']}`;
  const signIn = (host: string, login: string, password = PASSWORD) =>
    askHost(web, host, '/auth/sign-in', { body: { login, password } });

  for (const login of [STUDENT, '2023ab1', '２０２３ＡＢ１']) {
    const answer = await signIn('mail.kust.example', login);
    assert.equal(answer.cookie, undefined);
    assert.deepEqual(JSON.parse(answer.text), {
      error: 'wrongDoor',
      url: `https://mail.stu.kust.example:${ports['https']}/`,
      place: { title: '学生邮件系统', englishTitle: '学生邮件系统' },
    });
  }
  // Whoever has no password learns nothing.
  const wrong = JSON.parse((await signIn('mail.kust.example', STUDENT, 'x')).text);
  assert.deepEqual(wrong, JSON.parse((await signIn('mail.kust.example', 'nobody', 'x')).text));
  assert.equal(wrong.error, 'invalidCredentials');

  // A session of one host is none at the other.
  const { status, cookie = '' } = await signIn('mail.stu.kust.example', '2023ab1');
  assert.equal(status, 200);
  const who = async (host: string) => (await askHost(web, host, '/auth/session', { headers: { cookie } })).status;
  assert.deepEqual([await who('mail.stu.kust.example'), await who('mail.kust.example')], [200, 401]);

  const imap = async (serverName: string): Promise<string> => {
    const client = new WireClient(await connectToHost('127.0.0.1', ports['imaps'] as number, serverName));
    await client.line();
    client.send(`a LOGIN ${STUDENT} {${Buffer.byteLength(PASSWORD)}+}\r\n${PASSWORD}\r\n`);
    let line = await client.line();
    while (line !== undefined && !line.startsWith('a ')) line = await client.line();
    client.destroy();
    return line ?? '';
  };
  assert.match(await imap('imap.kust.example'), /^a NO .*other mail system: imap\.stu\.kust\.example$/);
  assert.match(await imap('imap.stu.kust.example'), /^a OK /);
  const pop3 = new WireClient(await connectToHost('127.0.0.1', ports['pop3s'] as number, 'pop.kust.example'));
  await pop3.line();
  pop3.send(`USER ${STUDENT}\r\nPASS ${PASSWORD}\r\n`);
  await pop3.line();
  assert.match((await pop3.line()) ?? '', /^-ERR .*other mail system: pop\.stu\.kust\.example$/);
  pop3.destroy();
});
