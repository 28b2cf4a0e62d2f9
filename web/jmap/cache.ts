/**
 * What the browser keeps of an account, so that mail can be read before the server answers, or without it: mailboxes,
 * rows of lists, bodies read, and changes not yet sent. One tab writes. Erased when the user signs out.
 *
 * Records and the state they are at are written together, and what is in the cache is always in memory as well: so
 * nothing here can miss a change that the store has been told of.
 */
import type { Id } from '#contract/jmap/values.ts';
import type { Changes } from './changes.ts';
import { eraseDatabase, openDatabase, settled, written } from './database.ts';
import {
  CACHE_DELAY_MS,
  CACHED_BODIES,
  CACHED_BODY_CHARACTERS,
  CACHED_EMAILS,
  CACHED_LISTS,
  CACHED_ROWS,
} from './limits.ts';
import type { Platform } from './platform.ts';
import type { EmailLists, KeptList, ListSnapshot, ListSpec } from './queries.ts';
import type { Store } from './store.ts';
import { EMAIL_BODY, type Known, type TypeName } from './types.ts';

type AnyKnown = Readonly<Record<string, unknown>> & { readonly id: Id };

/** What is kept; where something is still on the way to the server, the user must not lose it. */
const CACHED_TYPES = ['Mailbox', 'Thread', 'Email', 'Identity'] as const satisfies readonly TypeName[];
type CachedType = (typeof CACHED_TYPES)[number];

interface CachedState {
  readonly state: string;
  readonly isComplete: boolean;
}

interface CachedBody {
  readonly body: AnyKnown;
  readonly readAt: number;
}

interface CachedList extends KeptList {
  readonly spec: ListSpec;
}

const STORES = [...CACHED_TYPES, 'states', 'bodies', 'lists', 'pending'] as const;

export class Cache {
  readonly #platform: Pick<Platform, 'indexedDB' | 'clock' | 'locks' | 'newUuid'>;
  readonly #name: string;
  readonly #tabId: string;
  readonly #store: Store;
  readonly #lists: EmailLists;
  readonly #changes: Changes;
  #database: IDBDatabase | undefined;
  readonly #dirty = new Map<CachedType, Set<Id>>();
  readonly #writtenLists = new Map<string, ListSnapshot>();
  #isWriter = false;
  #mustRewrite = false;
  #arePendingDirty = false;
  #cancelTimer: (() => void) | undefined;
  readonly #closed = new AbortController();

  constructor(
    platform: Pick<Platform, 'indexedDB' | 'clock' | 'locks' | 'newUuid'>,
    store: Store,
    lists: EmailLists,
    changes: Changes,
  ) {
    this.#platform = platform;
    this.#store = store;
    this.#lists = lists;
    this.#changes = changes;
    this.#name = `campusmail ${store.accountId}`;
    this.#tabId = platform.newUuid();
  }

