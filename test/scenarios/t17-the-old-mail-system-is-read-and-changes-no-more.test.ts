/** domain.md T17: at the old mail system reading, searching and taking along work; whatever changes something is refused, and programs are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCampus, PASSWORD, ZHANG, type Campus } from '#test/harness/campus.ts';
import { openSmtp, readReply, smtpCommand } from '#test/harness/line-client.ts';
import {
  addOldMail,
  askHost,
  connectToHost,
  OLD,
  OLD_DOMAIN,
  OLD_HOST,
  OLD_PASSWORD,
  oldMailSettings,
  SCHOOL_SETTINGS,
  STAFF_DOMAIN,
} from '#test/harness/school.ts';
import { runCommand } from '#test/harness/server-process.ts';
import { WireClient } from '#test/harness/wire-client.ts';

/** Has no mailbox in the new system. */
const GONE = `chen@${OLD_DOMAIN}`;
const SUBJECT = '关于启用新版电子邮件系统的通知';
const USING = ['core', 'mail', 'submission', 'vacationresponse', 'blob'].map((name) => `urn:ietf:params:jmap:${name}`);

/** While it was still at work, and had taken a message; stopped. */
async function openOldCampus(): Promise<Campus> {
  const campus = await openCampus({
    settings: SCHOOL_SETTINGS,
    async prepare(system) {
      await addOldMail(system);
      const { directory, mail } = system;
      await mail.account(await directory.createAccount(GONE, OLD_PASSWORD)).provision({ quotaBytes: null });
    },
  });
  const message = `From: xxh@${STAFF_DOMAIN}\r\nTo: ${OLD}\r\nSubject: ${SUBJECT}\r\n\r\n昆明理工大学\r\n`;
  await campus.deliver([OLD, GONE], message);
  await campus.server.stop();
  return campus;
}

