/** What an owner is told of their mail of the other system: how far it is, and never more than that (A14). */
import type { AccountId } from '#base/ids.ts';
import { MIGRATION_LIMITS } from './limits.ts';
import { sumMailboxes, type MoveSums } from './migration.ts';
import type { MigrationStore, MoveState } from './ports/migration-store.ts';

export interface OwnMove extends MoveSums {
  readonly state: MoveState;
  readonly failedMessages: number;
  /** When the last pass over it ended; null: one is under way, or none was. */
  readonly finishedAt: number | null;
}

export class OwnMoves {
  readonly #store: MigrationStore;

  constructor(store: MigrationStore) {
    this.#store = store;
  }

  /** Undefined: nothing is brought to the account, or its owner has seen that all is here. */
  async read(accountId: AccountId): Promise<OwnMove | undefined> {
    const { reader } = this.#store;
    const row = await reader.account(accountId);
    if (row === undefined || row.dismissedAt !== null) return undefined;
    const failures = await reader.failures(accountId, MIGRATION_LIMITS.failures);
    const sums = sumMailboxes(await reader.mailboxes(accountId));
    return { ...sums, state: row.state, failedMessages: failures.length, finishedAt: row.finishedAt };
  }

  /** The owner has seen enough. Throws `forbidden`: it is not over yet. */
  async dismiss(accountId: AccountId): Promise<void> {
    await this.#store.run('dismiss', { accountId });
  }
}
