/**
 * Hearing of changes (RFC 8620 §7.3). One tab of an account holds the connection and tells the others; where the
 * browser cannot do that, each tab has its own. When the connection does not hold, the server is asked now and then.
 */
import type { StateChange } from '#contract/jmap/core.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failures.ts';
import { OPEN_TIMEOUT_MS, PING_SECONDS, POLL_MS, PUSH_FAILURES } from './limits.ts';
import { Listeners } from './listeners.ts';
import type { Platform } from './platform.ts';
import type { External } from './types.ts';

/** `everything`: it was not heard for a while, so anything may have changed. Otherwise the new states by type. */
export type Heard = 'everything' | Readonly<Record<string, string>>;

/** `following`: another tab listens for this one. */
export type PushStatus = 'stopped' | 'connecting' | 'listening' | 'following' | 'polling';

type PushPlatform = Pick<Platform, 'clock' | 'random' | 'openEventSource' | 'locks' | 'openChannel' | 'page'>;

export class Push implements External<PushStatus> {
  readonly heard = new Listeners<Heard>();
  readonly #connection: Connection;
  readonly #platform: PushPlatform;
  readonly #accountId: string;
  readonly #watchers = new Listeners();
  #status: PushStatus = 'stopped';
  #channel: BroadcastChannel | undefined;
  #source: EventSource | undefined;
  #failures = 0;
  #cancelTimer: (() => void) | undefined;
  #cancelPoll: (() => void) | undefined;
  #stopped = new AbortController();

  constructor(connection: Connection, platform: PushPlatform, accountId: string) {
    this.#connection = connection;
    this.#platform = platform;
    this.#accountId = accountId;
    this.#stopped.abort();
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#watchers.add(listener);

  readonly getSnapshot = (): PushStatus => this.#status;

  start(): void {
    if (!this.#stopped.signal.aborted) return;
    this.#stopped = new AbortController();
    const { signal } = this.#stopped;
    const { locks, openChannel, page } = this.#platform;
    const stopWatching = page.watch(() => this.#pageChanged());
    signal.addEventListener('abort', stopWatching, { once: true });
    const name = `campusmail push ${this.#accountId}`;
    if (locks === undefined || openChannel === undefined) {
      this.#listen();
      return;
    }
    const channel = openChannel(name);
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Heard>) => this.heard.emit(data);
    this.#setStatus('following');
    // The lock is held until this tab stops or closes; then the next one listens.
    const held = locks.request(name, { signal }, () => {
      if (signal.aborted) return undefined;
      this.#listen();
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    });
    // Rejects when it is stopped while waiting.
    held.catch(() => undefined);
  }

  stop(): void {
    this.#stopped.abort();
    this.#close();
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
    this.#channel?.close();
    this.#channel = undefined;
    this.#setStatus('stopped');
  }

  /** Opens the connection, after which everything has to be looked at: what changed before is not told. */
  #listen(): void {
    this.#close();
    if (this.#stopped.signal.aborted) return;
    if (this.#status !== 'polling') this.#setStatus('connecting');
    if (!this.#platform.page.isOnline()) return;
    void this.#open()
      .catch(failureOf)
      .then((failure) => {
        if (failure !== undefined) this.#failed();
      });
  }

  async #open(): Promise<undefined> {
    const { signal } = this.#stopped;
    const url = await this.#connection.eventSourceUrl('*', PING_SECONDS);
    if (signal.aborted || this.#source !== undefined) return;
    const source = this.#platform.openEventSource(url);
    this.#source = source;
    this.#setTimer(OPEN_TIMEOUT_MS, () => this.#failed());
    source.addEventListener('open', () => {
      this.#failures = 0;
      this.#cancelPoll?.();
      this.#cancelPoll = undefined;
      this.#setStatus('listening');
      this.#expectSign();
      this.#tell('everything');
    });
    source.addEventListener('ping', () => this.#expectSign());
    source.addEventListener('state', ({ data }: MessageEvent<string>) => {
      this.#expectSign();
      const changed = readStateChange(data)?.changed[this.#accountId];
      if (changed !== undefined) this.#tell(changed);
    });
    // The browser would try again by itself, but not after every error and not ever more slowly.
    source.addEventListener('error', () => this.#failed());
  }

  /** Silence means that the line is dead, whatever the browser believes. */
  #expectSign(): void {
    this.#setTimer(PING_SECONDS * 2500, () => this.#failed());
  }

  #failed(): void {
    this.#close();
    if (this.#stopped.signal.aborted) return;
    this.#failures += 1;
    if (this.#failures >= PUSH_FAILURES) this.#poll();
    else this.#setStatus('connecting');
    this.#setTimer(backoffMs(this.#failures, this.#platform.random), () => this.#listen());
  }

  #poll(): void {
    if (this.#cancelPoll !== undefined) return;
    this.#setStatus('polling');
    this.#cancelPoll = this.#platform.clock.after(POLL_MS, () => {
      this.#cancelPoll = undefined;
      if (this.#platform.page.isVisible()) this.#tell('everything');
      this.#poll();
    });
  }

  /** Back in front, or back online: at once, not when the next try is due. */
  #pageChanged(): void {
    const { page } = this.#platform;
    if (!page.isOnline()) {
      if (this.#status === 'following') return;
      this.#close();
      this.#setStatus('connecting');
      return;
    }
    if (!page.isVisible()) return;
    if (this.#status === 'following') this.heard.emit('everything');
    else if (this.#source === undefined) this.#listen();
    else if (this.#status === 'polling') this.#tell('everything');
  }

  #tell(heard: Heard): void {
    this.#channel?.postMessage(heard);
    this.heard.emit(heard);
  }

  #close(): void {
    this.#source?.close();
    this.#source = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #setTimer(delayMs: number, callback: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#platform.clock.after(delayMs, callback);
  }

  #setStatus(status: PushStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#watchers.emit();
  }
}

function readStateChange(text: string): StateChange | undefined {
  try {
    const change = JSON.parse(text) as StateChange;
    return typeof change.changed === 'object' ? change : undefined;
  } catch {
    return undefined;
  }
}
