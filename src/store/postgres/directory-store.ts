/** DirectoryStore on PostgreSQL: an operation is a serializable transaction, run again when it loses a race. */
import type { Clock } from '#base/clock.ts';
import type { DirectoryReader, DirectoryStore } from '#directory/ports/directory-store.ts';
import type { AccountId } from '#directory/types.ts';
import type { Operations } from '#store/operations.ts';
import { SqlDirectoryTransaction } from '#store/sql/directory-rows.ts';
import type { Notices } from './notices.ts';
import type { OperationRunner } from './operation-runner.ts';

export interface PostgresDirectoryOptions {
  readonly operations: Operations;
  readonly runner: OperationRunner;
  readonly notices: Notices;
  readonly reader: DirectoryReader;
  readonly clock: Clock;
}

export class PostgresDirectoryStore implements DirectoryStore {
  readonly reader: DirectoryReader;
  readonly #options: PostgresDirectoryOptions;

  constructor(options: PostgresDirectoryOptions) {
    this.#options = options;
    this.reader = options.reader;
  }

  async run(name: string, args: unknown): Promise<unknown> {
    const { operations, runner, notices, clock } = this.#options;
    const operation = operations.directory[name];
    if (operation === undefined) throw new Error(`there is no directory operation ${name}`);
    const nowMs = clock.now();
    const { value, touched } = await runner.transaction('serializable', async (session) => {
      const tx = new SqlDirectoryTransaction(session, nowMs);
      const value: unknown = structuredClone(await operation.run(tx, args as never));
      return { value, touched: tx.touched };
    });
    notices.publishDirectory(touched);
    return value;
  }

  watch(listener: (accountId: AccountId) => void): () => void {
    return this.#options.notices.watchDirectory(listener);
  }
}
