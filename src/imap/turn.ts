/** Long loops let others have their turn: nothing runs on for more than a few milliseconds. */
import type { Clock } from '#base/clock.ts';
import { TURN_MS } from './limits.ts';

export class Turn {
  readonly #clock: Clock;
  #beganAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAtMs = clock.monotonic();
  }

  /** Whether it is time for `pass`. */
  get isOver(): boolean {
    return this.#clock.monotonic() - this.#beganAtMs >= TURN_MS;
  }

  /** Resolves when everything else that waited has been seen to. */
  async pass(): Promise<void> {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#beganAtMs = this.#clock.monotonic();
  }
}
