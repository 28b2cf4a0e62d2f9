/** IndexedDB with promises: what the cache and the outbox keep in the browser. */

/** Rejects with the browser's reason: no room, or none allowed. */
export async function openDatabase(factory: IDBFactory, name: string, stores: readonly string[]): Promise<IDBDatabase> {
  const opening = factory.open(name, 1);
  opening.onupgradeneeded = () => {
    for (const store of stores) opening.result.createObjectStore(store);
  };
  const database = await settled(opening);
  // Another tab erases it.
  database.onversionchange = () => database.close();
  return database;
}

export async function eraseDatabase(factory: IDBFactory, name: string): Promise<void> {
  await settled(factory.deleteDatabase(name));
}

export function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  return promise;
}

/** Settles when the transaction is written. */
export function written(transaction: IDBTransaction): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up'));
  return promise;
}
