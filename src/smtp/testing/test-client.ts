/** A client that sends exactly what a test says, and a server on loopback to send it to. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { createSmtpServer } from '#smtp/server.ts';
import type { SmtpServer, SmtpServerOptions } from '#smtp/server.ts';

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
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      await once(socket, 'connect');
      const client = new TestClient(socket);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await server.close({ drainMs: 0 });
    },
  };
}

export class TestClient {
  socket: Socket;
  #text = '';
  #bytes: Buffer[] = [];
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#attach(socket);
  }

  send(octets: string | Buffer): void {
    this.socket.write(octets);
  }

  /** The next line without its CRLF; undefined once the server has closed. */
  async line(): Promise<string | undefined> {
    for (;;) {
      this.#text += Buffer.concat(this.#bytes.splice(0)).toString('utf8');
      const end = this.#text.indexOf('\r\n');
      if (end !== -1) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return line;
      }
      if (this.#isClosed) return this.#text === '' ? undefined : `(cut off) ${this.#text}`;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

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

  async startTls(): Promise<void> {
    this.socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
    const secure = connectTls({ socket: this.socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    this.socket = secure;
    this.#attach(secure);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #attach(socket: Socket): void {
    const changed = (): void => {
      const wake = this.#wake;
      this.#wake = undefined;
      wake?.();
    };
    const closed = (): void => {
      this.#isClosed = true;
      changed();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#bytes.push(chunk);
      changed();
    });
    socket.on('error', closed);
    socket.on('end', closed);
    socket.on('close', closed);
  }
}
