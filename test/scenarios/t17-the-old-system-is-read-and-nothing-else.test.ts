/**
 * domain.md T17: the old mail system stays for a time at a host of its own. Reading, searching and taking along work; sending, deleting,
 * moving and another password are refused, clearly and by the server; mail programs are told where their mail is now.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import type { System } from '#app/system.ts';
import { openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { LineClient, openSmtp, readReply } from '#test/harness/line-client.ts';
import { askHost, connectToHost, SCHOOL_SETTINGS } from '#test/harness/school.ts';
import { WireClient } from '#test/harness/wire-client.ts';

const OLD = 'oldmail.kust.example';
const LETTER = [
  'From: a@b.example',
  'To: zhang.san@kmust.example',
  'Subject: old letter',
  'Message-ID: <1@b.example>',
  '',
  'Kingfisher',
  '',
].join('\r\n');

const withArchive = (archive: string): Record<string, string> => ({
  ...SCHOOL_SETTINGS,
  CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
  CAMPUSMAIL_REALM: JSON.stringify([
    ...(JSON.parse(SCHOOL_SETTINGS['CAMPUSMAIL_REALM'] ?? '[]') as object[]),
    { name: 'oldmail', title: '老邮件系统', domain: OLD, web: OLD, archive, retires: '2020-09-16' },
  ]),
});

/** What was brought over from the old system; its owner has the same name and password in the new one. */
async function addArchive({ directory, mail }: System): Promise<void> {
  await directory.addDomain(OLD);
  const accountId = await directory.createAccount(`zhang.san@${OLD}`, PASSWORD);
  await mail.account(accountId).provision({ quotaBytes: null });
  await mail.deliver(mail.prepareMessage(Buffer.from(LETTER)), [accountId], Date.parse('2019-03-01T08:00:00Z'));
}

type Said = Readonly<Record<string, unknown>>;

