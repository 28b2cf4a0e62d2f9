/** JMAP over one WebSocket (RFC 8887): requests, answered as they are done, and push in between. */
import { check } from '#contract/jmap/values.ts';
import {
  SocketMessage,
  type SocketRequestError,
  type SocketResponse,
  type SocketStateChange,
} from '#contract/jmap/web-socket.ts';
import type { Request, Response } from '#contract/jmap/core.ts';
import { isMailError } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import type { TextSocket } from '#http/web-socket.ts';
import { AccountFeeds, type FeedsSource } from '#jmap/push/account-feeds.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { RequestError } from './errors.ts';
import { checkRequest, parseJson } from './read-request.ts';

export interface JmapSocketParts {
  readonly source: FeedsSource;
  /** Throws RequestError. */
  readonly process: (request: Request) => Promise<Response>;
  readonly log: Logger;
}

export class JmapSocket {
  readonly #parts: JmapSocketParts;
  readonly #socket: () => TextSocket | undefined;
  #feed: AccountFeeds | undefined;
  /** What is asked after push is enabled waits for that, or what it changes would not be told. Never rejects. */
  #enabled: Promise<void> = Promise.resolve();

  /** `socket`: where to answer; undefined once there is nobody any more. */
  constructor(parts: JmapSocketParts, socket: () => TextSocket | undefined) {
    this.#parts = parts;
    this.#socket = socket;
  }

  close(): void {
    this.#feed?.close();
    this.#feed = undefined;
  }

  /** Takes what the client sent. Never rejects: what is wrong is answered. */
  async take(octets: Buffer): Promise<void> {
    let requestId: string | null = null;
    try {
      const value = parseJson(octets);
      const message = checkMessage(value);
      switch (message['@type']) {
        case 'Request': {
          requestId = message.id;
          await this.#enabled;
          const response = await this.#parts.process(checkRequest(value));
          this.#send({ '@type': 'Response', ...(requestId === null ? {} : { requestId }), ...response });
          break;
        }
        case 'WebSocketPushEnable': {
          const enabling = this.#enabled.then(() => this.#enablePush(message));
          this.#enabled = enabling.catch(() => undefined);
          await enabling;
          break;
        }
        case 'WebSocketPushDisable':
          await this.#enabled;
          this.close();
      }
    } catch (error) {
      this.#send(this.#explain(error, requestId));
    }
  }

  /** RFC 8887 §4.3.5.2. In place of what was enabled before. */
  async #enablePush({ dataTypes, pushState }: SocketMessage & { '@type': 'WebSocketPushEnable' }): Promise<void> {
    this.close();
    const types = new Set(dataTypes?.slice(0, JMAP_LIMITS.pushTypes) ?? ['*']);
    let isTelling = true;
    const tell = async (): Promise<void> => {
      if (isTelling) return;
      isTelling = true;
      try {
        while (feed.hasNews && this.#feed === feed) {
          const change = await feed.take();
          if (change !== undefined && this.#feed === feed) this.#send({ ...change, pushState: feed.pushState });
        }
      } catch (error) {
        this.#parts.log.warn({ err: error, accountId: this.#parts.source.accountId }, 'changes could not be told');
        // It comes again, and says from where to go on.
        this.#socket()?.close(1011, 'try again');
      } finally {
        isTelling = false;
      }
    };
    const feed = new AccountFeeds(this.#parts.source, types, () => void tell());
    this.#feed = feed;
    await feed.start(pushState ?? undefined);
    isTelling = false;
    await tell();
  }

  #send(message: SocketResponse | SocketRequestError | SocketStateChange): void {
    this.#socket()?.send(JSON.stringify(message));
  }

  #explain(error: unknown, requestId: string | null): SocketRequestError {
    const own = { '@type': 'RequestError', requestId } as const;
    if (error instanceof RequestError) {
      const { type, status, message, limit } = error;
      return { ...own, type, status, detail: message, ...(limit === undefined ? {} : { limit }) };
    }
    if (isMailError(error, 'limit')) return { ...own, type: 'about:blank', status: 429, detail: error.message };
    if (isMailError(error, 'unavailable')) {
      return { ...own, type: 'about:blank', status: 503, detail: 'not now: try again' };
    }
    const { log, source } = this.#parts;
    log.error({ err: error, accountId: source.accountId }, 'a request by WebSocket failed');
    return { ...own, type: 'about:blank', status: 500, detail: 'the server met a fault, which was logged' };
  }
}

function checkMessage(value: unknown): SocketMessage {
  const result = check(SocketMessage, value);
  if (!result.ok) throw new RequestError('urn:ietf:params:jmap:error:notRequest', result.why);
  return result.value;
}
