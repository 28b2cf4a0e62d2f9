/** A client that sends exactly what a test says, and a server on loopback to send it to. */

import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { isLoopback } from '#base/network-address.ts';
import { systemRandom } from '#base/random.ts';
import { createPop3Server } from '#pop3/server.ts';
import type { Pop3Server, Pop3ServerOptions } from '#pop3/server.ts';
import type { AuthResult, SaslAuthority } from '#sasl/mechanism.ts';
import { deriveScramVerifier } from '#sasl/scram-verifier.ts';
import { connectSocket, WireClient } from '#test/harness/wire-client.ts';

import { FakeMail, MESSAGES } from './fake-mail.ts';

export const LOGIN = '李@example.edu';
export const PASSWORD = '密 码 !';

/** Knows one person; other logins are refused for the reason they name, `crash` is an outage. */
export const fakeAuthority: SaslAuthority = {
  async verifyPassword(login, password) {
    return judge(login, password === PASSWORD);
  },
  async beginScram(login) {
    const verifier = await deriveScramVerifier(PASSWORD, Buffer.from('0123456789abcdef'), 4096);
    return { verifiers: [verifier], finish: async (fitting) => judge(login, fitting === 0) };
  },
};

function judge(login: string, isRight: boolean): AuthResult {
  switch (login) {
    case 'crash':
      throw new Error('injected');
    case 'disabled':
    case 'forbidden':
    case 'limited':
    case 'unavailable':
      return { ok: false, reason: login };
    default:
      return login === LOGIN && isRight
        ? { ok: true, accountId: 1 as AccountId, loginAddress: LOGIN }
        : { ok: false, reason: 'invalidCredentials' };
  }
}

export interface TestServer extends AsyncDisposable {
  readonly server: Pop3Server;
  readonly mail: FakeMail;
  connect(): Promise<TestClient>;
  /** A client that has signed in. */
  signIn(): Promise<TestClient>;
}

export async function startServer(
  options: Partial<Pop3ServerOptions> = {},
  mail: FakeMail = new FakeMail(MESSAGES),
): Promise<TestServer> {
  const server = createPop3Server({
    hostname: 'mail.example.edu',
    authenticate: () => fakeAuthority,
    openAccount: () => mail.account,
    log: silentLog,
    clock: systemClock,
    random: systemRandom,
    allowPlaintext: isLoopback,
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const clients: TestClient[] = [];
  const connectClient = async (): Promise<TestClient> => {
    const client = new TestClient(await connectSocket(port));
    clients.push(client);
    return client;
  };
  return {
    server,
    mail,
    connect: connectClient,
    async signIn() {
      const client = await connectClient();
      await client.line();
      await client.ask(`USER ${LOGIN}`);
      await client.ask(`PASS ${PASSWORD}`);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await server.close({ drainMs: 0 });
    },
  };
}

export class TestClient extends WireClient {
  /** The lines of a multi-line response, its dot left out. */
  async lines(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.rawLine();
      if (line === undefined) throw new Error(`closed within a response after ${lines.length} lines`);
      if (line === '.') return lines;
      lines.push(line);
    }
  }

  /** Sends a line and takes one. */
  async ask(line: string): Promise<string | undefined> {
    this.send(`${line}\r\n`);
    return this.line();
  }
}