test('T17: the old system can be read, searched and taken along; whatever would change it is refused', async () => {
  await using campus = await openCampus({ settings: withArchive('open'), prepare: addArchive });
  const { ports } = campus.server;
  const web = `https://127.0.0.1:${ports['https']}`;
  const staffUrl = `https://mail.kust.example:${ports['https']}/`;
  const site = JSON.parse((await askHost(web, OLD, '/site')).text);
  const successor = { url: staffUrl, title: '教师邮件系统', englishTitle: '教师邮件系统' };
  assert.deepEqual(site.archive, { until: '2020-09-16', ...successor, hasEnded: false });
  assert.deepEqual(site.servers, []);
  assert.equal(JSON.parse((await askHost(web, 'mail.kust.example', '/site')).text).archive, null);

  // By the name alone, and by that of the domain that the old system had.
  const signIn = (host: string, login: string) =>
    askHost(web, host, '/auth/sign-in', { body: { login, password: PASSWORD } });
  assert.equal((await signIn(OLD, 'Zhang.San@kmust.example')).status, 200);
  const { status, cookie = '' } = await signIn(OLD, 'zhang.san');
  assert.equal(status, 200);
  const ask = (path: string, body?: unknown) => askHost(web, OLD, path, { headers: { cookie }, body });

  const session = JSON.parse((await ask('/jmap/session')).text);
  const [accountId = ''] = Object.keys(session.accounts);
  assert.equal(session.accounts[accountId].isReadOnly, true);
  const jmap = async (...calls: readonly (readonly [string, object])[]): Promise<readonly Said[]> => {
    const methodCalls = calls.map(([name, args], at) => [name, { accountId, ...args }, String(at)]);
    const { text } = await ask('/jmap/api', { using: Object.keys(session.capabilities), methodCalls });
    return (JSON.parse(text).methodResponses as [string, Said][]).map(([, said]) => said);
  };
  const [found, mailboxes] = await jmap(['Email/query', { filter: { text: 'kingfisher' } }], ['Mailbox/get', {}]);
  const [id = ''] = (found?.['ids'] ?? []) as readonly string[];
  assert.notEqual(id, '', 'the letter is found by a word of it');
  const look = async (): Promise<{ readonly blobId: string }> => {
    const [got] = await jmap(['Email/get', { ids: [id], properties: ['blobId', 'keywords', 'mailboxIds'] }]);
    return ((got?.['list'] ?? []) as readonly { blobId: string }[])[0] ?? { blobId: '' };
  };
  const before = await look();
  const { blobId } = before;
  assert.equal((await ask(`/jmap/download/${accountId}/${blobId}/old.eml?type=message/rfc822`)).text, LETTER);
  const zip = await askHost(web, OLD, '/take-out', { headers: { cookie } });
  assert.equal(zip.status, 200);
  assert.match(Buffer.from(unzipSync(zip.octets)['mail/INBOX.mbox'] ?? []).toString(), /Kingfisher/);

  const folders = (mailboxes?.['list'] ?? []) as readonly { readonly id: string; readonly role: string }[];
  const trash = folders.find(({ role }) => role === 'trash')?.id ?? '';
  const refused = await jmap(
    ['Email/set', { update: { [id]: { 'keywords/$seen': true } } }],
    ['Email/set', { update: { [id]: { mailboxIds: { [trash]: true } } } }],
    ['Email/set', { destroy: [id] }],
    ['Email/import', { emails: { a: { blobId, mailboxIds: { [trash]: true } } } }],
    ['Mailbox/set', { create: { a: { name: '新' } } }],
    ['Identity/set', { update: {} }],
    ['EmailSubmission/set', { create: { a: { emailId: id, identityId: 'x' } } }],
    ['VacationResponse/set', { update: { singleton: { isEnabled: true } } }],
    ['ContactCard/set', { create: { a: { name: { full: '李' } } } }],
  );
  assert.deepEqual(
    refused.map(({ type }) => type),
    refused.map(() => 'accountReadOnly'),
  );
  assert.deepEqual(await look(), before);

  for (const [path, body] of [
    ['/auth/password', { password: PASSWORD, newPassword: 'Quiet-Heron-Harbour7' }],
    ['/auth/security/client-passwords', { name: 'x', scopes: ['imap'] }],
    ['/auth/security/totp/begin', {}],
    [`/jmap/upload/${accountId}`, {}],
  ] as const) {
    const answer = await ask(path, body);
    assert.deepEqual([path, answer.status, JSON.parse(answer.text).error], [path, 403, 'archived']);
  }

  // At the new system's host the same name and password open the new mailbox; a session of the one is none at the other.
  assert.equal((await signIn('mail.kust.example', ZHANG)).status, 200);
  assert.equal((await askHost(web, 'mail.kust.example', '/auth/session', { headers: { cookie } })).status, 401);
  assert.equal(JSON.parse((await signIn('mail.kust.example', `zhang.san@${OLD}`)).text).error, 'wrongDoor');

  const imap = new WireClient(await connectToHost('127.0.0.1', ports['imaps'] as number, OLD));
  await imap.line();
  imap.send(`a LOGIN zhang.san@${OLD} {${Buffer.byteLength(PASSWORD)}+}\r\n${PASSWORD}\r\n`);
  let line = await imap.line();
  while (line !== undefined && !line.startsWith('a ')) line = await imap.line();
  assert.match(line ?? '', /^a NO \[ALERT\] The old mail system can only be read on the web.*: imap\.kust\.example$/);
  imap.destroy();
  const pop3 = new WireClient(await connectToHost('127.0.0.1', ports['pop3s'] as number, OLD));
  await pop3.line();
  pop3.send(`USER zhang.san@${OLD}\r\nPASS ${PASSWORD}\r\n`);
  await pop3.line();
  assert.match((await pop3.line()) ?? '', /^-ERR .*only be read on the web/);
  pop3.destroy();
  const submission = await LineClient.open(ports['submission'] as number);
  await readReply(submission);
  submission.send('EHLO x.example\r\n');
  await readReply(submission);
  submission.send(`AUTH PLAIN ${Buffer.from(`\0zhang.san@${OLD}\0${PASSWORD}`).toString('base64')}\r\n`);
  const { code, text } = await readReply(submission);
  assert.equal(code, 535);
  assert.match(text, /only be read on the web/);
  submission.close();

  const smtp = await openSmtp(ports['smtp'] as number);
  smtp.send('MAIL FROM:<friend@elsewhere.example>\r\n');
  await readReply(smtp);
  smtp.send(`RCPT TO:<zhang.san@${OLD}>\r\n`);
  const moved = await readReply(smtp);
  assert.equal(moved.code, 550);
  assert.match(moved.text, /5\.1\.6 .*zhang\.san@kust\.example/s);
  smtp.close();

  // Closed by its administrator: whoever comes is told where to go on, and open sessions are none.
  await campus.server.stop();
  const closed = await campus.start(withArchive('retired'));
  const closedWeb = `https://127.0.0.1:${closed.ports['https']}`;
  assert.equal((await askHost(closedWeb, OLD, '/auth/session', { headers: { cookie } })).status, 401);
  const late = await askHost(closedWeb, OLD, '/auth/sign-in', { body: { login: 'zhang.san', password: PASSWORD } });
  const { error, url } = JSON.parse(late.text);
  assert.deepEqual([error, url], ['archiveEnded', `https://mail.kust.example:${closed.ports['https']}/`]);
  assert.equal(JSON.parse((await askHost(closedWeb, OLD, '/site')).text).archive.hasEnded, true);
});
