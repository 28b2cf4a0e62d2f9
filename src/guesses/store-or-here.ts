/** Asks the store, and this server alone while it does not answer: nobody is locked out by an outage, and no guess is free. */
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { GUESS_LIMITS } from './limits.ts';

export class StoreOrHere {
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Undefined while it answers. */
  #restsUntil: number | undefined;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Throws what is no outage. */
  async ask<T>(store: () => Promise<T>, here: () => Promise<T>): Promise<T> {
    if (this.#restsUntil !== undefined && this.#clock.monotonic() < this.#restsUntil) return here();
    try {
      const answer = await store();
      if (this.#restsUntil !== undefined) this.#log.info({}, 'guesses are counted for all servers again');
      this.#restsUntil = undefined;
      return answer;
    } catch (error) {
      if (!isMailError(error) || error.code !== 'unavailable') throw error;
      if (this.#restsUntil === undefined)
        this.#log.warn({ err: error.message }, 'guesses are counted by this server alone: the store does not answer');
      this.#restsUntil = this.#clock.monotonic() + GUESS_LIMITS.storeRestsMs;
      return here();
    }
  }
}
