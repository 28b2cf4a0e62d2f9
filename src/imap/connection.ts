/**
 * One client's connection as a session uses it: commands to read when asked for, responses written with back-pressure
 * and in bursts, plaintext changed for TLS, and an orderly end. Knows no command.
 */
import type { Clock } from '#base/clock.ts';
import { channelBinding } from '#net/channel-binding.ts';
import { limitLinger } from '#net/hurry.ts';
import type { ConnectionPeer, Socket } from '#net/listener.ts';
import { startTls, type ServerContexts } from '#net/start-tls.ts';
import { READ_AHEAD_BYTES, WRITE_BURST_BYTES } from './limits.ts';
import { CommandAssembler, type AssemblerEvent, type AssemblerLimits } from './wire/command-assembler.ts';
import { ResponseWriter } from './wire/response-writer.ts';

export class Connection {
  /** Where responses are written; `send` lets them go. */
  readonly out = new ResponseWriter();
  readonly remoteAddress: string;
  readonly localPort: number;
  readonly #clock: Clock;
  readonly #assembler: CommandAssembler;
  readonly #plain: Socket;
  #socket: Socket;
  #isSecure = false;
  #serverName: string | undefined;
  #bindChannel: ((name: string) => Buffer | undefined) | undefined;
  #hasEnded = false;
  #isClosed = false;
  #lastInputAtMs: number;
  /** When the peer last took something of what waits for it; 0 while nothing waits. */
  #stalledSinceMs = 0;
  #bytesTaken = 0;
  #wakeReader: (() => void) | undefined;
  /** Resolves when the peer takes something again; there may be several who wait. */
  #taken: { readonly promise: Promise<void>; resolve(): void } | undefined;

