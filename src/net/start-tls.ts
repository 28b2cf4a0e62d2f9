/**
 * Plaintext changed for TLS on a connection under way, as the server: after STARTTLS, or from the first octet. When to
 * do so, and what is said before and after, is the engine's.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';

import type { Clock } from '#base/clock.ts';

import { whenHurried } from './hurry.ts';

/** Named here so that those who only pass a certificate on touch no sockets. */
export type { SecureContext };

export interface TlsHandshake {
  /** What takes the plain socket's place. Listen to it at once: octets and the peer's end may come with the handshake. */
  readonly socket: TLSSocket;
  /** False if the handshake failed, took too long or was hurried; the connection is then gone. Never rejects. */
  readonly succeeded: Promise<boolean>;
}

const ignore = (): void => {};

/**
 * Begins the handshake, for which the peer has `timeoutMs`. The caller no longer listens to `plain`. Whatever came in
 * plaintext and was not yet read is thrown away: anyone may have sent it (RFC 3207 §4.2, RFC 2595 §4, CVE-2011-0411).
 */
export function startTls(plain: Socket, context: SecureContext, timeoutMs: number, clock: Clock): TlsHandshake {
  plain.pause();
  while (plain.read() !== null);
  const secure = new TLSSocket(plain, { isServer: true, secureContext: context });
  // Errors of the plain socket also come through the TLS socket; unheard, either would end the process.
  plain.on('error', ignore);
  secure.on('error', ignore);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const finish = (isSecure: boolean): void => {
    cancel();
    stopWaiting();
    secure.off('secure', succeed).off('end', fail).off('error', fail).off('close', fail);
    if (!isSecure) secure.destroy();
    resolve(isSecure);
  };
  const succeed = (): void => finish(true);
  const fail = (): void => finish(false);
  const cancel = clock.after(timeoutMs, fail);
  let stopWaiting = (): void => {};
  secure.on('secure', succeed).on('end', fail).on('error', fail).on('close', fail);
  stopWaiting = whenHurried(plain, fail);
  if (plain.destroyed) fail();
  return { socket: secure, succeeded: promise };
}