test('T17: the old mail system is read, searched and taken along; what changes it is refused, and programs are closed', async () => {
  await using campus = await openOldCampus();
  const { ports } = await campus.start(oldMailSettings('2999-09-16'));
  const web = `https://127.0.0.1:${ports['https']}`;
  const signIn = (login: string, password = OLD_PASSWORD, host = OLD_HOST, more = {}) =>
    askHost(web, host, '/auth/sign-in', { body: { login, password, ...more } });

  // The page of that host says what it is before anybody has signed in.
  const site = JSON.parse((await askHost(web, OLD_HOST, '/site')).text);
  const newUrl = `https://mail.${STAFF_DOMAIN}:${ports['https']}/`;
  assert.deepEqual(site.archive, {
    until: '2999-09-16',
    url: newUrl,
    title: '教师邮件系统',
    englishTitle: '教师邮件系统',
  });
  assert.deepEqual([site.title, site.servers, site.sendsSms, site.sso], ['老邮件系统', [], false, null]);

  // By the old name, and by the address of those days, which is another's mailbox now.
  for (const login of ['zhang.san', ZHANG, OLD, 'ＺＨＡＮＧ．ＳＡＮ'])
    assert.equal((await signIn(login)).status, 200, login);
  assert.equal(JSON.parse((await signIn('zhang.san', 'x')).text).error, 'invalidCredentials');
  const atNew = JSON.parse((await signIn(OLD, OLD_PASSWORD, `mail.${STAFF_DOMAIN}`)).text);
  assert.deepEqual([atNew.error, atNew.url], ['wrongDoor', `https://${OLD_HOST}:${ports['https']}/`]);
  assert.equal((await signIn(ZHANG, PASSWORD, `mail.${STAFF_DOMAIN}`)).status, 200);

  const { cookie = '' } = await signIn('zhang.san');
  const ask = (path: string, body?: unknown) =>
    askHost(web, OLD_HOST, path, { headers: { cookie }, ...(body === undefined ? {} : { body }) });
  const session = JSON.parse((await ask('/jmap/session')).text);
  const [[accountId, account]] = Object.entries(session.accounts) as [[string, Record<string, unknown>]];
  assert.equal(account['isReadOnly'], true);
  assert.equal(USING[2] !== undefined && USING[2] in (account['accountCapabilities'] as object), false);
  const call = async (name: string, args: object): Promise<Record<string, unknown>> => {
    const body = { using: USING, methodCalls: [[name, { accountId, ...args }, '0']] };
    const answer = JSON.parse((await ask('/jmap/api', body)).text);
    return answer.methodResponses[0][1] as Record<string, unknown>;
  };

  // Reading, searching, one message, all of it.
  const [emailId] = (await call('Email/query', { filter: { text: '邮件系统' } }))['ids'] as string[];
  const [email] = (await call('Email/get', { ids: [emailId] }))['list'] as Record<string, string>[];
  assert.equal(email?.['subject'], SUBJECT);
  const download = await ask(`/jmap/download/${accountId}/${email?.['blobId']}/a.eml?type=message/rfc822`);
  assert.match(download.text, /昆明理工大学/);
  const takeOut = await ask('/take-out');
  assert.equal(takeOut.status, 200);
  assert.match(takeOut.text, /^PK/);

  // Whatever changes something.
  const state = (await call('Mailbox/get', { ids: [] }))['state'];
  const [first] = (await call('Mailbox/get', {}))['list'] as { id: string }[];
  for (const [name, args] of [
    ['Email/set', { destroy: [emailId] }],
    ['Email/set', { update: { [emailId ?? '']: { 'keywords/$seen': true } } }],
    ['Email/set', { update: { [emailId ?? '']: { mailboxIds: { [first?.id ?? '']: true } } } }],
    ['Email/set', { create: { a: { mailboxIds: { [first?.id ?? '']: true }, subject: 'x' } } }],
    ['Email/import', { emails: { a: { blobId: email?.['blobId'], mailboxIds: { [first?.id ?? '']: true } } } }],
    ['Mailbox/set', { create: { a: { name: 'x' } } }],
    ['EmailSubmission/set', { create: { a: { emailId, identityId: '1' } } }],
    ['Identity/set', { create: { a: { name: 'x', email: OLD } } }],
    ['VacationResponse/set', { update: { singleton: { isEnabled: true } } }],
    ['Blob/upload', { create: { a: { data: [{ 'data:asText': 'x' }] } } }],
  ] as const)
    assert.equal((await call(name, args))['type'], 'accountReadOnly', name);
  assert.equal((await ask(`/jmap/upload/${accountId}`, { a: 1 })).status, 403);
  for (const [path, body] of [
    ['/auth/password', { password: OLD_PASSWORD, newPassword: 'Another-密码-1' }],
    ['/auth/security/client-passwords', { name: 'phone', scopes: ['imap'] }],
    ['/auth/security/totp/begin', {}],
    ['/auth/security/recovery-codes', {}],
    ['/auth/alias', { alias: 'zs' }],
    ['/auth/phone/unbind', { code: '123456' }],
  ] as const) {
    const refused = await ask(path, body);
    assert.deepEqual([refused.status, JSON.parse(refused.text).error], [403, 'archived'], path);
  }
  assert.equal((await call('Mailbox/get', { ids: [] }))['state'], state);
  assert.equal((await signIn('zhang.san')).status, 200, 'the password is what it was');

  // Programs: told only once the password was right.
  const imap = (login: string, password: string) =>
    answerTo(ports['imaps'], `a LOGIN ${login} {${Buffer.byteLength(password)}+}\r\n${password}\r\n`, 'a ');
  assert.match(
    await imap(OLD, OLD_PASSWORD),
    /^a NO \[ALERT\] The old mail system .*: https:\/\/oldmail\.kust\.example\/$/,
  );
  assert.equal(await imap(OLD, 'x'), await imap(`nobody@${OLD_DOMAIN}`, 'x'));
  const pop3 = await answerTo(ports['pop3s'], `USER ${OLD}\r\nPASS ${OLD_PASSWORD}\r\n`, '-ERR');
  assert.match(pop3, /^-ERR \[AUTH\] The old mail system .*oldmail\.kust\.example/);
  const plain = Buffer.from(`\0${OLD}\0${OLD_PASSWORD}`).toString('base64');
  const smtp = await answerTo(ports['submissions'], `EHLO laptop\r\nAUTH PLAIN ${plain}\r\n`, '535');
  assert.match(smtp, /^535 5\.7\.9 The old mail system .*oldmail\.kust\.example/);

  // Mail from outside: the new address where there is one of that name, no more.
  const mx = await openSmtp(ports['smtp'] as number);
  await smtpCommand(mx, 'MAIL FROM:<friend@elsewhere.example>', '250');
  for (const [to, expected] of [
    [OLD, `5.1.6 <${OLD}>: moved, use <${ZHANG}>`],
    [GONE, `5.1.6 <${GONE}>: moved, use the same person at ${STAFF_DOMAIN}`],
  ] as const) {
    mx.send(`RCPT TO:<${to}>\r\n`);
    const { code, text } = await readReply(mx);
    assert.equal(code, 550);
    assert.ok(text.includes(expected), text);
  }
  await smtpCommand(mx, `RCPT TO:<${ZHANG}>`, '250');
  mx.close();
});

