/** domain.md T7: nobody signs in to an account that waits, in any protocol; mail to it is taken, and there afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { student } from '#directory/testing/person.ts';
import { readConfig } from '#app/config.ts';
import { openSystem } from '#app/system.ts';
import { silentLog } from '#base/log.ts';
import { eventually } from '#test/harness/campus.ts';
import { ImapTestClient, LineClient, openSmtp, readReply, sendMessage } from '#test/harness/line-client.ts';
import { startServerProcess, temporaryFolder, testEnvironment } from '#test/harness/server-process.ts';
import { Visitor } from '#test/harness/visitor.ts';

const DOMAIN = 'stu.kust.example';
const ADDRESS = `2023001@${DOMAIN}`;
const INITIAL = 'Kust1231002X';
const PASSWORD = 'Quiet-Heron-Harbour7';
const PHONE = '13800001234';
const SETTINGS = {
  CAMPUSMAIL_SMS_VENDORS: 'log',
  CAMPUSMAIL_AUTH_DEFAULT_DOMAIN: DOMAIN,
  CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
};

test('T7: refused by IMAP, POP3 and SMTP until activated; the mail that came before is there', async () => {
  await using folder = await temporaryFolder();
  const settings = Object.entries(testEnvironment(folder.path, SETTINGS)).filter(([name]) =>
    name.startsWith('CAMPUSMAIL_'),
  );
  const system = await openSystem(readConfig('', '', Object.fromEntries(settings)), silentLog);
  await system.directory.addDomain(DOMAIN);
  await system.directory.enrolPeople([
    {
      person: student('2023001', '张三', { level: '本科' }),
      account: { address: ADDRESS, stage: 'pending', initialPasswords: [INITIAL], initialExpiresAt: null },
    },
  ]);
  await system.close();

  const server = await startServerProcess(folder.path, SETTINGS);
  try {
    const port = (name: string): number => server.ports[name] as number;
    const smtp = await openSmtp(port('smtp'));
    const { code } = await sendMessage(smtp, 'friend@elsewhere.example', [ADDRESS], 'Subject: early\r\n\r\nhello\r\n');
    assert.equal(code, 250);
    smtp.close();

    await assert.rejects(ImapTestClient.open(port('imap'), ADDRESS, INITIAL), /ALERT|激活|activat/i);
    const pop3 = await LineClient.open(port('pop3'));
    await pop3.readLine();
    pop3.send(`USER ${ADDRESS}\r\n`);
    assert.match(await pop3.readLine(), /^\+OK/);
    pop3.send(`PASS ${INITIAL}\r\n`);
    assert.match(await pop3.readLine(), /^-ERR .*activat/i);
    pop3.close();
    const submission = await LineClient.open(port('submission'));
    await readReply(submission);
    submission.send('EHLO laptop\r\n');
    await readReply(submission);
    submission.send(`AUTH PLAIN ${Buffer.from(`\0${ADDRESS}\0${INITIAL}`).toString('base64')}\r\n`);
    assert.equal((await readReply(submission)).code, 535);
    submission.close();
    const base = `http://127.0.0.1:${port('http')}`;
    const visitor = new Visitor(base);
    const signIn = await visitor.post('/auth/sign-in', { login: '2023001', password: INITIAL });
    assert.deepEqual([signIn.status, signIn.body.error as string], [401, 'notActivated']);

    const begun = await visitor.begin({
      number: '2023001',
      name: '张三',
      password: INITIAL,
      captcha: await visitor.captcha(),
    });
    assert.equal(begun.status, 200, JSON.stringify(begun.body));
    assert.equal((await visitor.post('/activation/code', { phone: PHONE })).status, 200);
    const sms = await eventually('the SMS', async () => {
      const { messages } = (await visitor.get('/demo/outbox.json')).body as { messages?: readonly { text: string }[] };
      return messages?.[0]?.text;
    });
    const smsCode = /\d{6}/.exec(sms)?.[0] ?? '';
    assert.equal((await visitor.post('/activation/phone', { phone: PHONE, code: smsCode })).status, 200);
    const done = await visitor.post('/activation/finish', { alias: '', password: PASSWORD });
    assert.equal(done.status, 200, JSON.stringify(done.body));
    assert.equal((await visitor.get('/auth/session')).status, 200);

    const imap = await ImapTestClient.open(port('imap'), ADDRESS, PASSWORD);
    const status = await imap.command('STATUS INBOX (MESSAGES)');
    assert.match(JSON.stringify(status), /MESSAGES 1/);
    imap.close();
  } finally {
    await server.kill();
  }
});
