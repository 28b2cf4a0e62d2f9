/** Opens connections to others: to a numeric address, within a time. Which address, and what is said there, is not ours. */
import { connect } from 'node:net';

import type { Clock } from '#base/clock.ts';

import { PeerStream } from './stream.ts';

export interface ConnectOptions {
  /** Numeric, IPv4 or IPv6: no name is looked up here. */
  readonly address: string;
  readonly port: number;
  /** Numeric address of ours to come from. */
  readonly localAddress?: string;
  readonly timeoutMs: number;
  /** Breaks the connection off, whatever it has come to. */
  readonly signal?: AbortSignal;
}

/** `local`: the fault is this machine's (no such address of ours, no descriptors left), not the peer's. */
export type ConnectProblem = 'timeout' | 'refused' | 'unreachable' | 'reset' | 'local';

export type ConnectResult =
  | { readonly kind: 'connected'; readonly stream: PeerStream }
  | { readonly kind: 'failed'; readonly why: ConnectProblem; readonly message: string };

const PROBLEMS: Readonly<Record<string, ConnectProblem>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  // A firewall of ours or on the way.
  EACCES: 'unreachable',
  EPERM: 'unreachable',
};

/** Never rejects. */
export function connectTo(options: ConnectOptions, clock: Clock): Promise<ConnectResult> {
  const { address, port, localAddress, timeoutMs, signal } = options;
  const { promise, resolve } = Promise.withResolvers<ConnectResult>();
  const socket = connect({
    host: address,
    port,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(signal === undefined ? {} : { signal }),
  });
  const fail = (why: ConnectProblem, message: string): void => {
    cancel();
    socket.destroy();
    resolve({ kind: 'failed', why, message });
  };
  const failWith = (error: NodeJS.ErrnoException): void => {
    fail(PROBLEMS[error.code ?? ''] ?? 'local', error.message);
  };
  const cancel = clock.after(timeoutMs, () => fail('timeout', `no connection within ${timeoutMs / 1000} s`));
  socket.on('error', failWith);
  socket.once('connect', () => {
    cancel();
    const stream = new PeerStream(socket, clock);
    socket.off('error', failWith);
    resolve({ kind: 'connected', stream });
  });
  return promise;
}
