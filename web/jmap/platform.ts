/** What the client takes from the browser, handed in so that tests own time, chance and the network. */

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** What an upload needs of XMLHttpRequest, for fetch tells nobody how far it has come. */
export type SendFile = (
  url: string,
  file: Blob,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (sentBytes: number) => void },
) => Promise<Response>;

export interface Platform {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  readonly sendFile: SendFile;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly newUuid: () => string;
  readonly openEventSource: (url: string) => EventSource;
  readonly indexedDB: IDBFactory | undefined;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  readonly locks: Pick<LockManager, 'request'> | undefined;
  readonly openChannel: ((name: string) => BroadcastChannel) | undefined;
  readonly page: Page;
}

/** The tab, and whether the machine believes to have a network. */
export interface Page {
  isVisible(): boolean;
  isOnline(): boolean;
  /** Calls back when either changes. */
  watch(listener: () => void): () => void;
}

export const browserPlatform = (): Platform => ({
  fetch: (url, init) => fetch(url, init),
  sendFile,
  clock: {
    now: () => Date.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  },
  random: () => Math.random(),
  newUuid: () => crypto.randomUUID(),
  openEventSource: (url) => new EventSource(url),
  indexedDB: globalThis.indexedDB,
  storage: globalThis.localStorage,
  locks: navigator.locks,
  openChannel: typeof BroadcastChannel === 'undefined' ? undefined : (name) => new BroadcastChannel(name),
  page: {
    isVisible: () => document.visibilityState === 'visible',
    isOnline: () => navigator.onLine,
    watch(listener) {
      const stop = new AbortController();
      const { signal } = stop;
      document.addEventListener('visibilitychange', listener, { signal });
      window.addEventListener('online', listener, { signal });
      window.addEventListener('offline', listener, { signal });
      return () => stop.abort();
    },
  },
});

const sendFile: SendFile = (url, file, { signal, onProgress }) => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const request = new XMLHttpRequest();
  request.open('POST', url);
  if (file.type !== '') request.setRequestHeader('Content-Type', file.type);
  request.upload.onprogress = (event) => onProgress?.(event.loaded);
  request.onload = () => {
    const retryAfter = request.getResponseHeader('Retry-After');
    const headers: HeadersInit = retryAfter === null ? {} : { 'Retry-After': retryAfter };
    resolve(new Response(request.responseText, { status: request.status, headers }));
  };
  request.onerror = () => reject(new TypeError('the upload was cut off'));
  request.onabort = () => reject(new DOMException('the upload was given up', 'AbortError'));
  signal?.addEventListener('abort', () => request.abort(), { once: true });
  // A request that was never sent says nothing when it is given up.
  if (signal?.aborted === true) request.onabort(new ProgressEvent('abort'));
  else request.send(file);
  return promise;
};
