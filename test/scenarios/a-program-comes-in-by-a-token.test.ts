/** OAuth from end to end: a program asks, its owner says yes on the web, and its token opens IMAP, POP3, submission and JMAP, until it is revoked. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, Program } from '#oauth/testing/program.ts';
import { openCampus, PASSWORD, ZHANG, type Campus } from '#test/harness/campus.ts';
import { LineClient, readReply, type ImapTestClient } from '#test/harness/line-client.ts';
import { fetchCertificate, runProgram, skipWithout, type ProgramResult } from '#test/harness/programs.ts';
import { mustRun } from '#test/harness/server-process.ts';

const BACK = 'http://127.0.0.1:49152/back';
const SETTINGS = {
  CAMPUSMAIL_SERVER_THREADS: '2',
  CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
  CAMPUSMAIL_OAUTH_CLIENT: JSON.stringify([
    { id: 'mail-program', name: '云岭邮件', redirects: ['http://127.0.0.1/back'] },
  ]),
};

/** The owner in a browser. */
class Owner {
  readonly #base: string;
  #headers: Record<string, string> = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };

  constructor(base: string) {
    this.#base = base;
  }

  async signIn(): Promise<void> {
    const body = JSON.stringify({ login: ZHANG, password: PASSWORD });
    const { status, headers } = await ask(`${this.#base}/auth/sign-in`, {
      method: 'POST',
      headers: this.#headers,
      body,
    });
    assert.equal(status, 200);
    const cookie = headers.getSetCookie().map((set) => set.split(';')[0] ?? '');
    this.#headers = { ...this.#headers, cookie: cookie.join('; ') };
  }

  async ask(path: string, init: RequestInit = {}): Promise<Readonly<Record<string, unknown>>> {
    const { status, said } = await ask(this.#base + path, { ...init, headers: this.#headers });
    assert.ok(status < 300, `${path}: ${status} ${JSON.stringify(said)}`);
    return said;
  }
}

interface LetIn {
  readonly program: Program;
  readonly owner: Owner;
  readonly access: string;
  readonly refresh: string;
}

/** All the way: metadata, the page's question, the owner's yes, the code, the tokens. */
async function letIn(campus: Campus, scope: string): Promise<LetIn> {
  const base = `http://127.0.0.1:${campus.server.ports['http']}`;
  const { said: metadata } = await ask(`${base}/.well-known/oauth-authorization-server`);
  const program = new Program(base, 'mail-program', BACK);
  const page = new URL(`${String(metadata['authorization_endpoint'])}?${program.query(scope)}`);
  const owner = new Owner(base);
  await owner.signIn();
  const asked = await owner.ask(`/auth/oauth/request${page.search}`);
  assert.deepEqual([asked['client'], asked['login']], ['云岭邮件', ZHANG]);
  const body = JSON.stringify({ query: page.search.slice(1), isAllowed: true });
  const { url } = await owner.ask('/auth/oauth/answer', { method: 'POST', body });
  const back = new URL(String(url)).searchParams;
  assert.equal(back.get('iss'), metadata['issuer']);
  const { said } = await program.redeem(back.get('code') ?? '');
  return { program, owner, access: String(said['access_token']), refresh: String(said['refresh_token']) };
}

/** RFC 7628 §3.1. */
function oauthBearer(token: string, user = ZHANG): string {
  return Buffer.from(`n,a=${user},\x01auth=Bearer ${token}\x01\x01`).toString('base64');
}

test('a token opens IMAP, POP3, submission and JMAP', { timeout: 60_000 }, async () => {
  await using campus = await openCampus({ settings: SETTINGS });
  await campus.deliver(ZHANG, 'Subject: 授权\r\n\r\nhello\r\n');
  const { access } = await letIn(campus, 'imap pop smtp jmap');
  const { ports } = campus.server;

  const imap = await campus.connectImap();
  const [capability] = await imap.command('CAPABILITY');
  assert.match(capability ?? '', / AUTH=OAUTHBEARER AUTH=XOAUTH2 /);
  await imap.command(`AUTHENTICATE OAUTHBEARER ${oauthBearer(access)}`);
  assert.ok((await imap.command('SELECT INBOX')).includes('* 1 EXISTS'));
  const older = await campus.connectImap();
  const xoauth2 = Buffer.from(`user=${ZHANG}\x01auth=Bearer ${access}\x01\x01`).toString('base64');
  await older.command(`AUTHENTICATE XOAUTH2 ${xoauth2}`);

  const pop = await LineClient.open(ports['pop3'] as number);
  await pop.readLine();
  // RFC 5034 §4: what is longer than a line of POP3 comes after the empty challenge.
  pop.send('AUTH OAUTHBEARER\r\n');
  assert.equal(await pop.readLine(), '+ ');
  pop.send(`${oauthBearer(access)}\r\n`);
  assert.match(await pop.readLine(), /^\+OK/);
  pop.close();

  const smtp = await LineClient.open(ports['submission'] as number);
  const reply = async (text: string): Promise<number> => {
    smtp.send(text);
    return (await readReply(smtp)).code;
  };
  await readReply(smtp);
  for (const line of ['EHLO laptop', `AUTH XOAUTH2 ${xoauth2}`, `MAIL FROM:<${ZHANG}>`, `RCPT TO:<${ZHANG}>`, 'DATA'])
    assert.ok((await reply(`${line}\r\n`)) < 400, line);
  assert.equal(await reply(`From: ${ZHANG}\r\nSubject: by a token\r\n\r\n你好\r\n.\r\n`), 250);
  smtp.close();
  await imap.command('NOOP');
  assert.match((await imap.command('STATUS INBOX (MESSAGES)')).join(), /MESSAGES 2\)/);

  const base = `http://127.0.0.1:${ports['http']}`;
  const headers = { authorization: `Bearer ${access}`, 'content-type': 'application/json' };
  const { said: session } = await ask(`${base}/jmap/session`, { headers });
  assert.equal(session['username'], ZHANG);
  const [accountId] = Object.keys(session['accounts'] as object);
  const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];
  const body = JSON.stringify({ using, methodCalls: [['Email/query', { accountId }, 'a']] });
  const { said } = await ask(String(session['apiUrl']), { method: 'POST', headers, body });
  const [[name, answer] = []] = said['methodResponses'] as [string, { ids: string[] }][];
  assert.equal(name, 'Email/query');
  assert.equal(answer?.ids.length, 2, 'the one that came, and the one that was sent to oneself');
});

