/**
 * Stores for tests: fresh, cheap, of every kind. Closing one checks that what it holds does not contradict itself.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Clock, FakeClock } from '#base/clock.ts';
import { type Logger, silentLog } from '#base/log.ts';
import type { OpenedStore } from '#store/opened-store.ts';

export const STORE_KINDS = ['memory', 'sqlite', 'postgres'] as const;
export type StoreKind = (typeof STORE_KINDS)[number];

export interface TestStoreOptions {
  /** A FakeClock by default. */
  readonly clock?: Clock;
  readonly log?: Logger;
  /** A module exporting `mailOperations` and `directoryOperations` to use in place of the real ones. */
  readonly operationsUrl?: string;
}

export interface TestStore extends OpenedStore {
  readonly kind: StoreKind;
  /** What the store's operations see as now; its own FakeClock unless another was given. */
  readonly clock: Clock;
  /** Where it keeps files; empty for a store in memory. */
  readonly dataDir: string;
  /**
   * Closes it and opens it again over the same data (a store in memory just stays as it is). What is answered takes
   * this one's place; closing either closes what is open.
   */
  reopen(): Promise<TestStore>;
  /** Closes it and removes its data, without looking at it. */
  discard(): Promise<void>;
}

/** A fresh store. `close` checks invariants, closes and removes it. */
export async function openTestStore(kind: StoreKind, options: TestStoreOptions = {}): Promise<TestStore> {
  const { clock = new FakeClock(), log = silentLog, operationsUrl } = options;
  const settings = { clock, log, ...(operationsUrl === undefined ? {} : { operationsUrl }) };
  const dataDir = kind === 'memory' ? '' : await mkdtemp(join(tmpdir(), 'campusmail-store-'));
  let dropDatabase = async (): Promise<void> => {};
  let open: () => Promise<OpenedStore>;
  // Loaded when asked for: a test of one kind should not wait for the others' libraries.
  if (kind === 'sqlite') {
    const { openSqliteStore } = await import('#store/open-sqlite.ts');
    open = () => openSqliteStore({ ...settings, dataDir });
  } else if (kind === 'postgres') {
    const { openPostgresStore } = await import('#store/open-postgres.ts');
    const { createTestDatabase } = await import('./postgres.ts');
    const database = await createTestDatabase();
    dropDatabase = database.drop;
    open = () => openPostgresStore({ ...settings, dataDir, url: database.url });
  } else {
    const { openMemoryStore } = await import('#store/open-memory.ts');
    open = () => openMemoryStore(settings);
  }
  const remove = async (): Promise<void> => {
    await dropDatabase();
    if (dataDir !== '') await rm(dataDir, { recursive: true, force: true });
  };
  let current = await open();
  let isOpen = true;
  const wrap = (store: OpenedStore): TestStore => ({
    kind,
    clock,
    dataDir,
    mail: store.mail,
    audit: store.audit,
    directory: store.directory,
    guesses: store.guesses,
    jmap: store.jmap,
    migration: store.migration,
    notices: store.notices,
    oauth: store.oauth,
    queue: store.queue,
    sending: store.sending,
    signin: store.signin,
    sso: store.sso,
    sms: store.sms,
    trace: store.trace,
    trust: store.trust,
    search: store.search,
    maintenance: store.maintenance,
    async reopen() {
      if (kind === 'memory') return wrap(current);
      await current.close();
      current = await open();
      return wrap(current);
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      try {
        await current.mail.checkInvariants();
      } finally {
        await current.close();
        await remove();
      }
    },
    async discard() {
      if (!isOpen) return;
      isOpen = false;
      await current.close();
      await remove();
    },
  });
  return wrap(current);
}

/** Defines one test a kind of store. The store is fresh, and is checked and closed after the body. */
export function eachStore(
  name: string,
  body: (store: TestStore, t: TestContext) => Promise<void>,
  options: TestStoreOptions & { readonly kinds?: readonly StoreKind[] } = {},
): void {
  for (const kind of options.kinds ?? STORE_KINDS) {
    test(`${name} (${kind})`, async (t) => {
      const store = await openTestStore(kind, options);
      try {
        await body(store, t);
      } catch (error) {
        await store.discard();
        throw error;
      }
      await store.close();
    });
  }
}
