/**
 * The wire to one server: commands out, replies in, each within its time. The first failure is the last: whatever is
 * asked afterwards fails the same way. What is said in which order it does not know.
 */
import type { Clock } from '#base/clock.ts';
import type { TlsClientOptions, TlsFailure, TlsServer } from '#net/start-tls.ts';
import type { PeerStream } from '#net/stream.ts';

import type { SmtpClientLimits } from './limits.ts';
import { ReplyReader } from './reply-reader.ts';
import type { WireReply } from './reply-reader.ts';
import { makeReply } from './reply.ts';
import type { ConnectionFailure, ConnectionProblem, Reply, Stage } from './reply.ts';

const NOTHING = Buffer.alloc(0);

export class Channel {
  readonly limits: SmtpClientLimits;
  readonly #stream: PeerStream;
  readonly #clock: Clock;
  #reader: ReplyReader;
  /** The octets at hand, and where the unread ones begin. */
  #octets: Buffer = NOTHING;
  #at = 0;
  #isTimedOut = false;
  #deadlineMs = Infinity;
  #failure: ConnectionFailure | undefined;
  /** Of the last reply, all of it. */
  lastLines: readonly string[] = [];

  constructor(stream: PeerStream, clock: Clock, limits: SmtpClientLimits) {
    this.#stream = stream;
    this.#clock = clock;
    this.limits = limits;
    this.#reader = new ReplyReader(limits);
  }

  /** Why nothing more can be said here. */
  get failure(): ConnectionFailure | undefined {
    return this.#failure;
  }

  get isOpen(): boolean {
    return this.#failure === undefined && !this.#stream.isClosed;
  }

  /** Whatever is waited for from now on, in all not longer than this; Infinity lifts it. */
  setDeadline(afterMs: number): void {
    this.#deadlineMs = this.#clock.monotonic() + afterMs;
  }

  /** Sends the pieces as one. That the peer does not take them shows with the reply. */
  async write(pieces: readonly (string | Buffer)[]): Promise<void> {
    if (this.#failure === undefined) await this.#stream.write(pieces, this.#within(this.limits.blockTimeoutMs));
  }

  /** Whether the server speaks or has gone, while nobody waits for a reply. */
  get hasSpoken(): boolean {
    return this.#at < this.#octets.length || this.#stream.hasWaiting || this.#stream.isClosed;
  }

  /** The next reply; 421 and everything that is none is a failure. */
  async reply(stage: Stage, timeoutMs: number): Promise<Reply | ConnectionFailure> {
    let cancel: (() => void) | undefined;
    try {
      for (;;) {
        if (this.#failure !== undefined) return this.#failure;
        if (this.#at < this.#octets.length) {
          this.#at = this.#reader.push(this.#octets, this.#at);
          if (this.#reader.reply !== undefined) return this.#take(this.#reader.reply, stage);
        }
        // For the whole reply: octets that drip in do not extend it.
        if (!this.#stream.hasWaiting) cancel ??= this.#clock.after(this.#within(timeoutMs), () => this.#giveUp());
        const chunk = await this.#stream.read();
        if (chunk === undefined) return this.#explainEnding(stage);
        this.#octets = chunk;
        this.#at = 0;
      }
    } finally {
      cancel?.();
    }
  }

  /** A command and its reply. `line` without its CRLF. */
  async ask(stage: Stage, line: string, timeoutMs: number): Promise<Reply | ConnectionFailure> {
    await this.write([`${line}\r\n`]);
    return this.reply(stage, timeoutMs);
  }

  /**
   * To be called when no reply is due: one that is there nevertheless is a 421 (RFC 5321 §3.8), or the server is out
   * of step, and what it says next would be taken for the answer to something else.
   */
  async checkQuiet(stage: Stage): Promise<ConnectionFailure | undefined> {
    if (this.#failure !== undefined) return this.#failure;
    if (!this.hasSpoken) return undefined;
    const reply = await this.reply(stage, this.limits.farewellTimeoutMs);
    if (reply.kind === 'connectionFailed') return reply;
    return this.fail(stage, 'garbage', `reply without a command: ${reply.code} ${reply.text}`, reply);
  }

  startTls(options: TlsClientOptions): Promise<TlsServer | TlsFailure> {
    // Plaintext after 220 is not the server's word (RFC 3207 §4.2): half a reply of it must not precede what comes.
    this.#octets = NOTHING;
    this.#at = 0;
    this.#reader = new ReplyReader(this.limits);
    return this.#stream.startTlsAsClient(options, this.#within(this.limits.handshakeTimeoutMs));
  }

  /** Hangs up, unless that happened before, and says why from now on. */
  fail(stage: Stage, why: ConnectionProblem, message: string, reply?: Reply): ConnectionFailure {
    this.#failure ??= { kind: 'connectionFailed', stage, why, message, ...(reply === undefined ? {} : { reply }) };
    this.#stream.destroy();
    return this.#failure;
  }

  /** As `fail`, for a reply that is in order and ends the conversation: takes leave first, in its own time. */
  failWithReply(stage: Stage, reply: Reply): ConnectionFailure {
    const message = `${reply.code} ${reply.text}`;
    this.#failure ??= { kind: 'connectionFailed', stage, why: 'reply', message, reply };
    void this.#leave();
    return this.#failure;
  }

  /** QUIT (RFC 5321 §4.1.1.10): resolves when the connection is gone, soon whatever the server does. */
  async quit(): Promise<void> {
    if (this.isOpen)
      this.#failure = { kind: 'connectionFailed', stage: 'quit', why: 'closed', message: 'we have quit' };
    await this.#leave();
  }

  destroy(): void {
    this.fail('quit', 'closed', 'we have hung up');
  }

  async #leave(): Promise<void> {
    const { farewellTimeoutMs } = this.limits;
    await this.#stream.write(['QUIT\r\n'], farewellTimeoutMs);
    await this.#stream.end(farewellTimeoutMs);
  }

  #take(reply: WireReply, stage: Stage): Reply | ConnectionFailure {
    if (reply.kind === 'garbage') return this.fail(stage, 'garbage', reply.message);
    this.lastLines = reply.lines;
    const value = makeReply(reply, stage, this.limits.maxReplyTextChars);
    return value.code === 421 ? this.fail(stage, 'closing', `421 ${value.text}`, value) : value;
  }

  #explainEnding(stage: Stage): ConnectionFailure {
    if (this.#isTimedOut || this.#stream.errorCode === 'ETIMEDOUT')
      return this.fail(stage, 'timeout', 'no answer in time');
    const { errorCode } = this.#stream;
    if (errorCode === undefined) return this.fail(stage, 'closed', 'closed without a word');
    return this.fail(stage, 'reset', `connection lost: ${errorCode}`);
  }

  #within(timeoutMs: number): number {
    return Math.max(0, Math.min(timeoutMs, this.#deadlineMs - this.#clock.monotonic()));
  }

  #giveUp(): void {
    this.#isTimedOut = true;
    this.#stream.interrupt();
  }
}
