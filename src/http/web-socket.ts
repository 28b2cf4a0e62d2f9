/**
 * One WebSocket (RFC 6455) on a connection that a route has taken over: texts to and fro, bounded in size, number and
 * time. Knows nothing of what the texts say.
 */
import type { Socket } from 'node:net';
import type { Clock } from '#base/clock.ts';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { HTTP_LIMITS } from './limits.ts';
import type { HttpRequest, UpgradeRoute } from './types.ts';

export interface WebSocketOptions {
  readonly protocol: string;
  readonly clock: Clock;
  /** Octets of one text; who sends more is hung up on (RFC 6455 §7.4.1: 1009). */
  readonly maxTextBytes: number;
  /** Texts at work; while there are more, no more is read. */
  readonly textsAtOnce: number;
  /** Ends it when the server does. */
  readonly signal: AbortSignal;
  /** Octets of UTF-8. Never rejects. */
  readonly onText: (octets: Buffer) => Promise<void>;
  readonly onClose: () => void;
  /** Milliseconds; see HTTP_LIMITS. */
  readonly pingEveryMs?: number;
}

/** RFC 6455 §7.4.1, those that are said here. */
export type CloseCode = 1001 | 1003 | 1008 | 1011;

export interface TextSocket {
  /** Who does not take what it is sent is hung up on. */
  send(text: string): void;
  close(code: CloseCode, reason: string): void;
}

/** Whether the client offers to speak `protocol`. */
export function offersProtocol(request: HttpRequest, protocol: string): boolean {
  const offered = request.header('sec-websocket-protocol') ?? '';
  return offered.split(',').some((name) => name.trim() === protocol);
}

/** Undefined: what was sent is no handshake, and was answered so. */
export function acceptWebSocket(
  { message, socket, head }: Parameters<UpgradeRoute['upgrade']>[1],
  options: WebSocketOptions,
): TextSocket | undefined {
  const { protocol, maxTextBytes } = options;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // What compresses to little may be much.
    perMessageDeflate: false,
    maxPayload: maxTextBytes,
    handleProtocols: () => protocol,
  });
  let accepted: TextSocket | undefined;
  server.handleUpgrade(message, socket, head, (opened) => (accepted = run(opened, socket as Socket, options)));
  return accepted;
}

function run(opened: WebSocket, socket: Socket, options: WebSocketOptions): TextSocket {
  const { clock, textsAtOnce, signal, onText, onClose, pingEveryMs = HTTP_LIMITS.socketPingMs } = options;
  let atWork = 0;
  let isAlive = true;
  let cancelPing = (): void => {};
  const text: TextSocket = {
    send(content) {
      if (opened.bufferedAmount > HTTP_LIMITS.socketWaitingBytes) opened.terminate();
      else if (opened.readyState === opened.OPEN) opened.send(content);
    },
    close(code, reason) {
      opened.close(code, reason);
    },
  };
  const ping = (): void => {
    if (!isAlive && !opened.isPaused) {
      opened.terminate();
      return;
    }
    isAlive = false;
    opened.ping();
    cancelPing = clock.after(pingEveryMs, ping);
  };
  cancelPing = clock.after(pingEveryMs, ping);
  const onAbort = (): void => text.close(1001, 'the server ends');
  signal.addEventListener('abort', onAbort, { once: true });
  // Its timer counts octets taken as signs of life.
  socket.setTimeout(HTTP_LIMITS.sendStallMs, () => {
    if (opened.bufferedAmount > 0) opened.terminate();
  });
  opened.on('pong', () => (isAlive = true));
  // What breaks the protocol is answered with its code by `ws`.
  opened.on('error', () => undefined);
  opened.on('close', () => {
    cancelPing();
    signal.removeEventListener('abort', onAbort);
    onClose();
  });
  opened.on('message', (data: RawData, isBinary: boolean) => {
    isAlive = true;
    if (isBinary) return text.close(1003, 'texts only');
    if (opened.readyState !== opened.OPEN) return;
    atWork++;
    if (atWork >= textsAtOnce) opened.pause();
    void onText(data as Buffer).then(() => {
      atWork--;
      if (opened.isPaused && atWork < textsAtOnce) opened.resume();
    });
  });
  return text;
}
