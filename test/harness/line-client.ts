/** A plain text protocol client for tests: writes lines, reads lines and literals, knows no protocol. */
import { connect, type Socket } from 'node:net';

export class LineClient {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #waiter: (() => void) | undefined;
  #ended: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      this.#wake();
    });
    const end = (error?: Error): void => {
      this.#ended ??= error ?? new Error('connection closed');
      this.#wake();
    };
    socket.on('error', end);
    socket.on('close', () => end());
  }

  /** `localAddress`: from where, of 127.0.0.0/8. */
  static async open(port: number, host = '127.0.0.1', localAddress?: string): Promise<LineClient> {
    const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new LineClient(socket);
  }

  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.();
  }

  send(text: string | Buffer): void {
    this.#socket.write(text);
  }

  /** The next line without its CRLF. Rejects when the connection ends first. */
  async readLine(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#buffer.toString('utf8', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      await this.#more();
    }
  }

  async readOctets(length: number): Promise<Buffer> {
    while (this.#buffer.length < length) await this.#more();
    const octets = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return octets;
  }

  async #more(): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    await new Promise<void>((resolve) => {
      this.#waiter = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** SMTP or LMTP: one reply, its lines joined. */
export async function readReply(client: LineClient): Promise<{ readonly code: number; readonly text: string }> {
  const lines: string[] = [];
  for (;;) {
    const line = await client.readLine();
    lines.push(line.slice(4));
    if (line[3] !== '-') return { code: Number(line.slice(0, 3)), text: lines.join('\n') };
  }
}

/** Sends a command and reads its reply; throws unless the code begins with `want`. */
export async function smtpCommand(client: LineClient, line: string, want: string): Promise<string> {
  client.send(`${line}\r\n`);
  const { code, text } = await readReply(client);
  if (!String(code).startsWith(want)) throw new Error(`${line}: ${code} ${text}`);
  return text;
}

/** Opens a session up to and including EHLO. */
export async function openSmtp(port: number): Promise<LineClient> {
  const client = await LineClient.open(port);
  await readReply(client);
  await smtpCommand(client, 'EHLO client.example', '250');
  return client;
}

/** Sends one message, CRLF line ends; resolves to the final reply's code. */
export async function sendMessage(
  client: LineClient,
  from: string,
  to: readonly string[],
  message: string | Buffer,
): Promise<{ readonly code: number; readonly text: string }> {
  await smtpCommand(client, `MAIL FROM:<${from}>`, '250');
  for (const address of to) await smtpCommand(client, `RCPT TO:<${address}>`, '250');
  await smtpCommand(client, 'DATA', '354');
  const octets = typeof message === 'string' ? Buffer.from(message) : message;
  const stuffed = octets.toString('latin1').replace(/^\./gm, '..');
  client.send(Buffer.from(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1'));
  return readReply(client);
}

/** IMAP: a signed-in session whose commands resolve to the untagged lines (literals in place, joined by CRLF). */
export class ImapTestClient {
  readonly #client: LineClient;
  #nextTag = 1;

  private constructor(client: LineClient) {
    this.#client = client;
  }

  static async open(port: number, login: string, password: string): Promise<ImapTestClient> {
    const imap = await ImapTestClient.connect(port);
    await imap.command(`LOGIN "${login}" "${password}"`);
    return imap;
  }

  static async connect(port: number): Promise<ImapTestClient> {
    const client = await LineClient.open(port);
    await client.readLine();
    return new ImapTestClient(client);
  }

  /** Untagged responses of one command. Throws with the tagged line unless it is OK. */
  async command(text: string): Promise<string[]> {
    const tag = `t${this.#nextTag++}`;
    this.#client.send(`${tag} ${text}\r\n`);
    const responses: string[] = [];
    for (;;) {
      const line = await this.readResponse();
      if (!line.startsWith(`${tag} `)) {
        responses.push(line);
        continue;
      }
      if (!line.startsWith(`${tag} OK`)) throw new Error(`${text}: ${line}`);
      return responses;
    }
  }

  send(text: string): void {
    this.#client.send(text);
  }

  /** One response line with its literals. */
  async readResponse(): Promise<string> {
    let whole = '';
    for (;;) {
      const line = await this.#client.readLine();
      whole += line;
      const literal = /\{(\d+)\}$/.exec(line);
      if (literal === null) return whole;
      whole += `\r\n${(await this.#client.readOctets(Number(literal[1]))).toString('latin1')}`;
    }
  }

  close(): void {
    this.#client.close();
  }
}
