/** domain.md T10: by number, alias, full address, in full width and upper case: one mailbox; programs take full addresses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCampus, PASSWORD } from '#test/harness/campus.ts';
import { addStudent, askHost, connectToHost, SCHOOL_SETTINGS, STUDENT } from '#test/harness/school.ts';
import { WireClient } from '#test/harness/wire-client.ts';

test('T10: whatever name a student signs in by, it is the same mailbox', async () => {
  await using campus = await openCampus({
    settings: { ...SCHOOL_SETTINGS, CAMPUSMAIL_LISTEN_SUBMISSIONS: '127.0.0.1:0' },
    prepare: addStudent,
  });
  const { ports } = campus.server;
  const host = 'mail.stu.kust.example';
  const names = ['2023ab1', '２０２３ＡＢ１', ' 2023AB1 ', 'xiao.ming', 'XIAO.MING@stu.kust.example', STUDENT];
  const accounts = new Set<string>();
  for (const login of names) {
    const base = `https://127.0.0.1:${ports['https']}`;
    const answer = await askHost(base, host, '/auth/sign-in', { body: { login, password: PASSWORD } });
    assert.equal(answer.status, 200, `${login}: ${answer.text}`);
    accounts.add(JSON.parse(answer.text).accountId);
  }
  assert.equal(accounts.size, 1);

  for (const login of [STUDENT, 'xiao.ming@stu.kust.example', '2023ab1']) {
    const client = new WireClient(await connectToHost('127.0.0.1', ports['pop3s'] as number, 'pop.stu.kust.example'));
    await client.line();
    client.send(`USER ${login}\r\nPASS ${PASSWORD}\r\n`);
    await client.line();
    assert.match((await client.line()) ?? '', /^\+OK/, login);
    client.destroy();
    const imap = new WireClient(await connectToHost('127.0.0.1', ports['imaps'] as number, 'imap.stu.kust.example'));
    await imap.line();
    imap.send(`a LOGIN ${login} {${Buffer.byteLength(PASSWORD)}+}\r\n${PASSWORD}\r\n`);
    let line = await imap.line();
    while (line !== undefined && !line.startsWith('a ')) line = await imap.line();
    assert.match(line ?? '', /^a OK /, login);
    imap.destroy();
    const smtp = new WireClient(
      await connectToHost('127.0.0.1', ports['submissions'] as number, 'smtp.stu.kust.example'),
    );
    await smtp.line();
    smtp.send(`EHLO laptop\r\nAUTH PLAIN ${Buffer.from(`\0${login}\0${PASSWORD}`).toString('base64')}\r\n`);
    let reply = await smtp.line();
    while (reply?.startsWith('250') === true) reply = await smtp.line();
    assert.match(reply ?? '', /^235 /, login);
    smtp.destroy();
  }
});
