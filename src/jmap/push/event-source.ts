/** Push by event source (RFC 8620 §7.3). */
import { AccountFeeds, type FeedsSource } from './account-feeds.ts';

export interface EventOptions {
  /** Type names, or `*`. */
  readonly types: ReadonlySet<string>;
  /** The `id` of the last event that the client had before it was cut off: what it missed is told at once. */
  readonly lastEventId: string | undefined;
  readonly closeAfterState: boolean;
  /** Milliseconds between pings; 0: none. */
  readonly pingMs: number;
  readonly signal: AbortSignal;
  /** Begins to see to it that `signal` aborts when the client has signed out. */
  readonly watch: () => () => void;
}

/** What is told of a caller's accounts, as it happens: pieces of `text/event-stream`. Ends when the client is gone. */
export async function* streamEvents(source: FeedsSource, options: EventOptions): AsyncGenerator<string> {
  const { signal, pingMs } = options;
  let wake = Promise.withResolvers<void>();
  const feed = new AccountFeeds(source, options.types, () => wake.resolve());
  const unwatchSignIn = options.watch();
  const onAbort = (): void => wake.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  const pinger = pingMs === 0 ? undefined : setInterval(() => wake.resolve(), pingMs);
  try {
    await feed.start(options.lastEventId);
    // So that headers reach the client before the first news does; from where it may go on if it is cut off before that.
    yield options.lastEventId === undefined ? `: welcome\nid: ${feed.pushState}\n\n` : ': welcome\n\n';
    while (!signal.aborted) {
      if (!feed.hasNews) await wake.promise;
      wake = Promise.withResolvers<void>();
      if (signal.aborted) return;
      if (!feed.hasNews) {
        yield `event: ping\ndata: {"interval":${pingMs / 1000}}\n\n`;
        continue;
      }
      const change = await feed.take();
      if (change === undefined) continue;
      yield `event: state\nid: ${feed.pushState}\ndata: ${JSON.stringify(change)}\n\n`;
      if (options.closeAfterState) return;
    }
  } finally {
    clearInterval(pinger);
    signal.removeEventListener('abort', onAbort);
    feed.close();
    unwatchSignIn();
  }
}
