/** An IMAP server on loopback that says exactly what a test has it say, right or wrong. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { systemClock } from '#base/clock.ts';
import { systemRandom } from '#base/random.ts';
import { openImapConnection, type ImapConnection, type ImapConnectionOptions } from '#imap/client/connection.ts';
import { WireClient } from '#test/harness/wire-client.ts';

/** To commands that begin so (without their tags), in place of what an honest server says; `$` is the tag. */
export type Answers = Readonly<Record<string, string | Buffer>>;

export interface Manners {
  readonly greeting?: string;
  readonly capabilities?: string;
  readonly answers?: Answers;
  /** What is said in pieces of so many octets. */
  readonly chunkBytes?: number;
  /** For STARTTLS. */
  readonly tls?: SecureContext;
}

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** Every line, without its tag. */
  readonly heard: string[];
  readonly sockets: Socket[];
  open(options?: Partial<ImapConnectionOptions>): Promise<ImapConnection>;
}

export async function startFakeServer(manners: Manners = {}): Promise<FakeServer> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    void serve(socket, manners, heard);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    heard,
    sockets,
    open: (options = {}) =>
      openImapConnection({
        address: '127.0.0.1',
        port,
        serverName: 'old.example.edu',
        tls: 'none',
        credential: { login: 'anna', password: 'geheim 密码' },
        clock: systemClock,
        random: systemRandom,
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(socket: Socket, manners: Manners, heard: string[]): Promise<void> {
  const { greeting = '* OK hello\r\n', capabilities = 'IMAP4rev1', answers = {}, chunkBytes = Infinity } = manners;
  let wire = new WireClient(socket);
  const say = (text: string | Buffer): void => {
    const octets = Buffer.from(text as string);
    for (let at = 0; at < octets.length; at += chunkBytes) wire.send(octets.subarray(at, at + chunkBytes));
  };
  say(greeting);
  for (;;) {
    let line = await wire.line();
    // Literals, each of one line.
    while (line?.endsWith('}') === true) {
      say('+ go on\r\n');
      line = `${line} ${await wire.line()}`;
    }
    if (line === undefined) return;
    const [, tag = '', command = line] = /^(m\d+|bye) (.*)$/.exec(line) ?? [];
    heard.push(command);
    const own = Object.keys(answers).find((start) => command.startsWith(start));
    const answer = own === undefined ? usual(command, capabilities) : (answers[own] as string | Buffer);
    say(typeof answer === 'string' ? answer.replaceAll('$', tag) : answer);
    if (command === 'STARTTLS' && manners.tls !== undefined) {
      for (const event of ['data', 'end', 'close']) wire.socket.removeAllListeners(event);
      const secure = new TLSSocket(wire.socket, { isServer: true, secureContext: manners.tls });
      secure.on('error', () => secure.destroy());
      wire = new WireClient(secure);
    }
  }
}

function usual(command: string, capabilities: string): string {
  if (command === 'CAPABILITY') return `* CAPABILITY ${capabilities}\r\n$ OK done\r\n`;
  return '$ OK done\r\n';
}