  /** Puts what was kept into the store and the lists, and from then on follows them. Never rejects: it may be denied. */
  async open(): Promise<void> {
    const { indexedDB } = this.#platform;
    if (indexedDB === undefined) return;
    try {
      this.#database = await openDatabase(indexedDB, this.#name, STORES);
      await this.#restore(this.#database);
    } catch {
      this.#database?.close();
      this.#database = undefined;
      return;
    }
    this.#store.lookUpBodiesIn((id) => this.#readBody(id));
    this.#store.touched.add((touched) => {
      for (const type of CACHED_TYPES) {
        const ids = touched.get(type);
        if (ids !== undefined) this.#dirty.set(type, ids.union(this.#dirty.get(type) ?? new Set()));
      }
      this.#writeLater();
    });
    this.#changes.waiting.subscribe(() => {
      this.#arePendingDirty = true;
      this.#writeLater();
    });
    this.#becomeWriter();
  }

  /** Writes what has not been written. */
  async flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const database = this.#database;
    if (database === undefined) return;
    try {
      await this.#write(database);
    } catch {
      // No room, or erased by another tab: it is only a cache.
      this.#close();
    }
  }

  /** Nothing of the account stays in this browser. */
  async erase(): Promise<void> {
    this.#close();
    const { indexedDB } = this.#platform;
    if (indexedDB !== undefined) await eraseDatabase(indexedDB, this.#name);
  }

  #close(): void {
    this.#cancelTimer?.();
    this.#closed.abort();
    this.#database?.close();
    this.#database = undefined;
  }

  /** The tab opened first; when it is closed, the next one, which begins with what it knows itself. */
  #becomeWriter(): void {
    const { locks } = this.#platform;
    if (locks === undefined) {
      this.#isWriter = true;
      return;
    }
    const { signal } = this.#closed;
    const name = `${this.#name} cache`;
    const write = (isFirst: boolean) => {
      this.#isWriter = true;
      this.#mustRewrite = !isFirst;
      this.#writeLater();
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    };
    const held = locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock !== null) return write(true);
      // Waits in the line behind the tab that has it; not inside this callback, which would never end.
      locks.request(name, { signal }, () => write(false)).catch(() => undefined);
      return undefined;
    });
    held.catch(() => undefined);
  }

  #writeLater(): void {
    if (this.#database === undefined) return;
    this.#cancelTimer ??= this.#platform.clock.after(CACHE_DELAY_MS, () => void this.flush());
  }

  async #restore(database: IDBDatabase): Promise<void> {
    const transaction = database.transaction(STORES, 'readwrite');
    const read = <Item>(name: string) => settled(transaction.objectStore(name).getAll()) as Promise<Item[]>;
    const [emails, threads, lists, pending] = await Promise.all([
      read<Known<'Email'>>('Email'),
      read<Known<'Thread'>>('Thread'),
      read<CachedList>('lists'),
      read<ReturnType<Changes['keep']>>('pending'),
    ]);
    const newest = emails.toSorted((a, b) => ((a.receivedAt ?? '') < (b.receivedAt ?? '') ? 1 : -1));
    for (const { id } of newest.splice(CACHED_EMAILS)) transaction.objectStore('Email').delete(id);
    const threadIds = new Set(newest.map(({ threadId }) => threadId));
    for (const { id } of threads) if (!threadIds.has(id)) transaction.objectStore('Thread').delete(id);
    const records: Readonly<Record<CachedType, readonly { readonly id: Id }[]>> = {
      Email: newest,
      Thread: threads.filter(({ id }) => threadIds.has(id)),
      Mailbox: await read('Mailbox'),
      Identity: await read('Identity'),
    };
    for (const type of CACHED_TYPES) {
      const state = (await settled(transaction.objectStore('states').get(type))) as CachedState | undefined;
      if (state !== undefined) this.#store.restore(type, { ...state, records: records[type] });
    }
    transaction.objectStore('pending').clear();
    await written(transaction);
    for (const { spec, ids, total } of lists) this.#lists.open(spec).restore({ ids, total });
    for (const changes of pending) this.#changes.restore(changes);
  }

  async #write(database: IDBDatabase): Promise<void> {
    const transaction = database.transaction(STORES, 'readwrite');
    if (this.#arePendingDirty) {
      this.#arePendingDirty = false;
      transaction.objectStore('pending').put(this.#changes.keep(), this.#tabId);
    }
    if (this.#isWriter) {
      const isRewrite = this.#mustRewrite;
      this.#mustRewrite = false;
      for (const type of CACHED_TYPES) this.#writeRecords(transaction, type, isRewrite);
      this.#dirty.clear();
      this.#writeLists(transaction);
      await trimBodies(transaction.objectStore('bodies'));
    }
    await written(transaction);
  }

  #writeRecords(transaction: IDBTransaction, type: CachedType, isRewrite: boolean): void {
    const objects = transaction.objectStore(type);
    if (isRewrite) objects.clear();
    const { state, isComplete, records } = this.#store.keep(
      type,
      isRewrite ? undefined : (this.#dirty.get(type) ?? []),
    );
    for (const [id, record] of records) {
      if (record === undefined) {
        objects.delete(id);
        if (type === 'Email') transaction.objectStore('bodies').delete(id);
      } else if (type === 'Email') {
        const { header, body } = splitEmail(record);
        objects.put(header, id);
        if (body !== undefined) this.#writeBody(transaction, body);
      } else objects.put(record, id);
    }
    if (state !== undefined) transaction.objectStore('states').put({ state, isComplete } satisfies CachedState, type);
  }

  #writeBody(transaction: IDBTransaction, body: AnyKnown): void {
    if (JSON.stringify(body).length > CACHED_BODY_CHARACTERS) return;
    const cached: CachedBody = { body, readAt: this.#platform.clock.now() };
    transaction.objectStore('bodies').put(cached, body.id);
  }

  #writeLists(transaction: IDBTransaction): void {
    const objects = transaction.objectStore('lists');
    const lists = [...this.#lists.all()].slice(-CACHED_LISTS);
    const kept = new Set(lists.map(([key]) => key));
    for (const key of this.#writtenLists.keys()) {
      if (kept.has(key)) continue;
      objects.delete(key);
      this.#writtenLists.delete(key);
    }
    for (const [key, list] of lists) {
      const snapshot = list.getSnapshot();
      if (snapshot.status !== 'ready' || this.#writtenLists.get(key) === snapshot) continue;
      const rows = snapshot.ids.slice(0, CACHED_ROWS);
      const gap = rows.indexOf(undefined);
      const ids = rows.slice(0, gap < 0 ? rows.length : gap) as Id[];
      objects.put({ spec: list.spec, ids, total: snapshot.ids.length } satisfies CachedList, key);
      this.#writtenLists.set(key, snapshot);
    }
  }

  async #readBody(id: Id): Promise<AnyKnown | undefined> {
    try {
      const transaction = this.#database?.transaction('bodies', 'readwrite');
      if (transaction === undefined) return undefined;
      const cached = (await settled(transaction.objectStore('bodies').get(id))) as CachedBody | undefined;
      if (cached !== undefined) this.#writeBody(transaction, cached.body);
      return cached?.body;
    } catch {
      return undefined;
    }
  }
}

/** The body apart, which is large, and read by few. */
function splitEmail(email: AnyKnown): { readonly header: AnyKnown; readonly body: AnyKnown | undefined } {
  const properties: ReadonlySet<string> = new Set(EMAIL_BODY);
  const [header, body]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
  for (const [property, value] of Object.entries(email)) {
    if (properties.has(property)) body[property] = value;
    else header[property] = value;
  }
  return {
    header: { ...header, id: email.id },
    body: 'bodyValues' in body ? { ...body, id: email.id } : undefined,
  };
}

async function trimBodies(bodies: IDBObjectStore): Promise<void> {
  const count = await settled(bodies.count());
  if (count <= CACHED_BODIES) return;
  const [keys, cached] = await Promise.all([settled(bodies.getAllKeys()), settled(bodies.getAll())]);
  const byAge = keys.map((key, index) => ({ key, readAt: (cached[index] as CachedBody).readAt }));
  for (const { key } of byAge.toSorted((a, b) => a.readAt - b.readAt).slice(0, count - CACHED_BODIES)) {
    bodies.delete(key);
  }
}
