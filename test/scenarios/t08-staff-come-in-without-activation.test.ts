/** domain.md T8: staff come in without activation; the initial password must be changed first, and is good for nothing else. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ImapTestClient, LineClient, openSmtp, readReply, sendMessage } from '#test/harness/line-client.ts';
import { mustRun, startServerProcess, temporaryFolder } from '#test/harness/server-process.ts';
import { Visitor } from '#test/harness/visitor.ts';

const DOMAIN = 'kust.example';
const ADDRESS = `20050012@${DOMAIN}`;
const INITIAL = 'Kust1231002X';
const PASSWORD = 'Quiet-Heron-Harbour7';
const LIST = '工号,姓名,部门,证件号\n20050012,曾国栋,信息化建设管理中心,11010519491231002X\n';
const SETTINGS = {
  CAMPUSMAIL_SMS_VENDORS: 'log',
  CAMPUSMAIL_AUTH_DEFAULT_DOMAIN: DOMAIN,
  CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
  CAMPUSMAIL_ROSTER_DOMAINS: `staff ${DOMAIN}, student stu.${DOMAIN}`,
};

test('T8: staff are in at their first sign-in, once they have set a password; programs wait for that one', async () => {
  await using folder = await temporaryFolder();
  await mustRun(folder.path, ['domain', 'add', DOMAIN], SETTINGS);
  const list = join(folder.path, 'staff.csv');
  await writeFile(list, LIST);
  await mustRun(folder.path, ['roster', 'import', list], SETTINGS);

  const server = await startServerProcess(folder.path, SETTINGS);
  try {
    const port = (name: string): number => server.ports[name] as number;
    // Mail that comes before the first sign-in is taken.
    const smtp = await openSmtp(port('smtp'));
    const { code } = await sendMessage(smtp, 'friend@elsewhere.example', [ADDRESS], 'Subject: early\r\n\r\nhello\r\n');
    assert.equal(code, 250);
    smtp.close();

    // The initial password opens no mail program, and says what to do.
    await assert.rejects(ImapTestClient.open(port('imap'), ADDRESS, INITIAL), /ALERT/);
    const pop3 = await LineClient.open(port('pop3'));
    await pop3.readLine();
    pop3.send(`USER ${ADDRESS}\r\nPASS ${INITIAL}\r\n`);
    await pop3.readLine();
    assert.match(await pop3.readLine(), /^-ERR .*password/i);
    pop3.close();
    const submission = await LineClient.open(port('submission'));
    await readReply(submission);
    submission.send('EHLO laptop\r\n');
    await readReply(submission);
    submission.send(`AUTH PLAIN ${Buffer.from(`\0${ADDRESS}\0${INITIAL}`).toString('base64')}\r\n`);
    // RFC 4954 §6: the password has to be changed.
    assert.equal((await readReply(submission)).code, 432);
    submission.close();

    // On the web it leads to one thing: a password of one's own. No activation stands in between.
    const visitor = new Visitor(`http://127.0.0.1:${port('http')}`);
    const signIn = (more: object = {}) =>
      visitor.post('/auth/sign-in', { login: '20050012', password: 'Kust1231002x', ...more });
    const asked = await signIn();
    assert.deepEqual([asked.status, asked.body.error as string], [401, 'passwordChangeRequired']);
    assert.equal((await visitor.get('/auth/session')).status, 401);
    for (const newPassword of [INITIAL, '20050012', 'zengguodong1'])
      assert.equal((await signIn({ newPassword })).body.error, 'weakPassword', newPassword);
    assert.equal((await signIn({ newPassword: PASSWORD })).status, 200);
    assert.equal((await visitor.get('/auth/session')).body['login'], ADDRESS);
    // S-07: what the page says that they agree to is written down, once.
    assert.match(
      await mustRun(folder.path, ['account', 'show', ADDRESS], SETTINGS),
      /^agreed +to \S+ on .* from 127\./m,
    );
    const record = await mustRun(folder.path, ['audit', 'list', '--json'], SETTINGS);
    assert.equal(record.match(/"identity\.terms"/g)?.length, 1);
    // They are advised to bind a telephone: none is bound, and it could be.
    assert.equal((await visitor.get('/auth/phone')).body['phone'], null);
    assert.equal((await visitor.get('/site')).body['sendsSms'], true);

    const imap = await ImapTestClient.open(port('imap'), ADDRESS, PASSWORD);
    assert.match(JSON.stringify(await imap.command('STATUS INBOX (MESSAGES)')), /MESSAGES 1/);
    imap.close();
    const again = new Visitor(visitor.base);
    const refused = await again.post('/auth/sign-in', {
      login: '20050012',
      password: INITIAL,
      newPassword: `${PASSWORD}x`,
    });
    assert.equal(refused.body.error, 'invalidCredentials');
  } finally {
    await server.kill();
  }
});

test('S-15: where the school forces a telephone, it is bound before any mail is seen', async () => {
  await using folder = await temporaryFolder();
  const realm = { name: 'staff', domain: DOMAIN, phone: 'force' };
  const settings = { ...SETTINGS, CAMPUSMAIL_REALM: JSON.stringify([realm]) };
  await mustRun(folder.path, ['domain', 'add', DOMAIN], settings);
  await mustRun(folder.path, ['account', 'create', ADDRESS, '--password', PASSWORD], settings);
  const server = await startServerProcess(folder.path, settings);
  try {
    const port = (name: string): number => server.ports[name] as number;
    await assert.rejects(ImapTestClient.open(port('imap'), ADDRESS, PASSWORD), /NO \[ALERT\] .*bind a telephone/);

    const visitor = new Visitor(`http://127.0.0.1:${port('http')}`);
    const entered = await visitor.post('/auth/sign-in', { login: ADDRESS, password: PASSWORD });
    assert.deepEqual([entered.status, entered.body['owesPhone']], [200, true]);
    assert.equal((await visitor.get('/auth/session')).body['owesPhone'], true);
    const client = { name: 'phone', scopes: ['imap'] };
    const statuses = async (): Promise<readonly number[]> => [
      (await visitor.get('/jmap/session')).status,
      (await visitor.get('/auth/alias')).status,
      (await visitor.get('/auth/security')).status,
      (await visitor.post('/auth/security/client-passwords', client)).status,
    ];
    assert.deepEqual(await statuses(), [403, 403, 403, 403]);

    const phone = '13800001234';
    assert.equal((await visitor.post('/auth/phone/code', { phone })).status, 200);
    const { messages } = (await visitor.get('/demo/outbox.json')).body as { messages: readonly { text: string }[] };
    assert.equal(
      (await visitor.post('/auth/phone', { phone, code: /\d{6}/.exec(messages[0]?.text ?? '')?.[0] ?? '' })).status,
      200,
    );
    assert.equal((await visitor.get('/auth/session')).body['owesPhone'], undefined);
    assert.deepEqual(await statuses(), [200, 200, 200, 200]);
    (await ImapTestClient.open(port('imap'), ADDRESS, PASSWORD)).close();
  } finally {
    await server.kill();
  }
});
