/** A server on loopback over a fresh store, with people who can sign in, and a client that sends what a test says. */
import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import type { MailAccount } from '#mail/account.ts';
import { Mail } from '#mail/mail.ts';
import type { AuthResult, SaslAuthority } from '#sasl/mechanism.ts';
import { deriveScramVerifier } from '#sasl/scram-verifier.ts';
import { ImapServer, type ImapServerOptions } from '#imap/server.ts';
import { connectSocket, WireClient } from '#test/harness/wire-client.ts';

/** Knows `anna` with the password `geheim 密码` (account 1) and `bob` with `b` (account 2). */
const PEOPLE: ReadonlyMap<string, { readonly password: string; readonly accountId: AccountId }> = new Map([
  ['anna', { password: 'geheim 密码', accountId: 1 as AccountId }],
  ['bob', { password: 'b', accountId: 2 as AccountId }],
]);

export const testAuthority: SaslAuthority = {
  verifyPassword(login, password): Promise<AuthResult> {
    const person = PEOPLE.get(login);
    if (login === 'broken') return Promise.reject(new Error('the directory is down'));
    if (login === 'slow') return Promise.resolve({ ok: false, reason: 'limited', retryAfterMs: 1000 });
    if (person?.password !== password) return Promise.resolve({ ok: false, reason: 'invalidCredentials' });
    return Promise.resolve({ ok: true, accountId: person.accountId, loginAddress: `${login}@example.edu` });
  },
  async beginScram(login) {
    const person = PEOPLE.get(login);
    return {
      verifiers: [await deriveScramVerifier(person?.password ?? 'nobody', Buffer.from('salt'), 4096)],
      finish: (fitting): Promise<AuthResult> =>
        Promise.resolve(
          fitting === 0 && person !== undefined
            ? { ok: true, accountId: person.accountId, loginAddress: `${login}@example.edu` }
            : { ok: false, reason: 'invalidCredentials' },
        ),
    };
  },
};

export interface TestServer extends AsyncDisposable {
  readonly server: ImapServer;
  readonly mail: Mail;
  /** Anna's. */
  readonly account: MailAccount;
  readonly port: number;
  connect(): Promise<TestClient>;
  /** A client that is signed in as anna, after `commands`, each answered OK. */
  open(...commands: string[]): Promise<TestClient>;
  /** The same, as bob. */
  openBob(...commands: string[]): Promise<TestClient>;
}

/** A fresh store; which, the test says. */
export interface TestStore {
  readonly mail: ConstructorParameters<typeof Mail>[0];
  close(): Promise<void>;
}

export async function startServer(store: TestStore, options: Partial<ImapServerOptions> = {}): Promise<TestServer> {
  const mail = new Mail(store.mail);
  for (const { accountId } of PEOPLE.values()) await mail.account(accountId).provision({ quotaBytes: 1_000_000 });
  const server = new ImapServer({
    hostname: 'imap.example.edu',
    authenticate: () => testAuthority,
    openAccount: (accountId) => mail.account(accountId),
    log: silentLog,
    clock: systemClock,
    random: systemRandom,
    allowPlaintext: () => true,
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const clients: TestClient[] = [];
  const connectClient = async (): Promise<TestClient> => {
    const client = new TestClient(await connectSocket(port));
    clients.push(client);
    return client;
  };
  const openClient = async (login: string, commands: readonly string[]): Promise<TestClient> => {
    const client = await connectClient();
    if (options.implicitTls !== true) await client.line();
    else await client.startTls().then(() => client.line());
    for (const command of [login, ...commands]) {
      const lines = await client.ask(command);
      if (!(lines.at(-1) ?? '').startsWith('OK')) throw new Error(`${command}: ${lines.at(-1)}`);
    }
    return client;
  };
  return {
    server,
    mail,
    account: mail.account(1 as AccountId),
    port,
    connect: connectClient,
    open: (...commands) => openClient('LOGIN anna {13+}\r\ngeheim 密码', commands),
    openBob: (...commands) => openClient('LOGIN bob b', commands),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await server.close({ drainMs: 0 });
      await store.mail.checkInvariants();
      await store.close();
    },
  };
}

export class TestClient extends WireClient {
  #tags = 0;

  /** A tag that was not used before. */
  nextTag(): string {
    return `A${++this.#tags}`;
  }

  /** The next response: a line with its literals in it, as latin1. */
  async response(): Promise<string | undefined> {
    let response = '';
    for (;;) {
      const line = await this.line();
      if (line === undefined) return response === '' ? undefined : response;
      response += line;
      const literal = /\{(\d+)\}$/.exec(line);
      if (literal === null) return response;
      response += `\r\n${(await this.octets(Number(literal[1]))).toString('latin1')}`;
    }
  }

  /** Sends a command; its untagged responses, then the tagged one without its tag. */
  async ask(command: string): Promise<string[]> {
    const tag = this.nextTag();
    this.send(`${tag} ${command}\r\n`);
    return this.answer(tag);
  }

  async answer(tag: string): Promise<string[]> {
    const responses: string[] = [];
    for (;;) {
      const response = await this.response();
      if (response === undefined) throw new Error(`closed before ${tag}: ${responses.join(' | ')}`);
      if (response.startsWith(`${tag} `)) return [...responses, response.slice(tag.length + 1)];
      responses.push(response);
    }
  }
}

/** The n-th of a row of small messages, hostile where it costs nothing. */
export function testMessage(n: number): Buffer {
  return Buffer.from(
    [
      `From: =?GB18030?B?1cXI/Q==?= <p${n}@cs.example.edu>`,
      'To: anna@example.edu',
      `Subject: =?UTF-8?B?${Buffer.from(`第${n}次 Résumé`).toString('base64')}?=`,
      `Date: Mon, ${((n - 1) % 28) + 1} Feb 2021 23:30:00 -0800`,
      `Message-ID: <m${n}@example.edu>`,
      'Content-Type: text/plain; charset=utf-8',
      '',
      `Body ${n} 校园公告`,
      '',
    ].join('\r\n'),
  );
}

/** Puts messages `testMessage(1…count)` into a mailbox; unless `isNew`, somebody has been told of them (\Recent). */
export async function fillMailbox(account: MailAccount, count: number, isNew = false): Promise<void> {
  const mailbox = await account.findMailbox('INBOX');
  if (mailbox === undefined) throw new Error('no inbox');
  const items = Array.from({ length: count }, (_, i) => ({
    message: account.prepareMessage(testMessage(i + 1)),
    mailboxes: [mailbox.mailboxId],
    keywords: [],
    receivedAt: Date.UTC(2021, 1, 1, 12) + i * 86_400_000,
  }));
  if (items.length > 0) await account.append({ items, source: 'system' });
  if (!isNew) await account.claimRecent({ mailboxId: mailbox.mailboxId, below: Infinity });
}
