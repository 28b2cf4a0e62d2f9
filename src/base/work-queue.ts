/**
 * Runs expensive work a few at a time and turns more away than it can soon do: password hashes, which take 19 MiB and a
 * core each; questions to the DNS, a socket each.
 */
import { MailError } from './errors.ts';

export class WorkQueue {
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { readonly concurrency: number; readonly maxWaiting: number }) {
    this.#concurrency = limits.concurrency;
    this.#maxWaiting = limits.maxWaiting;
  }

  /** First come, first served. Throws `unavailable` (MailError) when too many wait already, else what `work` does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#concurrency) {
      this.#running++;
    } else {
      if (this.#waiting.length >= this.#maxWaiting)
        throw new MailError('unavailable', 'too much of this work is waiting already');
      // Whoever finishes hands its place over, so that nobody slips in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
