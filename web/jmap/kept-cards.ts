/** One's own contacts as the server had them last, kept in IndexedDB: they are read at once, and without a network. Never rejects: it is only a copy. */
import type { ContactCard } from '#contract/jmap/contacts.ts';
import { eraseDatabase, openDatabase, settled, written } from './database.ts';
import type { Platform } from './platform.ts';

/** `state`: RFC 8620 §5.1, what the cards are as of. */
export interface Cards {
  readonly state: string;
  readonly cards: readonly Partial<ContactCard>[];
}

export class KeptCards {
  readonly #indexedDB: IDBFactory | undefined;
  readonly #name: string;

  constructor({ indexedDB }: Pick<Platform, 'indexedDB'>, accountId: string) {
    this.#indexedDB = indexedDB;
    this.#name = `campusmail contacts ${accountId}`;
  }

  read(): Promise<Cards | undefined> {
    return this.#within(async (database) => {
      const kept: unknown = await settled(database.transaction('cards').objectStore('cards').get('all'));
      return kept as Cards | undefined;
    });
  }

  /** In place of those before. */
  async write(cards: Cards): Promise<void> {
    await this.#within(async (database) => {
      const transaction = database.transaction('cards', 'readwrite');
      transaction.objectStore('cards').put(cards, 'all');
      await written(transaction);
    });
  }

  async erase(): Promise<void> {
    if (this.#indexedDB !== undefined) await eraseDatabase(this.#indexedDB, this.#name).catch(() => undefined);
  }

  /** Open no longer than it takes: nothing stands in the way of who erases it in another tab. */
  async #within<Result>(work: (database: IDBDatabase) => Promise<Result>): Promise<Result | undefined> {
    if (this.#indexedDB === undefined) return undefined;
    try {
      const database = await openDatabase(this.#indexedDB, this.#name, ['cards']);
      try {
        return await work(database);
      } finally {
        database.close();
      }
    } catch {
      return undefined;
    }
  }
}
