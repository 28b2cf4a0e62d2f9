/** A client that sends exactly what a test says, and a server on loopback to send it to. */

import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { createSmtpServer } from '#smtp/server.ts';
import type { SmtpServer, SmtpServerOptions } from '#smtp/server.ts';
import { connectSocket, WireClient } from '#test/harness/wire-client.ts';

import { FakeAuthority } from './fake-authority.ts';
import { FakeReceiver } from './fake-receiver.ts';

export interface TestServer extends AsyncDisposable {
  readonly server: SmtpServer;
  readonly receiver: FakeReceiver;
  /** Who judges sign-ins, unless the options name another. */
  readonly authority: FakeAuthority;
  connect(): Promise<TestClient>;
}

export async function startServer(options: Partial<SmtpServerOptions> = {}): Promise<TestServer> {
  const receiver = new FakeReceiver();
  const authority = new FakeAuthority();
  const server = createSmtpServer({
    protocol: 'smtp',
    hostname: 'mx.example.edu',
    receiver,
    authenticate: () => authority,
    log: silentLog,
    clock: systemClock,
    random: systemRandom,
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const clients: TestClient[] = [];
  return {
    server,
    receiver,
    authority,
    async connect() {
      const client = new TestClient(await connectSocket(port));
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await server.close({ drainMs: 0 });
    },
  };
}

export class TestClient extends WireClient {
  /** The next reply, its lines joined by `|`. */
  async reply(): Promise<string | undefined> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) return undefined;
      lines.push(line);
      if (line[3] !== '-') return lines.join('|');
    }
  }

  /** Sends a line and takes one reply. */
  async ask(line: string): Promise<string | undefined> {
    this.send(`${line}\r\n`);
    return this.reply();
  }

  /** Greeting and EHLO (or LHLO), and what `lines` say, each answered. */
  async open(hello = 'EHLO client.example.net', ...lines: string[]): Promise<void> {
    await this.reply();
    for (const line of [hello, ...lines]) await this.ask(line);
  }

  /** Whether the server closes without another word. */
  async isClosed(): Promise<boolean> {
    return (await this.line()) === undefined;
  }
}