test('RFC 7628: who is refused is told what is wrong, and where to get another', { timeout: 60_000 }, async () => {
  await using campus = await openCampus({ settings: SETTINGS });
  const { access } = await letIn(campus, 'smtp');
  const refusedAt = async (line: string): Promise<unknown> => {
    const imap = await campus.connectImap();
    imap.send(`a AUTHENTICATE OAUTHBEARER ${line}\r\n`);
    const challenge = await imap.readResponse();
    imap.send('AQ==\r\n');
    assert.match(await imap.readResponse(), /^a NO \[AUTHENTICATIONFAILED\]/);
    return JSON.parse(Buffer.from(challenge.slice(2), 'base64').toString());
  };
  const where = {
    scope: 'imap',
    'openid-configuration': 'https://mail.kust.example/.well-known/oauth-authorization-server',
  };
  assert.deepEqual(await refusedAt(oauthBearer('stale')), { status: 'invalid_token', ...where });
  assert.deepEqual(await refusedAt(oauthBearer(access)), { status: 'insufficient_scope', ...where });
});

test('what was begun by a token ends with it at once, and nothing else', { timeout: 60_000 }, async () => {
  await using campus = await openCampus({ settings: SETTINGS });
  const revoked = await letIn(campus, 'imap smtp offline_access');
  const kept = await letIn(campus, 'imap smtp offline_access');
  const idle = async ({ access }: LetIn): Promise<ImapTestClient> => {
    const imap = await campus.connectImap();
    await imap.command(`AUTHENTICATE OAUTHBEARER ${oauthBearer(access)}`);
    await imap.command('SELECT INBOX');
    imap.send('i IDLE\r\n');
    assert.match(await imap.readResponse(), /^\+ /);
    return imap;
  };
  // By chance in the one thread or the other.
  const his = await Promise.all(Array.from({ length: 4 }, () => idle(revoked)));
  const others = await Promise.all(Array.from({ length: 2 }, () => idle(kept)));
  const smtp = await LineClient.open(campus.server.ports['submission'] as number);
  await readReply(smtp);
  smtp.send('EHLO laptop\r\n');
  assert.match((await readReply(smtp)).text, /OAUTHBEARER XOAUTH2/);
  smtp.send(`AUTH OAUTHBEARER ${oauthBearer(revoked.access)}\r\n`);
  assert.equal((await readReply(smtp)).code, 235);
  const byPassword = await campus.openImap(ZHANG);

  const { grants } = await revoked.owner.ask('/auth/oauth/grants');
  const [, first] = grants as { readonly id: string }[];
  await revoked.owner.ask(`/auth/oauth/grants/${first?.id}`, { method: 'DELETE' });
  for (const imap of his) assert.match(await imap.readResponse(), /^\* BYE /);
  assert.equal((await readReply(smtp)).code, 421);
  for (const imap of others) {
    imap.send('DONE\r\n');
    assert.match(await imap.readResponse(), /^i OK/);
  }
  await byPassword.command('NOOP');
  for (let turn = 0; turn < 6; turn++) {
    const imap = await campus.connectImap();
    imap.send(`a AUTHENTICATE OAUTHBEARER ${oauthBearer(revoked.access)}\r\n`);
    assert.match(await imap.readResponse(), /^\+ /, 'in every thread');
  }
  assert.equal((await revoked.program.refresh(revoked.refresh)).said['error'], 'invalid_grant');

  // A new password ends the others.
  const [other] = others;
  await mustRun(campus.dataDir, ['account', 'password', ZHANG, '--password', 'Neu-密码-8'], SETTINGS);
  assert.match((await other?.readResponse()) ?? '', /^\* BYE /);
  assert.equal((await kept.program.refresh(kept.refresh)).said['error'], 'invalid_grant');
});

