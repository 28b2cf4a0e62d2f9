/**
 * Thin SMTP and IMAP clients for load: they send what they are given and read as little as they can, because the
 * client's CPU is the server's on the same machine.
 */
import { connect, type Socket } from 'node:net';
import { PASSWORD } from './names.ts';

const HOST = '127.0.0.1';

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: HOST, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Whether somebody listens there. */
export async function canConnect(port: number): Promise<boolean> {
  try {
    (await dial(port)).destroy();
    return true;
  } catch {
    return false;
  }
}

/** One SMTP session; replies come back in the order of what was sent. */
export class SmtpLoad {
  readonly #socket: Socket;
  readonly #replies: string[] = [];
  readonly #waiting: PromiseWithResolvers<string>[] = [];
  #text = '';
  #ended: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the server closed the SMTP connection')));
  }

  /** A session after EHLO. */
  static async open(port: number): Promise<SmtpLoad> {
    const session = new SmtpLoad(await dial(port));
    await session.expect('220');
    await session.say('EHLO load.test', '250');
    return session;
  }

  #read(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\r\n'); end >= 0; end = this.#text.indexOf('\r\n')) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      if (line[3] === '-') continue;
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#replies.push(line);
      else waiter.resolve(line);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#ended);
  }

  /** The last line of the next reply. Throws unless it begins with `code`. */
  async expect(code: string): Promise<string> {
    const line = this.#replies.shift() ?? (await this.#nextReply());
    if (!line.startsWith(code)) throw new Error(`SMTP wanted ${code}, got: ${line}`);
    return line;
  }

  #nextReply(): Promise<string> {
    if (this.#ended !== undefined) throw this.#ended;
    const waiter = Promise.withResolvers<string>();
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  say(command: string, code: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return this.expect(code);
  }

  async signIn(user: string): Promise<void> {
    await this.say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${PASSWORD}`).toString('base64')}`, '235');
  }

  /** One transaction; `octets` are dot-stuffed already and end with CRLF. Resolves at the 250. */
  async send(from: string, addresses: readonly string[], octets: Buffer): Promise<void> {
    await this.say(`MAIL FROM:<${from}>`, '250');
    // Pipelined (RFC 2920): a thousand round trips would measure the client.
    this.#socket.write(addresses.map((address) => `RCPT TO:<${address}>\r\n`).join(''));
    for (let i = 0; i < addresses.length; i++) await this.expect('250');
    await this.say('DATA', '354');
    this.#socket.write(octets);
    this.#socket.write('.\r\n');
    await this.expect('250');
  }

  close(): void {
    this.#socket.end('QUIT\r\n');
    this.#socket.removeAllListeners('error').on('error', () => undefined);
  }
}

/** One IMAP session, signed in. Answers are not parsed. */
export class ImapLoad {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #waiter: (() => void) | undefined;
  #ended: Error | undefined;
  #nextTag = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#waiter?.();
    });
    const end = (error: Error): void => {
      this.#ended ??= error;
      this.#waiter?.();
    };
    socket.on('error', end);
    socket.on('close', () => end(new Error('the server closed the IMAP connection')));
  }

  static async open(port: number, user: string, password = PASSWORD): Promise<ImapLoad> {
    const session = new ImapLoad(await dial(port));
    await session.readUntil('\r\n');
    await session.command(`LOGIN ${user} ${password}`);
    return session;
  }

  send(octets: string | Buffer): void {
    this.#socket.write(octets);
  }

  /** Sends a command; resolves to its whole answer. Throws unless it is OK. */
  async command(text: string | readonly Buffer[]): Promise<Buffer> {
    const tag = `T${this.#nextTag++}`;
    this.#socket.cork();
    this.#socket.write(`${tag} `);
    for (const piece of typeof text === 'string' ? [text] : text) this.#socket.write(piece);
    this.#socket.write('\r\n');
    this.#socket.uncork();
    const answer = await this.#readAnswer(tag);
    const last = answer.toString('latin1', answer.lastIndexOf('\r\n', answer.length - 3) + 1).trim();
    if (!last.startsWith(`${tag} OK`)) throw new Error(`IMAP ${String(text).slice(0, 60)}: ${last}`);
    return answer;
  }

  async #readAnswer(tag: string): Promise<Buffer> {
    // Only the end is looked at: an answer may be megabytes.
    let tail = '\r\n';
    let read = 0;
    for (;;) {
      for (; read < this.#chunks.length; read++) {
        const chunk = this.#chunks[read] as Buffer;
        tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - 1_000))).slice(-1_000);
      }
      if (tail.endsWith('\r\n') && tail.lastIndexOf(`\r\n${tag} `) >= 0) return this.#takeAll();
      await this.#more();
    }
  }

  /** Reads until `text` is there, and drops what was read. */
  async readUntil(text: string): Promise<void> {
    for (;;) {
      const all = Buffer.concat(this.#chunks);
      this.#chunks = [all];
      if (all.includes(text)) {
        this.#chunks = [];
        return;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    await new Promise<void>((resolve) => {
      this.#waiter = resolve;
    });
    this.#waiter = undefined;
  }

  #takeAll(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return all;
  }

  /** SELECT; resolves to the number of messages. */
  async select(mailbox = 'INBOX'): Promise<number> {
    const answer = await this.command(`SELECT "${mailbox}"`);
    return Number(/^\* (\d+) EXISTS/m.exec(answer.toString('latin1'))?.[1] ?? 0);
  }

  /** Messages in the mailbox, by STATUS. */
  async count(mailbox = 'INBOX'): Promise<number> {
    const answer = await this.command(`STATUS "${mailbox}" (MESSAGES)`);
    return Number(/MESSAGES (\d+)/.exec(answer.toString('latin1'))?.[1] ?? 0);
  }

  close(): void {
    this.#socket.removeAllListeners('error').on('error', () => undefined);
    this.#socket.end('Z LOGOUT\r\n');
    this.#socket.unref();
  }
}
