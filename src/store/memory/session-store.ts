/** SessionStore in memory: the readable model. */
import type { AccountId } from '#base/ids.ts';
import type {
  SessionReader,
  SessionRow,
  SessionStore,
  SessionTransaction,
  SignInRecordRow,
  WalkRow,
} from '#signin/ports/session-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface SessionData {
  /** By account, then by name; rows are never changed in place. */
  readonly sessions: Map<AccountId, ReadonlyMap<string, SessionRow>>;
  records: readonly SignInRecordRow[];
  readonly lastSignIns: Map<AccountId, number>;
  readonly walks: Map<string, WalkRow>;
}

export class MemorySessionStore implements SessionStore {
  readonly reader: SessionReader;
  readonly #section: MemorySection<SessionData>;

  constructor(options: Pick<MemorySectionOptions<SessionData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<SessionData>({
      ...options,
      section: 'signin',
      empty: { sessions: new Map(), records: [], lastSignIns: new Map(), walks: new Map() },
      copy: ({ sessions, records, lastSignIns, walks }) => ({
        sessions: new Map(sessions),
        records,
        lastSignIns: new Map(lastSignIns),
        walks: new Map(walks),
      }),
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
    return this.data().sessions.get(accountId)?.get(sessionId);
  }

  async sessions(accountId: AccountId): Promise<readonly SessionRow[]> {
    const rows = [...(this.data().sessions.get(accountId)?.values() ?? [])];
    return rows.toSorted((a, b) => b.usedAt - a.usedAt || (a.sessionId < b.sessionId ? -1 : 1));
  }

  async walk(walkId: string): Promise<WalkRow | undefined> {
    return this.data().walks.get(walkId);
  }

  async lastSignIns(accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>> {
    return new Map([...this.data().lastSignIns].filter(([accountId]) => accountIds.includes(accountId)));
  }

  async records(accountId: AccountId, limit: number): Promise<readonly SignInRecordRow[]> {
    const rows = this.data().records.filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => b.at - a.at || (a.recordId < b.recordId ? -1 : 1)).slice(0, limit);
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
    this.#data.sessions.set(
      row.accountId,
      new Map([...(this.#data.sessions.get(row.accountId) ?? []), [row.sessionId, row]]),
    );
  }

  async deleteSession(accountId: AccountId, sessionId: string): Promise<void> {
    const rows = new Map(this.#data.sessions.get(accountId));
    rows.delete(sessionId);
    this.#data.sessions.set(accountId, rows);
  }

  async deleteSessions(accountId: AccountId): Promise<void> {
    this.#data.sessions.delete(accountId);
  }

  async forget(limits: {
    readonly usedBefore: number;
    readonly createdBefore: number;
    readonly limit: number;
  }): Promise<number> {
    const all = [...this.#data.sessions.values()].flatMap((rows) => [...rows.values()]);
    const old = all.filter((row) => row.usedAt < limits.usedBefore || row.createdAt < limits.createdBefore);
    const gone = old.slice(0, limits.limit);
    for (const { accountId, sessionId } of gone) await this.deleteSession(accountId, sessionId);
    return gone.length;
  }

  lockWalk(walkId: string): Promise<WalkRow | undefined> {
    return this.walk(walkId);
  }

  async putWalk(row: WalkRow): Promise<void> {
    this.#data.walks.set(row.walkId, { ...row });
  }

  async deleteWalk(walkId: string): Promise<void> {
    this.#data.walks.delete(walkId);
  }

  async forgetWalks(expiredBefore: number, limit: number): Promise<number> {
    const ended = [...this.#data.walks.values()].filter((row) => row.expiresAt <= expiredBefore).slice(0, limit);
    for (const { walkId } of ended) this.#data.walks.delete(walkId);
    return ended.length;
  }

  async insertRecord(row: SignInRecordRow): Promise<void> {
    this.#data.records = [...this.#data.records, row];
  }

  async putLastSignIn(accountId: AccountId, at: number, everyMs: number): Promise<void> {
    if ((this.#data.lastSignIns.get(accountId) ?? -Infinity) <= at - everyMs) this.#data.lastSignIns.set(accountId, at);
  }

  async deleteLastSignIn(accountId: AccountId): Promise<void> {
    this.#data.lastSignIns.delete(accountId);
  }

  async forgetRecords(before: number, limit: number): Promise<number> {
    const gone = new Set(this.#data.records.filter(({ at }) => at < before).slice(0, limit));
    this.#data.records = this.#data.records.filter((row) => !gone.has(row));
    return gone.size;
  }

  touch(accountId: AccountId): void {
    this.touched.add(accountId);
  }
}
