/** Where the search index is kept on PostgreSQL: beside the mail, in tables of its own. */
import type { SearchDatabase } from '#store/sql/search-index.ts';
import type { SqlSession } from '#store/sql/session.ts';
import type { OperationRunner } from './operation-runner.ts';

export class PostgresSearchDatabase implements SearchDatabase {
  readonly #runner: OperationRunner;

  constructor(runner: OperationRunner) {
    this.#runner = runner;
  }

  read<T>(body: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#runner.transaction('repeatable read read only', body);
  }

  change<T>(body: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#runner.transaction('read committed', async (session) => {
      // Keeps out others who write the index, and nobody who reads it.
      await session.run('LOCK TABLE search_progress IN SHARE ROW EXCLUSIVE MODE', []);
      return body(session);
    });
  }

  /** Nothing: the database looks after its own files. */
  async mend(): Promise<undefined> {}
}
