/** GrantStore in memory: the readable model. */
import type { AccountId } from '#base/ids.ts';
import type { GrantReader, GrantRow, GrantStore, GrantTransaction } from '#oauth/ports/grant-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

/** By name; rows are never changed in place. */
type GrantData = Map<string, GrantRow>;

export class MemoryGrantStore implements GrantStore {
  readonly reader: GrantReader;
  readonly #section: MemorySection<GrantData>;

  constructor(options: Pick<MemorySectionOptions<GrantData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<GrantData>({
      ...options,
      section: 'oauth',
      empty: new Map(),
      copy: (grants) => new Map(grants),
      open: (data, nowMs) => new MemoryGrantTransaction(data, nowMs),
    });
    this.reader = new MemoryGrantReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }

  watch(listener: (accountId: AccountId) => void): () => void {
    return this.#section.watch((key) => listener(key as AccountId));
  }
}

class MemoryGrantReader implements GrantReader {
  protected readonly data: () => GrantData;

  constructor(data: () => GrantData) {
    this.data = data;
  }

  async grant(accountId: AccountId, grantId: string): Promise<GrantRow | undefined> {
    return this.data().get(nameOf(accountId, grantId));
  }

  async grants(accountId: AccountId): Promise<readonly GrantRow[]> {
    const rows = [...this.data().values()].filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => b.createdAt - a.createdAt || (a.grantId < b.grantId ? -1 : 1));
  }
}

class MemoryGrantTransaction extends MemoryGrantReader implements GrantTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();
  readonly #data: GrantData;

  constructor(data: GrantData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  lockGrant(accountId: AccountId, grantId: string): Promise<GrantRow | undefined> {
    return this.grant(accountId, grantId);
  }

  async putGrant(row: GrantRow): Promise<void> {
    this.#data.set(nameOf(row.accountId, row.grantId), { ...row });
  }

  async deleteGrant(accountId: AccountId, grantId: string): Promise<void> {
    this.#data.delete(nameOf(accountId, grantId));
  }

  async deleteGrants(accountId: AccountId): Promise<void> {
    for (const { grantId } of await this.grants(accountId)) await this.deleteGrant(accountId, grantId);
  }

  async forget(limits: {
    readonly unclaimedBefore: number;
    readonly rotatedBefore: number;
    readonly limit: number;
  }): Promise<number> {
    const gone = [...this.#data.values()]
      .filter(({ createdAt, rotatedAt }) =>
        rotatedAt === null ? createdAt < limits.unclaimedBefore : rotatedAt < limits.rotatedBefore,
      )
      .slice(0, limits.limit);
    for (const { accountId, grantId } of gone) await this.deleteGrant(accountId, grantId);
    return gone.length;
  }

  touch(accountId: AccountId): void {
    this.touched.add(accountId);
  }
}

function nameOf(accountId: AccountId, grantId: string): string {
  return `${accountId} ${grantId}`;
}
