/** What the engines' test clients have in common: sends exactly what a test says, reads lines and octets, changes to TLS. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A connection to a port of this machine. */
export async function connectSocket(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

export class WireClient {
  socket: Socket;
  #octets: Buffer = Buffer.alloc(0);
  /** Came since; joined when they are looked at, not one by one. */
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
      const end = this.#gather().indexOf('\r\n');
      if (end !== -1) {
        const line = this.#take(end).toString('latin1');
        this.#take(2);
        return line;
      }
      if (await this.#more()) continue;
      const rest = this.#take(this.#octets.length).toString('latin1');
      return rest === '' ? undefined : `(cut off) ${rest}`;
    }
  }

  /** As `rawLine`, read as UTF-8. */
  async line(): Promise<string | undefined> {
    const line = await this.rawLine();
    return line === undefined ? undefined : Buffer.from(line, 'latin1').toString();
  }

  /** So many octets; fewer if the server closes before. */
  async octets(length: number): Promise<Buffer> {
    while (this.#gather().length < length && (await this.#more()));
    return this.#take(length);
  }

  /** Until the server closes. */
  async rest(): Promise<string> {
    while (await this.#more()) this.#gather();
    return this.#take(this.#octets.length).toString();
  }

  /** Reads on until what came ends with `end`; how many octets it was. */
  async skipTo(end: string): Promise<number> {
    let count = 0;
    let tail: Buffer = Buffer.alloc(0);
    for (;;) {
      const octets = this.#gather();
      count += octets.length;
      tail = Buffer.concat([tail, this.#take(octets.length)]).subarray(-end.length);
      if (tail.equals(Buffer.from(end))) return count;
      if (!(await this.#more())) throw new Error(`closed after ${count} octets`);
    }
  }

  async startTls(): Promise<void> {
    this.socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
    const secure = connectTls({ socket: this.socket, rejectUnauthorized: false });
    this.socket = secure;
    // At once: what the server says first may come with the end of the handshake.
    this.#attach(secure);
    await once(secure, 'secureConnect');
  }

  destroy(): void {
    this.socket.destroy();
  }

  #gather(): Buffer {
    if (this.#chunks.length > 0) this.#octets = Buffer.concat([this.#octets, ...this.#chunks.splice(0)]);
    return this.#octets;
  }

  #take(length: number): Buffer {
    const taken = this.#octets.subarray(0, length);
    this.#octets = this.#octets.subarray(length);
    return taken;
  }

  /** Waits until there is something to gather; false when there will be none. */
  async #more(): Promise<boolean> {
    while (this.#chunks.length === 0) {
      if (this.#isClosed) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return true;
  }

  #attach(socket: Socket): void {
    const changed = (): void => {
      const wake = this.#wake;
      this.#wake = undefined;
      wake?.();
    };
    const closed = (): void => {
      if (socket !== this.socket) return;
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