test('without a client registered no token is offered anywhere', { timeout: 60_000 }, async () => {
  await using campus = await openCampus();
  const imap = await campus.connectImap();
  assert.doesNotMatch((await imap.command('CAPABILITY')).join(), /OAUTH/);
  const base = `http://127.0.0.1:${campus.server.ports['http']}`;
  assert.equal((await ask(`${base}/.well-known/oauth-authorization-server`)).status, 404);
  assert.equal((await ask(`${base}/jmap/session`, { headers: { authorization: 'Bearer x' } })).status, 401);
});

test('curl reads and sends by OAUTHBEARER', { timeout: 60_000, skip: skipWithout('curl') }, async () => {
  await using campus = await openCampus({ settings: SETTINGS });
  await campus.deliver(ZHANG, 'Subject: one\r\n\r\nhello by curl\r\n');
  const { access } = await letIn(campus, 'imap pop smtp');
  const { ports } = campus.server;
  const curl = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await runProgram('curl', [
      '-sS',
      '-u',
      `${ZHANG}:`,
      '--oauth2-bearer',
      access,
      ...words,
    ]);
    assert.equal(code, 0, err);
    return out;
  };
  assert.match(await curl(`imap://127.0.0.1:${ports['imap']}/INBOX;MAILINDEX=1`), /hello by curl/);
  assert.match(await curl(`pop3://127.0.0.1:${ports['pop3']}/1`), /hello by curl/);
});

test('msmtp sends by OAUTHBEARER and XOAUTH2', { timeout: 60_000, skip: skipWithout('msmtp') }, async () => {
  await using campus = await openCampus({ settings: SETTINGS });
  const { access } = await letIn(campus, 'smtp');
  const config = join(campus.folder, 'msmtprc');
  const send = async (auth: string, token: string): Promise<ProgramResult> => {
    const lines = [
      `account default\nhost 127.0.0.1\nport ${campus.server.ports['submission']}`,
      `tls on\ntls_starttls on\ntls_certcheck off\nauth ${auth}\nuser ${ZHANG}\nfrom ${ZHANG}\npassword ${token}\n`,
    ];
    await writeFile(config, lines.join('\n'), { mode: 0o600 });
    return runProgram('msmtp', ['-C', config, ZHANG], { input: `From: ${ZHANG}\nSubject: ${auth}\n\nhello\n` });
  };
  for (const auth of ['oauthbearer', 'xoauth2']) {
    const { code, err } = await send(auth, access);
    assert.equal(code, 0, err);
    // Refused by words and code, not by silence.
    const stale = await send(auth, 'stale');
    assert.equal(stale.code, 77, stale.err);
  }
  const imap = await campus.openImap(ZHANG);
  assert.match((await imap.command('STATUS INBOX (MESSAGES)')).join(), /MESSAGES 2\)/);
});

const skipMutt = skipWithout('mutt', 'script');

test('mutt asks its helper for a token and reads by it', { timeout: 60_000, skip: skipMutt }, async () => {
  await using campus = await openCampus({ settings: SETTINGS });
  await campus.deliver(ZHANG, 'Subject: one\r\n\r\nhello\r\n');
  const { access } = await letIn(campus, 'imap');
  const certificate = join(campus.folder, 'campus.pem');
  await writeFile(certificate, await fetchCertificate(campus.server.ports['imaps'] as number));
  const config = join(campus.folder, 'muttrc');
  const settings = [
    'set ssl_force_tls=yes ssl_verify_host=no ssl_verify_dates=no',
    `set certificate_file=${certificate} imap_user="${ZHANG}"`,
    `set imap_authenticators="oauthbearer" imap_oauth_refresh_command="echo ${access}"`,
    `set folder=imaps://127.0.0.1:${campus.server.ports['imaps']}/ spoolfile=+INBOX`,
    'set move=no quit=yes wait_key=no header_cache= message_cachedir= charset=utf-8',
    `push '<quit>'`,
  ];
  await writeFile(config, `${settings.join('\n')}\n`);
  // It wants a terminal.
  const { out } = await runProgram('script', ['-qefc', `mutt -n -F ${config}`, '/dev/null'], {
    cwd: campus.folder,
    env: { TERM: 'vt100' },
  });
  assert.match(out, /Authenticating \(OAUTHBEARER\)[^]*1 kept/);
});
