/**
 * A server that stops does not wait for what is only courtesy towards a peer: for a handshake to be finished, for a
 * closed connection to be closed by the peer too. The listener knows when, the streams know what they wait for; the
 * plain socket is what both know.
 */
import type { Socket } from 'node:net';

import type { Clock } from '#base/clock.ts';

import { HURRIED_LINGER_MS } from './limits.ts';

const hurried = new WeakSet<Socket>();
const waiting = new WeakMap<Socket, () => void>();

/** From now on nothing is waited for out of courtesy on this connection. */
export function hurry(plain: Socket): void {
  hurried.add(plain);
  waiting.get(plain)?.();
}

/** Calls `giveUp` when the connection is hurried, at once if it is. The answer ends the waiting; one at a time. */
export function whenHurried(plain: Socket, giveUp: () => void): () => void {
  if (hurried.has(plain)) giveUp();
  else waiting.set(plain, giveUp);
  return () => void waiting.delete(plain);
}

/** Calls `giveUp` after `lingerMs`, sooner when the connection is hurried; the answer ends the waiting. */
export function limitLinger(plain: Socket, clock: Clock, lingerMs: number, giveUp: () => void): () => void {
  let cancel = clock.after(lingerMs, giveUp);
  const stop = whenHurried(plain, () => {
    cancel();
    cancel = clock.after(Math.min(lingerMs, HURRIED_LINGER_MS), giveUp);
  });
  return () => {
    stop();
    cancel();
  };
}
