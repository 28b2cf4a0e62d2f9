/** A client that sends exactly what a test says, and a server on loopback to send it to. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { isLoopback } from '#base/network-address.ts';
import { systemRandom } from '#base/random.ts';
import { createPop3Server } from '#pop3/server.ts';
import type { Pop3Server, Pop3ServerOptions } from '#pop3/server.ts';
import type { AuthResult, SaslAuthority } from '#sasl/mechanism.ts';
import { deriveScramVerifier } from '#sasl/scram-verifier.ts';

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
    return { verifier, finish: async (proofFits) => judge(login, proofFits) };
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
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const client = new TestClient(socket);
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

export class TestClient {
  socket: Socket;
  #octets: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#attach(socket);
  }

  send(octets: string | Buffer): void {
    this.socket.write(octets);
  }

  /** The next line without its CRLF, an octet a character; undefined once the server has closed. */
  async rawLine(): Promise<string | undefined> {
    for (;;) {
      if (this.#chunks.length > 0) this.#octets = Buffer.concat([this.#octets, ...this.#chunks.splice(0)]);
      const end = this.#octets.indexOf('\r\n');
      if (end !== -1) {
        const line = this.#octets.toString('latin1', 0, end);
        this.#octets = this.#octets.subarray(end + 2);
        return line;
      }
      if (this.#isClosed) {
        const rest = this.#octets.toString('latin1');
        this.#octets = Buffer.alloc(0);
        return rest === '' ? undefined : `(cut off) ${rest}`;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** As `rawLine`, read as UTF-8. */
  async line(): Promise<string | undefined> {
    const line = await this.rawLine();
    return line === undefined ? undefined : Buffer.from(line, 'latin1').toString();
  }

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

  /** Reads on until what came ends with `end`; how many octets it was. */
  async skipTo(end: string): Promise<number> {
    let count = this.#octets.length;
    let tail = this.#octets;
    this.#octets = Buffer.alloc(0);
    for (;;) {
      for (const chunk of this.#chunks.splice(0)) {
        count += chunk.length;
        tail = Buffer.concat([tail, chunk]).subarray(-end.length);
      }
      if (tail.subarray(-end.length).equals(Buffer.from(end))) return count;
      if (this.#isClosed) throw new Error(`closed after ${count} octets`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends a line and takes one. */
  async ask(line: string): Promise<string | undefined> {
    this.send(`${line}\r\n`);
    return this.line();
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
      this.#chunks.push(chunk);
      changed();
    });
    socket.on('error', closed);
    socket.on('end', closed);
    socket.on('close', closed);
  }
}