  constructor(socket: Socket, { address, localPort }: ConnectionPeer, clock: Clock, limits: AssemblerLimits) {
    this.#clock = clock;
    this.#plain = socket;
    this.#socket = socket;
    this.#assembler = new CommandAssembler(limits);
    this.remoteAddress = address;
    this.localPort = localPort;
    this.#lastInputAtMs = clock.monotonic();
    // An answer written in two pieces must not wait for the client's delayed acknowledgement.
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 120_000);
    this.#attach();
    if (socket.destroyed) this.#closed();
    else socket.resume();
  }

  get isSecure(): boolean {
    return this.#isSecure;
  }

  /** The server that the client named when TLS began; undefined when it named none. */
  get serverName(): string | undefined {
    return this.#serverName;
  }

  /** See `channelBinding`; undefined in plaintext. */
  get bindChannel(): ((name: string) => Buffer | undefined) | undefined {
    return this.#bindChannel;
  }

  /** Whether the peer is gone, or we have hung up. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How long the peer has said nothing. */
  silenceMs(nowMs: number): number {
    return nowMs - this.#lastInputAtMs;
  }

  /** How long the peer has taken nothing of what waits for it. Looked at from time to time. */
  stallMs(nowMs: number): number {
    const waiting = this.#socket.writableLength;
    const taken = this.#socket.bytesWritten - waiting;
    if (waiting === 0 || taken !== this.#bytesTaken || this.#stalledSinceMs === 0) {
      this.#bytesTaken = taken;
      this.#stalledSinceMs = waiting === 0 ? 0 : nowMs;
    }
    return this.#stalledSinceMs === 0 ? 0 : nowMs - this.#stalledSinceMs;
  }

  /** The next command or what became of it; `undefined` once there is none to come. Sends what was written before it waits. */
  async next(): Promise<AssemblerEvent | undefined> {
    this.#assembler.release();
    for (;;) {
      if (this.#isClosed) return undefined;
      const event = this.#assembler.next();
      if (event !== undefined) {
        // Answers to pipelined commands leave together, but not without bound.
        if (this.out.bytes >= WRITE_BURST_BYTES) await this.send();
        return event;
      }
      if (!(await this.#awaitInput())) return undefined;
    }
  }

  /** The next line by itself (see CommandAssembler.nextLine); `undefined` once there is none to come. */
  async nextLine(maxBytes: number): Promise<Buffer | 'tooLong' | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      const line = this.#assembler.nextLine(maxBytes);
      if (line !== undefined) return line;
      if (!(await this.#awaitInput())) return undefined;
    }
  }

  async #awaitInput(): Promise<boolean> {
    await this.send();
    if (this.#assembler.unreadBytes > 0) return true;
    if (this.#hasEnded || this.#isClosed) return false;
    this.out.settle();
    if (this.#socket.isPaused()) this.#socket.resume();
    await new Promise<void>((resolve) => {
      this.#wakeReader = resolve;
    });
    return this.#assembler.unreadBytes > 0;
  }

  /** Hands what was written to the socket, and waits while the peer does not take it. */
  async send(): Promise<void> {
    if (this.out.bytes === 0) return;
    const chunks = this.out.take();
    const socket = this.#socket;
    if (this.#isClosed) return;
    let canTakeMore = true;
    if (chunks.length === 1) {
      canTakeMore = socket.write(chunks[0] as Buffer);
    } else {
      socket.cork();
      for (const chunk of chunks) canTakeMore = socket.write(chunk);
      socket.uncork();
    }
    while (!canTakeMore && !this.#isClosed && socket.writableNeedDrain) {
      this.#taken ??= Promise.withResolvers<void>();
      await this.#taken.promise;
    }
  }

  /** Makes a reader give up, now and from now on. */
  interrupt(): void {
    this.#hasEnded = true;
    this.#assembler.clear();
    this.#wake();
  }

  /**
   * Changes to TLS as the server; false if the handshake failed or took longer than `timeoutMs` (the connection is
   * then gone). Whatever came in plaintext and was not yet read is thrown away.
   */
  async startTls(contexts: ServerContexts, timeoutMs: number): Promise<boolean> {
    await this.send();
    this.#detach();
    this.#assembler.clear();
    const { socket, failure } = startTls(this.#socket, contexts, timeoutMs, this.#clock);
    this.#socket = socket;
    this.#attach();
    if ((await failure) !== undefined || socket.destroyed || this.#isClosed) {
      this.destroy();
      return false;
    }
    this.#isSecure = true;
    this.#serverName = socket.servername || undefined;
    this.#bindChannel = (name) => channelBinding(socket, name);
    this.#bytesTaken = 0;
    return true;
  }

  /**
   * Ends the connection after what was written. What the peer still sends is read and thrown away until it closes too
   * or `lingerMs` is over: closing with unread octets would make the kernel reset, and the peer may lose our last words.
   */
  async end(lingerMs: number): Promise<void> {
    await this.send();
    this.#assembler.clear();
    this.#hasEnded = true;
    if (this.#isClosed) return;
    this.#socket.end();
    this.#socket.resume();
    const cancel = limitLinger(this.#plain, this.#clock, lingerMs, () => this.destroy());
    while (!this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    cancel();
  }

  /** Hangs up at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#closed();
  }

  #wake(): void {
    const reader = this.#wakeReader;
    this.#wakeReader = undefined;
    reader?.();
    this.#somethingTaken();
  }

  #somethingTaken(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.resolve();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#assembler.clear();
    this.#assembler.release();
    this.#wake();
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
    if (this.#hasEnded) return;
    this.#lastInputAtMs = this.#clock.monotonic();
    this.#assembler.push(chunk);
    if (this.#assembler.unreadBytes >= READ_AHEAD_BYTES) this.#socket.pause();
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  };

  readonly #endSeen = (): void => {
    this.#hasEnded = true;
    this.#wake();
  };

  readonly #drainSeen = (): void => this.#somethingTaken();

  readonly #errorSeen = (): void => this.destroy();

  readonly #closeSeen = (): void => this.#closed();
}
