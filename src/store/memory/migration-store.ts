/** MigrationStore in memory: the readable model. */
import type { AccountId } from '#base/ids.ts';
import type {
  AccountMoveRow,
  MailboxMoveRow,
  MigrationReader,
  MigrationStore,
  MigrationTransaction,
  MoveFailureRow,
  MoveState,
} from '#migration/ports/migration-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface MigrationData {
  accounts: Map<AccountId, AccountMoveRow>;
  /** By account and path. */
  mailboxes: Map<string, MailboxMoveRow>;
  /** By account, path and uid. */
  failures: Map<string, MoveFailureRow>;
}

export class MemoryMigrationStore implements MigrationStore {
  readonly reader: MigrationReader;
  readonly #section: MemorySection<MigrationData>;

  constructor(options: Pick<MemorySectionOptions<MigrationData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<MigrationData>({
      ...options,
      section: 'migration',
      empty: { accounts: new Map(), mailboxes: new Map(), failures: new Map() },
      copy: ({ accounts, mailboxes, failures }) => ({
        accounts: new Map(accounts),
        mailboxes: new Map(mailboxes),
        failures: new Map(failures),
      }),
      open: (data, nowMs) => new MemoryMigrationTransaction(data, nowMs),
    });
    this.reader = new MemoryMigrationReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemoryMigrationReader implements MigrationReader {
  protected readonly data: () => MigrationData;

  constructor(data: () => MigrationData) {
    this.data = data;
  }

  async account(accountId: AccountId): Promise<AccountMoveRow | undefined> {
    return this.data().accounts.get(accountId);
  }

  async accounts(after: number, limit: number): Promise<readonly AccountMoveRow[]> {
    const rows = [...this.data().accounts.values()].filter(({ accountId }) => accountId > after);
    return rows.toSorted((a, b) => a.accountId - b.accountId).slice(0, limit);
  }

  async countByState(): Promise<ReadonlyMap<MoveState, number>> {
    const byState = Map.groupBy(this.data().accounts.values(), ({ state }) => state);
    return new Map(Array.from(byState, ([state, rows]) => [state, rows.length]));
  }

  async mailboxes(accountId: AccountId): Promise<readonly MailboxMoveRow[]> {
    const rows = [...this.data().mailboxes.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => comparePaths(a.path, b.path));
  }

  async failures(accountId: AccountId, limit: number): Promise<readonly MoveFailureRow[]> {
    const rows = [...this.data().failures.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => comparePaths(a.path, b.path) || a.uid - b.uid).slice(0, limit);
  }
}

class MemoryMigrationTransaction extends MemoryMigrationReader implements MigrationTransaction {
  readonly nowMs: number;
  readonly #data: MigrationData;

  constructor(data: MigrationData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async putAccount(row: AccountMoveRow): Promise<void> {
    this.#data.accounts.set(row.accountId, { ...row });
  }

  async putMailbox(row: MailboxMoveRow): Promise<void> {
    this.#data.mailboxes.set(`${row.accountId} ${row.path}`, { ...row });
  }

  async putFailure(row: MoveFailureRow): Promise<void> {
    this.#data.failures.set(`${row.accountId} ${row.uid} ${row.path}`, { ...row });
  }

  async deleteFailure(accountId: AccountId, path: string, uid: number): Promise<void> {
    this.#data.failures.delete(`${accountId} ${uid} ${path}`);
  }

  async deleteAccount(accountId: AccountId): Promise<boolean> {
    for (const rows of [this.#data.mailboxes, this.#data.failures])
      for (const [key, row] of rows) if (row.accountId === accountId) rows.delete(key);
    return this.#data.accounts.delete(accountId);
  }
}

/** As databases do: octet by octet in UTF-8. */
function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
