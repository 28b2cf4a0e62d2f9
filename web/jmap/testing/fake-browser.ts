/** A browser for tests: time stands still until it is moved, tabs share locks and channels, nothing leaves the process. */
import { IDBFactory } from 'fake-indexeddb';
import { FakeClock } from '#base/clock.ts';
import type { Platform } from '#web/jmap/platform.ts';
import { ACCOUNT, type FakeServer } from './fake-server.ts';

type Listener = (event: { readonly data: string }) => void;

/** The line to `/jmap/events`; `server.announce()` is heard on it. */
class FakeEventSource {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #server: FakeServer;
  readonly #hear = (changed: object) => {
    this.emit('state', JSON.stringify({ '@type': 'StateChange', changed: { [ACCOUNT]: changed } }));
  };

  constructor(server: FakeServer) {
    this.#server = server;
    setImmediate(() => {
      if (server.isSilent) return undefined;
      if (!server.isReachable) return this.emit('error');
      server.heard.add(this.#hear);
      this.emit('open');
    });
  }

  addEventListener(name: string, listener: Listener): void {
    this.#listeners.set(name, (this.#listeners.get(name) ?? new Set()).add(listener));
  }

  emit(name: string, data = ''): void {
    for (const listener of this.#listeners.get(name) ?? []) listener({ data });
  }

  close(): void {
    this.#server.heard.delete(this.#hear);
    this.#listeners.clear();
  }
}

/** What the tabs of one browser share. */
export class FakeBrowser {
  readonly clock = new FakeClock();
  readonly sources: FakeEventSource[] = [];
  isOnline = true;
  readonly #server: FakeServer;
  readonly #indexedDB = new IDBFactory();
  readonly #stored = new Map<string, string>();
  readonly #channels = new Map<string, Set<FakeChannel>>();
  readonly #locks = new Map<string, Promise<unknown>>();
  readonly #watchers = new Set<() => void>();
  #uuids = 0;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  openTab(): Platform {
    return {
      fetch: this.#server.fetch,
      sendFile: this.#server.sendFile,
      clock: this.clock,
      random: () => 0,
      newUuid: () => `uuid-${++this.#uuids}`,
      openEventSource: () => {
        const source = new FakeEventSource(this.#server);
        this.sources.push(source);
        return source as unknown as EventSource;
      },
      indexedDB: this.#indexedDB,
      storage: {
        getItem: (key) => this.#stored.get(key) ?? null,
        setItem: (key, value) => void this.#stored.set(key, value),
        removeItem: (key) => void this.#stored.delete(key),
      },
      locks: { request: this.#requestLock } as unknown as LockManager,
      openChannel: (name) => new FakeChannel(this.#channels, name) as unknown as BroadcastChannel,
      page: {
        isVisible: () => true,
        isOnline: () => this.isOnline,
        watch: (listener) => {
          this.#watchers.add(listener);
          return () => void this.#watchers.delete(listener);
        },
      },
    };
  }

  /** Pulls the cable, or puts it back. */
  setOnline(isOnline: boolean): void {
    this.isOnline = isOnline;
    this.#server.isReachable = isOnline;
    for (const watcher of this.#watchers.values().toArray()) watcher();
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn++) await new Promise(setImmediate);
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  /** Locks in the order in which they are asked for; a signal takes one out of the line. */
  readonly #requestLock = async (
    name: string,
    options: { readonly signal?: AbortSignal; readonly ifAvailable?: boolean } | ((lock: object) => unknown),
    callback?: (lock: object | null) => unknown,
  ): Promise<unknown> => {
    const { signal, ifAvailable = false } = typeof options === 'function' ? {} : options;
    const run = typeof options === 'function' ? options : callback;
    const before = this.#locks.get(name);
    if (ifAvailable && before !== undefined) return run?.(null as never);
    const held = (async () => {
      await before;
      signal?.throwIfAborted();
      return run?.({ name });
    })();
    const line = held
      .catch(() => undefined)
      .then(() => {
        if (this.#locks.get(name) === line) this.#locks.delete(name);
      });
    this.#locks.set(name, line);
    return held;
  };
}

class FakeChannel {
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  readonly #members: Set<FakeChannel>;

  constructor(channels: Map<string, Set<FakeChannel>>, name: string) {
    this.#members = channels.get(name) ?? new Set();
    channels.set(name, this.#members.add(this));
  }

  postMessage(data: unknown): void {
    for (const member of this.#members) {
      if (member !== this) setImmediate(() => member.onmessage?.({ data: structuredClone(data) }));
    }
  }

  close(): void {
    this.#members.delete(this);
  }
}
