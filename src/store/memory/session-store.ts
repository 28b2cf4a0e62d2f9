/** SessionStore in memory: the readable model. */
import type { AccountId } from '#base/ids.ts';
import type { SessionReader, SessionRow, SessionStore, SessionTransaction } from '#signin/ports/session-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

/** By account, then by name; rows are never changed in place. */
type SessionData = Map<AccountId, ReadonlyMap<string, SessionRow>>;

export class MemorySessionStore implements SessionStore {
  readonly reader: SessionReader;
  readonly #section: MemorySection<SessionData>;

  constructor(options: Pick<MemorySectionOptions<SessionData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<SessionData>({
      ...options,
      section: 'signin',
      empty: new Map(),
      copy: (data) => new Map(data),
      open: (data, nowMs) => new MemorySessionTransaction(data, nowMs),
    });
    this.reader = new MemorySessionReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }

  watch(listener: (accountId: AccountId) => void): () => void {
    return this.#section.watch((key) => listener(key as AccountId));
  }
}

class MemorySessionReader implements SessionReader {
  protected readonly data: () => SessionData;

  constructor(data: () => SessionData) {
    this.data = data;
  }

  async session(accountId: AccountId, sessionId: string): Promise<SessionRow | undefined> {
    return this.data().get(accountId)?.get(sessionId);
  }

  async sessions(accountId: AccountId): Promise<readonly SessionRow[]> {
    const rows = [...(this.data().get(accountId)?.values() ?? [])];
    return rows.toSorted((a, b) => b.usedAt - a.usedAt || (a.sessionId < b.sessionId ? -1 : 1));
  }
}

class MemorySessionTransaction extends MemorySessionReader implements SessionTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();
  readonly #data: SessionData;

  constructor(data: SessionData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  lockSession(accountId: AccountId, sessionId: string): Promise<SessionRow | undefined> {
    return this.session(accountId, sessionId);
  }

  async putSession(row: SessionRow): Promise<void> {
    this.#data.set(row.accountId, new Map([...(this.#data.get(row.accountId) ?? []), [row.sessionId, row]]));
  }

  async deleteSession(accountId: AccountId, sessionId: string): Promise<void> {
    const rows = new Map(this.#data.get(accountId));
    rows.delete(sessionId);
    this.#data.set(accountId, rows);
  }

  async deleteSessions(accountId: AccountId): Promise<void> {
    this.#data.delete(accountId);
  }

  async forget(limits: {
    readonly usedBefore: number;
    readonly createdBefore: number;
    readonly limit: number;
  }): Promise<number> {
    const all = [...this.#data.values()].flatMap((rows) => [...rows.values()]);
    const old = all.filter((row) => row.usedAt < limits.usedBefore || row.createdAt < limits.createdBefore);
    const gone = old.slice(0, limits.limit);
    for (const { accountId, sessionId } of gone) await this.deleteSession(accountId, sessionId);
    return gone.length;
  }

  touch(accountId: AccountId): void {
    this.touched.add(accountId);
  }
}
