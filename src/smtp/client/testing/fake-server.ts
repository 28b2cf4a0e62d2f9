/** An SMTP server on loopback that says exactly what a test has it say, right or wrong. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';

import { systemClock } from '#base/clock.ts';
import { systemRandom } from '#base/random.ts';
import { readContent } from '#smtp/client/content.ts';
import { openSmtpConnection } from '#smtp/client/connection.ts';
import type { OpenResult, SmtpConnection, SmtpConnectionOptions } from '#smtp/client/connection.ts';
import type { OutgoingMessage } from '#smtp/client/message.ts';
import { TestClient } from '#smtp/testing/test-client.ts';

export interface Manners {
  readonly greeting?: string;
  /** Of EHLO; none: EHLO is not known. */
  readonly keywords?: readonly string[];
  /** What is said to lines that begin so, instead of what is usual; `content` to the message. `''`: nothing. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly tls?: SecureContext;
  /** Sent together with the 220 to STARTTLS, before TLS. */
  readonly injected?: string;
}

/** The server's end of a connection. */
export class FakePeer {
  #wire: TestClient;
  /** Every command line; a message as `content …`. */
  readonly heard: string[];

  constructor(socket: Socket, heard: string[]) {
    this.#wire = new TestClient(socket);
    this.heard = heard;
  }

  get socket(): Socket {
    return this.#wire.socket;
  }

  say(octets: string | Buffer): void {
    this.#wire.send(octets);
  }

  async hear(): Promise<string | undefined> {
    const line = await this.#wire.line();
    if (line !== undefined) this.heard.push(line);
    return line;
  }

  async hearContent(isOver: (line: string, lengthBytes: number) => boolean): Promise<void> {
    let text = '';
    for (;;) {
      const line = await this.#wire.line();
      if (line === undefined) return;
      text += `${line}\r\n`;
      if (isOver(line, Buffer.byteLength(text))) break;
    }
    this.heard.push(`content ${JSON.stringify(text)}`);
  }

  async startTls(context: SecureContext): Promise<void> {
    const plain = this.socket;
    for (const event of ['data', 'end', 'close']) plain.removeAllListeners(event);
    const secure = new TLSSocket(plain, { isServer: true, secureContext: context });
    secure.on('error', () => secure.destroy());
    await once(secure, 'secure').catch(() => undefined);
    this.#wire = new TestClient(secure);
  }

  /** Serves as an honest server does, save for what `manners` say. */
  async serve(manners: Manners = {}): Promise<void> {
    const { greeting = '220 mx.example.net ESMTP', keywords = ['PIPELINING'], answers = {}, tls } = manners;
    if (greeting !== '') this.say(`${greeting}\r\n`);
    for (;;) {
      const line = await this.hear();
      if (line === undefined) return;
      const verb = line.split(' ', 1)[0] ?? '';
      const own = Object.keys(answers).find((start) => line.startsWith(start));
      const usual = this.#usualAnswer(verb, keywords);
      const answer = own === undefined ? usual : (answers[own] ?? '');
      if (verb === 'BDAT') {
        const size = Number(line.split(' ')[1]);
        await this.hearContent((_, lengthBytes) => lengthBytes >= size);
      }
      if (answer !== '') this.say(`${answer}\r\n${verb === 'STARTTLS' ? (manners.injected ?? '') : ''}`);
      if (verb === 'STARTTLS' && tls !== undefined) await this.startTls(tls);
      if (verb === 'QUIT') return void this.socket.end();
      if (verb !== 'DATA' || !answer.startsWith('354')) continue;
      await this.hearContent((text) => text === '.');
      const reply = answers['content'] ?? '250 2.0.0 queued as 1';
      if (reply !== '') this.say(`${reply}\r\n`);
    }
  }

  #usualAnswer(verb: string, keywords: readonly string[]): string {
    if (verb === 'EHLO') {
      if (keywords.length === 0) return '502 5.5.1 What?';
      const lines = ['mx.example.net at your service', ...keywords];
      return lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
    }
    const usual: Readonly<Record<string, string>> = {
      HELO: '250 mx.example.net',
      DATA: '354 go on',
      STARTTLS: '220 2.0.0 Ready',
      QUIT: '221 2.0.0 Bye',
    };
    return usual[verb] ?? '250 2.0.0 Ok';
  }
}

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** Of all connections, in order. */
  readonly heard: string[];
  readonly sockets: Socket[];
  open(options?: Partial<SmtpConnectionOptions>): Promise<OpenResult>;
  /** As `open`; throws unless it succeeds. */
  mustOpen(options?: Partial<SmtpConnectionOptions>): Promise<SmtpConnection>;
}

/**
 * `script` is run for each connection; `Manners` stand for an honest server with those. A server that is to be another
 * on the same port has an address of its own in 127.0.0.0/8.
 */
export async function startFakeServer(
  script: ((peer: FakePeer) => Promise<void> | void) | Manners,
  at: { readonly address: string; readonly port: number } = { address: '127.0.0.1', port: 0 },
): Promise<FakeServer> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    const peer = new FakePeer(socket, heard);
    void Promise.resolve(typeof script === 'function' ? script(peer) : peer.serve(script));
  });
  server.listen(at.port, at.address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open = (options: Partial<SmtpConnectionOptions> = {}): Promise<OpenResult> => openTo(port, options);
  return {
    port,
    heard,
    sockets,
    open,
    async mustOpen(options) {
      const result = await open(options);
      if (result.kind !== 'open') throw new Error(JSON.stringify(result));
      return result.connection;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export function openTo(port: number, options: Partial<SmtpConnectionOptions> = {}): Promise<OpenResult> {
  return openSmtpConnection({
    address: '127.0.0.1',
    port,
    hostname: 'mail.example.edu',
    tls: { kind: 'never' },
    clock: systemClock,
    random: systemRandom,
    ...options,
  });
}

/** A message to `recipients`; `text` is its octets. */
export function makeMessage(
  recipients: readonly string[],
  text: string | Buffer = 'Subject: x\r\n\r\nbody\r\n',
  more: Partial<Omit<OutgoingMessage, 'content'>> = {},
): OutgoingMessage {
  return {
    reversePath: { address: 'a@example.edu', smtpUtf8: false, requireTls: false, dsn: {} },
    forwardPaths: recipients.map((address) => ({ address, dsn: {} })),
    content: readContent(Buffer.from(text as string)),
    ...more,
  };
}
