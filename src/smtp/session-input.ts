/**
 * What a session reads: command lines, message data, chunks, cut out of one stream of octets in order, each within its
 * time. It knows no command and says nothing to the peer; why reading ended it leaves in `ending`.
 */
import type { Clock } from '#base/clock.ts';
import { LineReader } from '#net/line-reader.ts';
import type { EndlessLine } from '#net/line-reader.ts';
import type { PeerStream } from '#net/stream.ts';

import type { SmtpLimits } from './limits.ts';
import type { MessageIntake } from './message-intake.ts';
import { judgeCommandLine } from './wire/command-line.ts';
import type { CommandLine } from './wire/command-line.ts';
import { DataReader } from './wire/data-reader.ts';

export type InputEnding = 'closed' | 'idle' | 'drain' | 'runaway' | 'signedOut';

const NOTHING = Buffer.alloc(0);

export class SessionInput {
  readonly #stream: PeerStream;
  readonly #clock: Clock;
  readonly #limits: SmtpLimits;
  /** Sends the replies so far, before the peer is waited for. */
  readonly #flush: () => Promise<void>;
  readonly #lines: LineReader<CommandLine>;
  /** The octets at hand, and where the unread ones begin. */
  #octets: Buffer = NOTHING;
  #at = 0;
  #ending: InputEnding | undefined;
  #isWaitingForCommand = false;

  constructor(stream: PeerStream, clock: Clock, limits: SmtpLimits, flush: () => Promise<void>) {
    this.#stream = stream;
    this.#clock = clock;
    this.#limits = limits;
    this.#flush = flush;
    const maxLineBytes = Math.max(limits.maxCommandLineBytes, limits.maxAuthLineBytes);
    this.#lines = new LineReader(maxLineBytes, limits.maxDiscardedLineBytes, judgeCommandLine);
  }

  /** Why there is nothing more to read. */
  get ending(): InputEnding | undefined {
    return this.#ending;
  }

  get isWaitingForCommand(): boolean {
    return this.#isWaitingForCommand;
  }

  /** The next command line; undefined if reading has ended. */
  async nextLine(): Promise<CommandLine | EndlessLine | undefined> {
    let cancel: (() => void) | undefined;
    try {
      for (;;) {
        if (this.#at < this.#octets.length) {
          this.#at = this.#lines.push(this.#octets, this.#at);
          if (this.#lines.line !== undefined) return this.#lines.line;
        }
        if (!this.#stream.hasWaiting) {
          await this.#flush();
          // For the whole line: octets that drip in do not extend it.
          cancel ??= this.#interruptAfter(this.#limits.commandTimeoutMs);
        }
        this.#isWaitingForCommand = true;
        const isMore = await this.#readMore();
        this.#isWaitingForCommand = false;
        if (!isMore) return undefined;
      }
    } finally {
      cancel?.();
    }
  }

  /**
   * Reads what follows a 354 into `intake`, to its end even if the message is already refused (RFC 5321 §4.1.1.4);
   * false if reading has ended instead.
   */
  readData(intake: MessageIntake): Promise<boolean> {
    const reader = new DataReader();
    return this.#readOctets(() => {
      this.#at = reader.push(this.#octets, this.#at, intake);
      if (intake.isRunaway) return 'runaway';
      return reader.isDone ? 'done' : 'more';
    });
  }

  /** Reads `sizeBytes` octets into `intake`, or throws them away; false if reading has ended instead. */
  readChunk(sizeBytes: number, intake: MessageIntake | undefined): Promise<boolean> {
    let leftBytes = sizeBytes;
    return this.#readOctets(() => {
      const end = Math.min(this.#octets.length, this.#at + leftBytes);
      intake?.push(this.#octets, this.#at, end);
      leftBytes -= end - this.#at;
      this.#at = end;
      if (intake?.isRunaway === true) return 'runaway';
      return leftBytes === 0 ? 'done' : 'more';
    });
  }

  /** Ends reading, now and from now on. */
  interrupt(why: InputEnding): void {
    this.#ending ??= why;
    this.#stream.interrupt();
  }

  /** Throws away what was read ahead. */
  discard(): void {
    this.#octets = NOTHING;
    this.#at = 0;
    this.#lines.clear();
  }

  async #readOctets(step: () => 'more' | 'done' | 'runaway'): Promise<boolean> {
    const untilMs = this.#clock.monotonic() + this.#limits.dataDurationMs;
    for (;;) {
      const progress = step();
      if (progress === 'done') return true;
      if (progress === 'runaway') {
        this.interrupt('runaway');
        return false;
      }
      if (!this.#stream.hasWaiting) await this.#flush();
      const leftMs = Math.min(this.#limits.dataTimeoutMs, Math.max(0, untilMs - this.#clock.monotonic()));
      const cancel = this.#interruptAfter(leftMs);
      const isMore = await this.#readMore();
      cancel();
      if (!isMore) return false;
    }
  }

  /** Gets the next octets, all of the former being taken; false if there are none. */
  async #readMore(): Promise<boolean> {
    const chunk = await this.#stream.read();
    this.#octets = chunk ?? NOTHING;
    this.#at = 0;
    if (chunk === undefined) this.#ending ??= 'closed';
    return chunk !== undefined;
  }

  #interruptAfter(delayMs: number): () => void {
    return this.#clock.after(delayMs, () => this.interrupt('idle'));
  }
}
