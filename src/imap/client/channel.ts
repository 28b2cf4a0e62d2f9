/**
 * The wire to one server: commands out, responses in, each within its time. After the first failure every further one
 * is the same. What is said in which order it does not know.
 */
import type { Clock } from '#base/clock.ts';
import { errorText, MailError } from '#base/errors.ts';
import type { TlsClientOptions, TlsFailure, TlsServer } from '#net/start-tls.ts';
import type { PeerStream } from '#net/stream.ts';
import type { ImapClientLimits } from './limits.ts';
import { readResponse, type Response } from './response.ts';
import { ResponseReader } from './response-reader.ts';

const NOTHING = Buffer.alloc(0);

export class Channel {
  readonly limits: ImapClientLimits;
  readonly #stream: PeerStream;
  readonly #clock: Clock;
  #reader: ResponseReader;
  /** The octets at hand, and where the unread ones begin. */
  #octets: Buffer = NOTHING;
  #at = 0;
  #deadlineMs = Infinity;
  #isTimedOut = false;
  #failure: MailError | undefined;

  constructor(stream: PeerStream, clock: Clock, limits: ImapClientLimits) {
    this.limits = limits;
    this.#stream = stream;
    this.#clock = clock;
    this.#reader = new ResponseReader(limits);
  }

  /** For what is waited for from now on: some minutes, and what so many octets take. */
  allow(bytes: number): void {
    const { commandMs, bytesPerSecond } = this.limits;
    this.#deadlineMs = this.#clock.monotonic() + commandMs + (bytes / bytesPerSecond) * 1000;
  }

  /** That the peer does not take it shows with the answer. Throws `unavailable`. */
  async send(pieces: readonly (string | Buffer)[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#stream.write(pieces, this.limits.silenceMs);
  }

  /** The next response. Throws `unavailable`: for silence, garbage, an end. */
  async next(): Promise<Response> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#at < this.#octets.length) {
        this.#at = this.#reader.push(this.#octets, this.#at);
        const { response } = this.#reader;
        if (response?.kind === 'garbage') throw this.fail(response.message);
        if (response !== undefined) return this.understand(() => readResponse(response));
        continue;
      }
      this.#octets = await this.#read();
      this.#at = 0;
    }
  }

  /** What `read` makes of a response; where it makes nothing of it, the connection is of no use. */
  understand<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.fail(errorText(error));
    }
  }

  startTls(options: TlsClientOptions): Promise<TlsServer | TlsFailure> {
    // Plaintext after OK is not the server's word (RFC 9051 §6.2.1).
    this.#octets = NOTHING;
    this.#at = 0;
    this.#reader = new ResponseReader(this.limits);
    return this.#stream.startTlsAsClient(options, this.limits.handshakeTimeoutMs);
  }

  /** Hangs up, unless that happened before; answers why, from now on. */
  fail(message: string): MailError {
    this.#failure ??= new MailError('unavailable', message);
    this.#stream.destroy();
    return this.#failure;
  }

  /** Takes leave; resolves when the connection is gone, soon whatever the server does. */
  async leave(farewell: string): Promise<void> {
    if (this.#failure === undefined) {
      await this.#stream.write([farewell], this.limits.farewellMs);
      await this.#stream.end(this.limits.farewellMs);
    }
    this.fail('we have left');
  }

  async #read(): Promise<Buffer> {
    const leftMs = Math.max(0, this.#deadlineMs - this.#clock.monotonic());
    const cancel = this.#clock.after(Math.min(this.limits.silenceMs, leftMs), () => {
      this.#isTimedOut = true;
      this.#stream.interrupt();
    });
    const chunk = await this.#stream.read();
    cancel();
    if (chunk !== undefined) return chunk;
    if (this.#isTimedOut) throw this.fail('no answer in time');
    const { errorCode } = this.#stream;
    throw this.fail(errorCode === undefined ? 'closed without a word' : `connection lost: ${errorCode}`);
  }
}
