/** A small campus for tests: one domain and some accounts, made in this process, then served by a real server process. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readConfig } from '#app/config.ts';
import { openSystem, type System } from '#app/system.ts';
import { silentLog } from '#base/log.ts';
import type { AccountId } from '#base/ids.ts';
import { ImapTestClient, LineClient, openSmtp, readReply, sendMessage, smtpCommand } from './line-client.ts';
import { startServerProcess, temporaryFolder, testEnvironment, type ServerProcess } from './server-process.ts';

export const DOMAIN = 'kust.example';
export const PASSWORD = 'Campus-密码-7';
export const ZHANG = `zhang.san@${DOMAIN}`;
export const LI = `li.si@${DOMAIN}`;
export const WANG = `wang.wu@${DOMAIN}`;

export interface Campus {
  /** A folder for whatever the test needs; the server's data are in it, too. */
  readonly folder: string;
  readonly dataDir: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly server: ServerProcess;
  readonly accountIds: Readonly<Record<string, AccountId>>;
  /** Starts a server again, after it was ended; another set of settings may be given. */
  start(settings?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** Delivers by SMTP; throws unless it is taken. */
  deliver(to: string | readonly string[], message: string | Buffer): Promise<void>;
  /** A signed-in IMAP session. */
  openImap(login: string, port?: number): Promise<ImapTestClient>;
  /** An IMAP session before sign-in. */
  connectImap(): Promise<ImapTestClient>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CampusOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly password?: string;
  /** Makes what else there is to be, before the server starts. */
  readonly prepare?: (system: System) => Promise<void>;
}

/** Makes the accounts of ZHANG, LI and WANG and starts a server. */
export async function openCampus({ settings = {}, password = PASSWORD, prepare }: CampusOptions = {}): Promise<Campus> {
  const folder = await temporaryFolder();
  const dataDir = join(folder.path, 'data');
  const accountIds: Record<string, AccountId> = {};
  const system = await openSystem(readConfig('', '', testSettings(dataDir, settings)), silentLog);
  try {
    await system.directory.addDomain(DOMAIN);
    for (const address of [ZHANG, LI, WANG]) {
      const accountId = await system.directory.createAccount(address, password, {});
      await system.mail.account(accountId).provision({ quotaBytes: null });
      accountIds[address] = accountId;
    }
    await prepare?.(system);
  } finally {
    await system.close();
  }
  const sessions = new Set<ImapTestClient>();
  let server = await startServerProcess(dataDir, settings);
  return {
    folder: folder.path,
    dataDir,
    settings,
    get server() {
      return server;
    },
    accountIds,
    async start(others = settings) {
      server = await startServerProcess(dataDir, others);
      return server;
    },
    async deliver(to, message) {
      const client = await openSmtp(server.ports['smtp'] as number);
      try {
        const recipients = typeof to === 'string' ? [to] : to;
        const { code, text } = await sendMessage(client, 'friend@elsewhere.example', recipients, message);
        if (code !== 250) throw new Error(`not taken: ${code} ${text}`);
        await smtpCommand(client, 'QUIT', '221');
      } finally {
        client.close();
      }
    },
    async openImap(login, port = server.ports['imap'] ?? 0) {
      const session = await ImapTestClient.open(port, login, password.replace(/[\\"]/g, String.raw`\$&`));
      sessions.add(session);
      return session;
    },
    async connectImap() {
      const session = await ImapTestClient.connect(server.ports['imap'] as number);
      sessions.add(session);
      return session;
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.close();
      await server.kill();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Signs in as ZHANG at the submission port and sends; answers the code of the reply to the message. `parameters`: of MAIL. */
export async function submit(port: number, to: readonly string[], subject: string, parameters = ''): Promise<number> {
  const client = await LineClient.open(port);
  const ask = async (text: string): Promise<number> => {
    client.send(`${text}\r\n`);
    return (await readReply(client)).code;
  };
  try {
    await readReply(client);
    await ask('EHLO laptop');
    const identity = Buffer.from(`\0${ZHANG}\0${PASSWORD}`).toString('base64');
    assert.equal(await ask(`AUTH PLAIN ${identity}`), 235);
    assert.equal(await ask(`MAIL FROM:<${ZHANG}>${parameters}`), 250);
    for (const address of to) assert.equal(await ask(`RCPT TO:<${address}>`), 250, address);
    await ask('DATA');
    return await ask(`From: ${ZHANG}\r\nBcc: secret@elsewhere.example\r\nSubject: ${subject}\r\n\r\nhello\r\n.`);
  } finally {
    client.send('QUIT\r\n');
  }
}

/** Of the test server's environment, what is campusmail's. */
function testSettings(dataDir: string, settings: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const entries = Object.entries(testEnvironment(dataDir, settings));
  return Object.fromEntries(entries.filter(([name]) => name.startsWith('CAMPUSMAIL_')));
}

/** Polls `find` until it answers something; fails after `patienceMs`. */
export async function eventually<T>(
  what: string,
  find: () => Promise<T | undefined | false> | T | undefined | false,
  patienceMs = 30_000,
): Promise<T> {
  const endsAt = performance.now() + patienceMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endsAt) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}
