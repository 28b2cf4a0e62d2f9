/** Runs an operation as one transaction: again after a lost race, and never longer than callers should wait. */
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { OPERATION_ATTEMPTS, OPERATION_TIMEOUT_MS } from '#store/limits.ts';
import { type Pool, type PostgresSession, isWorthRetrying, toStoreError } from './connection.ts';

export type Isolation = 'read committed' | 'serializable' | 'repeatable read read only';

export interface OperationRunnerOptions {
  readonly pool: Pool;
  readonly clock: Clock;
}

export class OperationRunner {
  readonly #options: OperationRunnerOptions;

  constructor(options: OperationRunnerOptions) {
    this.#options = options;
  }

  /** Throws what `body` throws; an outage, or no answer in time, as `unavailable`. */
  transaction<T>(isolation: Isolation, body: (session: PostgresSession) => Promise<T>): Promise<T> {
    return this.within(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#options.pool.transaction(`isolation level ${isolation}`, body);
        } catch (error) {
          if (attempt === OPERATION_ATTEMPTS || !isWorthRetrying(error)) throw error;
        }
      }
    });
  }

  /** What `run` answers, or `unavailable` when it takes too long. Whether it happened is then unknown. */
  async within<T>(run: () => Promise<T>): Promise<T> {
    let cancel = (): void => {};
    const timeout = new Promise<never>((_resolve, reject) => {
      cancel = this.#options.clock.after(OPERATION_TIMEOUT_MS, () => reject(this.#giveUp()));
    });
    try {
      return await Promise.race([run(), timeout]);
    } catch (error) {
      throw toStoreError(error);
    } finally {
      cancel();
    }
  }

  /** These connections no longer answer. `timedOut` tells callers that asking again at once is no use. */
  #giveUp(): MailError {
    this.#options.pool.retire();
    return new MailError('unavailable', 'The mail store did not answer in time', { data: { timedOut: true } });
  }
}
