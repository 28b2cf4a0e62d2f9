/** When what could not be sent is tried again without any sign that the server is back: ever more seldom, until it goes. */
import { backoffMs } from './backoff.ts';
import { RESEND_MS } from './limits.ts';
import type { Platform } from './platform.ts';

export class Resend {
  readonly #platform: Pick<Platform, 'clock' | 'random'>;
  readonly #again: () => void;
  #failures = 0;
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(platform: Pick<Platform, 'clock' | 'random'>, again: () => void) {
    this.#platform = platform;
    this.#again = again;
  }

  /** Whether the server was not within reach, and is not tried before the time has come. */
  get isWaiting(): boolean {
    return this.#cancelTimer !== undefined;
  }

  /** It could not be sent. */
  later(): void {
    if (this.#isStopped) return;
    this.#failures += 1;
    this.cancel();
    const delayMs = RESEND_MS + backoffMs(this.#failures, this.#platform.random);
    this.#cancelTimer = this.#platform.clock.after(delayMs, this.#again);
  }

  /** It is tried now. */
  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** It was sent: the next failure is the first. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Nothing is tried by itself any more. */
  stop(): void {
    this.#isStopped = true;
    this.cancel();
  }
}