test('T17: the last day ends nothing; an administrator retires the archive, and later lets its mail go', async () => {
  const settings = oldMailSettings('2020-09-16');
  await using campus = await openOldCampus();
  const { ports } = await campus.start(settings);
  const web = `https://127.0.0.1:${ports['https']}`;
  const signIn = () =>
    askHost(web, OLD_HOST, '/auth/sign-in', { body: { login: 'zhang.san', password: OLD_PASSWORD } });
  const { status, cookie = '' } = await signIn();
  assert.equal(status, 200);

  assert.equal((await askHost(web, OLD_HOST, '/take-out', { headers: { cookie } })).status, 200);

  const run = (...words: string[]) => runCommand(campus.dataDir, words, settings);
  const standing = JSON.parse((await run('archive', 'status', 'oldmail', '--json')).out);
  assert.deepEqual(standing, {
    realm: 'oldmail',
    lastDay: '2020-09-16',
    hasPassed: true,
    accounts: 2,
    open: 2,
    usedBytes: standing.usedBytes,
    usedMessages: 2,
    signedInLately: [OLD],
    notExported: [GONE],
  });
  assert.match(
    (await run('archive', 'delete', 'oldmail', '--confirm', 'oldmail')).err,
    /2 accounts of oldmail are open; retire it first/,
  );
  assert.match((await run('archive', 'retire', 'oldmail')).err, /nothing was closed; add --confirm oldmail/);
  assert.equal((await signIn()).status, 200);
  assert.match((await run('archive', 'retire', 'oldmail', '--confirm', 'oldmail')).out, /has ended: 2 accounts closed/);

  // Who was signed in is no more; who tries is told where to go on.
  assert.equal((await askHost(web, OLD_HOST, '/auth/session', { headers: { cookie } })).status, 401);
  const ended = JSON.parse((await signIn()).text);
  assert.deepEqual([ended.error, ended.url], ['archiveEnded', `https://mail.${STAFF_DOMAIN}:${ports['https']}/`]);
  assert.match((await run('archive', 'status', 'oldmail')).out, /accounts +2, 0 open/);

  assert.match((await run('archive', 'delete', 'oldmail')).err, /would delete 2 accounts .* add --confirm oldmail/);
  assert.match(
    (await run('archive', 'delete', 'oldmail', '--confirm', 'oldmail')).out,
    /Deleted 2 accounts of oldmail/,
  );
  assert.equal(JSON.parse((await signIn()).text).error, 'invalidCredentials');
  assert.equal(
    (await askHost(web, `mail.${STAFF_DOMAIN}`, '/auth/sign-in', { body: { login: ZHANG, password: PASSWORD } }))
      .status,
    200,
  );
  const { out } = await run('audit', 'list', '--action', 'administration.command');
  for (const command of ['archive retire', 'archive delete']) assert.match(out, new RegExp(command));
});

/** The first line that begins so, when all of `text` was said at once to a server after its greeting. */
async function answerTo(port: number | undefined, text: string, beginning: string): Promise<string> {
  const client = new WireClient(await connectToHost('127.0.0.1', port ?? 0, OLD_HOST));
  await client.line();
  client.send(text);
  let line = await client.line();
  while (line !== undefined && !line.startsWith(beginning)) line = await client.line();
  client.destroy();
  return line ?? '';
}
