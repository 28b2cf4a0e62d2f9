/**
 * One peer's connection as a session uses it: octets to read when asked for, octets to write with back-pressure,
 * plaintext changed for TLS, and an orderly end. It knows no protocol.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import type { Clock } from '#base/clock.ts';

import { channelBinding } from './channel-binding.ts';
import { limitLinger } from './hurry.ts';
import { READ_AHEAD_BYTES } from './limits.ts';
import { describeServer, startTls, startTlsAsClient } from './start-tls.ts';
import type { ServerContexts, TlsClientOptions, TlsFailure, TlsHandshake, TlsServer } from './start-tls.ts';

export class PeerStream {
  readonly #clock: Clock;
  readonly #plain: Socket;
  #socket: Socket;
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #tls: string | undefined;
  #serverName: string | undefined;
  #bindChannel: ((name: string) => Buffer | undefined) | undefined;
  #hasEnded = false;
  #isClosed = false;
  #isInterrupted = false;
  #errorCode: string | undefined;
  /** The one who waits in `read`, `write` or `end`; a session does one thing at a time. */
  #wake: (() => void) | undefined;

  /** Best given a paused socket, so that nothing sent early is lost. */
  constructor(socket: Socket, clock: Clock) {
    this.#clock = clock;
    this.#plain = socket;
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#attach();
    if (socket.destroyed) this.#closeSeen();
    else socket.resume();
  }

  /** Whether the peer is gone, or we have hung up. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What broke the connection, as the system or OpenSSL names it (`ECONNRESET`); undefined after an orderly end. */
  get errorCode(): string | undefined {
    return this.#errorCode;
  }

  /** Whether octets wait to be read. */
  get hasWaiting(): boolean {
    return this.#chunks.length > 0;
  }

  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`; undefined in plaintext. */
  get tls(): string | undefined {
    return this.#tls;
  }

  /** The server that the client named when TLS began; undefined when it named none. */
  get serverName(): string | undefined {
    return this.#serverName;
  }

  /** See `channelBinding`; undefined in plaintext. */
  get bindChannel(): ((name: string) => Buffer | undefined) | undefined {
    return this.#bindChannel;
  }

  /** The next octets; undefined once there are none to come, or after `interrupt`. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length;
        if (this.#waitingBytes < READ_AHEAD_BYTES && this.#socket.isPaused()) this.#socket.resume();
        return chunk;
      }
      if (this.#hasEnded || this.#isClosed || this.#isInterrupted) return undefined;
      await this.#changed();
    }
  }

  /**
   * Writes the pieces as one, text as UTF-8, and waits while the peer does not take them, but not longer than
   * `timeoutMs`: then hangs up.
   */
  async write(pieces: readonly (string | Buffer)[], timeoutMs: number): Promise<void> {
    if (this.#isClosed) return;
    const socket = this.#socket;
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces) socket.write(piece);
    if (pieces.length > 1) socket.uncork();
    if (!socket.writableNeedDrain) return;
    const cancel = this.#clock.after(timeoutMs, () => {
      this.#errorCode ??= 'ETIMEDOUT';
      this.destroy();
    });
    while (!this.#isClosed && socket.writableNeedDrain) await this.#changed();
    cancel();
  }

  /** Makes `read` give up, now and from now on. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#changeSeen();
  }

  /**
   * Changes to TLS as the server; false if the handshake failed or took longer than `timeoutMs` (the connection is
   * then gone). Whatever came in plaintext and was not yet read is thrown away.
   */
  async startTls(contexts: ServerContexts, timeoutMs: number): Promise<boolean> {
    const secured = await this.#secure((plain) => startTls(plain, contexts, timeoutMs, this.#clock));
    return secured instanceof TLSSocket;
  }

  /** Changes to TLS as the client, otherwise the same. Any certificate will do: whether to go on is the caller's. */
  async startTlsAsClient(options: TlsClientOptions, timeoutMs: number): Promise<TlsServer | TlsFailure> {
    const secured = await this.#secure((plain) => startTlsAsClient(plain, options, timeoutMs, this.#clock));
    return secured instanceof TLSSocket ? describeServer(secured) : secured;
  }

  /**
   * Ends the connection after what was written. What the peer still sends is read and thrown away until it closes too
   * or `lingerMs` is over: closing with unread octets would make the kernel reset, and the peer may lose our last reply.
   */
  async end(lingerMs: number): Promise<void> {
    this.#chunks = [];
    this.#isInterrupted = true;
    if (this.#isClosed) return;
    this.#socket.end();
    this.#socket.resume();
    const cancel = limitLinger(this.#plain, this.#clock, lingerMs, () => this.destroy());
    while (!this.#isClosed) await this.#changed();
    cancel();
  }

  /** Hangs up at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#closeSeen();
  }

  async #secure(begin: (plain: Socket) => TlsHandshake): Promise<TLSSocket | TlsFailure> {
    this.#detach();
    this.#chunks = [];
    this.#waitingBytes = 0;
    const { socket, failure } = begin(this.#socket);
    this.#socket = socket;
    this.#attach();
    const failed = await failure;
    if (failed !== undefined || socket.destroyed) {
      this.destroy();
      return failed ?? { kind: 'failed', why: 'closed', message: 'closed after the TLS handshake' };
    }
    this.#bindChannel = (name) => channelBinding(socket, name);
    this.#serverName = socket.servername || undefined;
    this.#tls = `${socket.getProtocol() ?? 'TLS'} ${socket.getCipher().standardName}`;
    return socket;
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #changeSeen(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #attach(): void {
    this.#socket.on('data', this.#dataSeen);
    this.#socket.on('end', this.#endSeen);
    this.#socket.on('drain', this.#drainSeen);
    this.#socket.on('error', this.#errorSeen);
    this.#socket.on('close', this.#closeSeen);
  }

  #detach(): void {
    this.#socket.off('data', this.#dataSeen);
    this.#socket.off('end', this.#endSeen);
    this.#socket.off('drain', this.#drainSeen);
    this.#socket.off('error', this.#errorSeen);
    this.#socket.off('close', this.#closeSeen);
  }

  readonly #dataSeen = (chunk: Buffer): void => {
    if (this.#isInterrupted) return;
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= READ_AHEAD_BYTES) this.#socket.pause();
    this.#changeSeen();
  };

  readonly #endSeen = (): void => {
    this.#hasEnded = true;
    this.#changeSeen();
  };

  readonly #drainSeen = (): void => this.#changeSeen();

  readonly #errorSeen = (error: NodeJS.ErrnoException): void => {
    this.#errorCode ??= error.code ?? error.message;
    this.destroy();
  };

  readonly #closeSeen = (): void => {
    this.#isClosed = true;
    this.#changeSeen();
  };
}
