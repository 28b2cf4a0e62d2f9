/**
 * What is being written in a tab and the server has not got yet: kept in IndexedDB, so that it outlives the tab, and held by
 * a lock, so that other tabs know that somebody is at it. Never rejects: without room or locks there is no shelf.
 */
import { eraseDatabase, openDatabase, settled, written } from './database.ts';
import type { Platform } from './platform.ts';

export interface Shelved {
  readonly id: string;
  /** What can be cloned. */
  readonly value: unknown;
  /** By ids of its own: written once, however often the rest changes. */
  readonly files: ReadonlyMap<string, Blob>;
}

interface Row {
  readonly value: unknown;
  readonly fileIds: readonly string[];
}

export class Shelf {
  readonly #platform: Pick<Platform, 'indexedDB' | 'locks'>;
  readonly #name: string;
  #database: IDBDatabase | undefined;
  /** Ends each lock that this tab holds. */
  readonly #held = new Map<string, () => void>();
  /** Files that are written already, by what they belong to. */
  readonly #fileIds = new Map<string, Set<string>>();

  constructor(platform: Pick<Platform, 'indexedDB' | 'locks'>, accountId: string) {
    this.#platform = platform;
    this.#name = `campusmail shelf ${accountId}`;
  }

  async open(): Promise<void> {
    const { indexedDB } = this.#platform;
    if (indexedDB === undefined) return;
    this.#database = await openDatabase(indexedDB, this.#name, ['rows', 'files']).catch(() => undefined);
  }

  /** Takes something in hand until `release` or the end of the tab; `false`: another tab has it. */
  async take(id: string): Promise<boolean> {
    const { locks } = this.#platform;
    if (locks === undefined || this.#held.has(id)) return true;
    const { promise: answer, resolve } = Promise.withResolvers<boolean>();
    const request = locks.request(`${this.#name} ${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      if (lock === null) return undefined;
      const { promise: end, resolve: release } = Promise.withResolvers<void>();
      this.#held.set(id, release);
      return end;
    });
    // Refused altogether, as in a page that is being closed.
    request.catch(() => resolve(true));
    return answer;
  }

  release(id: string): void {
    this.#held.get(id)?.();
    this.#held.delete(id);
  }

  /** In place of what was there under its id. */
  async put({ id, value, files }: Shelved): Promise<void> {
    const known = this.#fileIds.get(id) ?? new Set();
    this.#fileIds.set(id, known);
    await this.#write((rows, octets) => {
      rows.put({ value, fileIds: [...files.keys()] } satisfies Row, id);
      for (const [fileId, file] of files) if (!known.has(fileId)) octets.put(file, `${id} ${fileId}`);
      for (const fileId of known) if (!files.has(fileId)) octets.delete(`${id} ${fileId}`);
    });
    this.#fileIds.set(id, new Set(files.keys()));
  }

  async drop(id: string): Promise<void> {
    const fileIds = this.#fileIds.get(id);
    if (fileIds === undefined) return;
    this.#fileIds.delete(id);
    await this.#write((rows, octets) => {
      rows.delete(id);
      for (const fileId of fileIds) octets.delete(`${id} ${fileId}`);
    });
  }

  /** What was left by tabs that are gone, taken in hand. */
  async recover(): Promise<readonly Shelved[]> {
    try {
      if (this.#database === undefined) return [];
      const rows = this.#database.transaction('rows').objectStore('rows');
      const recovered: Shelved[] = [];
      for (const id of (await settled(rows.getAllKeys())).map(String)) {
        if (this.#fileIds.has(id) || !(await this.take(id))) continue;
        const item = await this.#read(id);
        if (item === undefined) this.release(id);
        else recovered.push(item);
      }
      return recovered;
    } catch {
      return [];
    }
  }

  /** Nothing stays in this browser. */
  async erase(): Promise<void> {
    this.#database?.close();
    this.#database = undefined;
    for (const id of this.#held.keys()) this.release(id);
    const { indexedDB } = this.#platform;
    if (indexedDB !== undefined) await eraseDatabase(indexedDB, this.#name).catch(() => undefined);
  }

  /** Undefined: another tab has seen to it meanwhile. */
  async #read(id: string): Promise<Shelved | undefined> {
    const transaction = this.#database?.transaction(['rows', 'files']);
    if (transaction === undefined) return undefined;
    const row = (await settled(transaction.objectStore('rows').get(id))) as Row | undefined;
    if (row === undefined) return undefined;
    const octets = transaction.objectStore('files');
    const files = new Map<string, Blob>();
    for (const fileId of row.fileIds) {
      const file = (await settled(octets.get(`${id} ${fileId}`))) as Blob | undefined;
      if (file !== undefined) files.set(fileId, file);
    }
    this.#fileIds.set(id, new Set(row.fileIds));
    return { id, value: row.value, files };
  }

  async #write(change: (rows: IDBObjectStore, files: IDBObjectStore) => void): Promise<void> {
    try {
      const transaction = this.#database?.transaction(['rows', 'files'], 'readwrite');
      if (transaction === undefined) return;
      change(transaction.objectStore('rows'), transaction.objectStore('files'));
      await written(transaction);
    } catch {
      // No room: it lasts as long as the tab.
    }
  }
}
