/**
 * Plaintext changed for TLS on a connection under way, as the server or as the client: after STARTTLS, or from the
 * first octet. When to do so, what is said before and after, and whether a server's certificate will do, is the
 * engine's.
 */
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect, createSecureContext, getCACertificates, TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';

import type { Clock } from '#base/clock.ts';

import { whenHurried } from './hurry.ts';
import { MAX_CHAIN_CERTIFICATES } from './limits.ts';

/** Named here so that those who only pass a certificate on touch no sockets. */
export type { SecureContext };

/**
 * What to serve with, by the server that the client names (SNI, RFC 6066 §3); undefined when it names none. Asked at each
 * handshake; may throw, and then there is none.
 */
export type ServerContexts = (serverName: string | undefined) => SecureContext;

/** Why there is no TLS; `message` is OpenSSL's or the system's, of no fixed form. */
export interface TlsFailure {
  readonly kind: 'failed';
  readonly why: 'timeout' | 'closed' | 'handshake';
  readonly message: string;
}

export interface TlsHandshake {
  /** What takes the plain socket's place. Listen to it at once: octets and the peer's end may come with the handshake. */
  readonly socket: TLSSocket;
  /** Resolves with undefined when it succeeded; after a failure, or when hurried, the connection is gone. Never rejects. */
  readonly failure: Promise<TlsFailure | undefined>;
}

export interface TlsClientOptions {
  /** What to trust; see `createTrust`. Absent: what this Node trusts. */
  readonly trust?: SecureContext;
  /** Which server of those behind the address is meant (SNI, RFC 6066 §3); numeric addresses are not sent. */
  readonly serverName?: string;
}

/** What is known of a server once TLS stands. Nobody has judged it yet. */
export interface TlsServer {
  readonly kind: 'secured';
  /** `TLSv1.3`. */
  readonly version: string;
  /** As IANA names it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** What it presented, each DER, its own certificate first; empty without a certificate. */
  readonly chain: readonly Buffer[];
  /** Why the chain is not valid by what we trust, in OpenSSL's words (`CERT_HAS_EXPIRED`); names are not looked at. */
  readonly chainError: string | undefined;
}

const ignore = (): void => {};

/**
 * Begins the handshake as the server, for which the peer has `timeoutMs`. The caller no longer listens to `plain`.
 * Whatever came in plaintext and was not yet read is thrown away: anyone may have sent it (RFC 3207 §4.2, RFC 2595 §4,
 * CVE-2011-0411).
 */
export function startTls(plain: Socket, contexts: ServerContexts, timeoutMs: number, clock: Clock): TlsHandshake {
  discardWaiting(plain);
  const socket = new TLSSocket(plain, {
    isServer: true,
    secureContext: contexts(undefined),
    SNICallback: (name, callback) => callback(null, contexts(name)),
  });
  return { socket, failure: finishHandshake(plain, socket, timeoutMs, clock) };
}

/** The same as the client. The handshake succeeds with any certificate: `describeServer` says what it was. */
export function startTlsAsClient(
  plain: Socket,
  options: TlsClientOptions,
  timeoutMs: number,
  clock: Clock,
): TlsHandshake {
  discardWaiting(plain);
  const { trust, serverName } = options;
  const socket = connect({
    socket: plain,
    secureContext: trust ?? (defaultTrust ??= createSecureContext()),
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName }),
  });
  return { socket, failure: finishHandshake(plain, socket, timeoutMs, clock) };
}

/** Made once: it takes some milliseconds, and no connection changes it. */
let defaultTrust: SecureContext | undefined;

/** What this Node trusts and `extraCas` (PEM) besides. Takes some ten milliseconds: to be made once and kept. */
export function createTrust(extraCas: readonly string[]): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), ...extraCas] });
}

/** Of a socket whose handshake as the client has succeeded. */
export function describeServer(socket: TLSSocket): TlsServer {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < MAX_CHAIN_CERTIFICATES) {
    // A self-signed certificate is its own issuer.
    if (chain.at(-1)?.equals(certificate.raw) === true) break;
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  // Declared as an Error; it is the code.
  const chainError = socket.authorizationError as unknown as string | Error | null | undefined;
  return {
    kind: 'secured',
    version: socket.getProtocol() ?? 'TLS',
    cipher: socket.getCipher().standardName,
    chain,
    chainError: chainError === null || chainError === undefined ? undefined : String(chainError),
  };
}

function discardWaiting(plain: Socket): void {
  plain.pause();
  while (plain.read() !== null);
}

function finishHandshake(
  plain: Socket,
  secure: TLSSocket,
  timeoutMs: number,
  clock: Clock,
): Promise<TlsFailure | undefined> {
  // Errors of the plain socket also come through the TLS socket; unheard, either would end the process.
  plain.on('error', ignore);
  secure.on('error', ignore);
  const { promise, resolve } = Promise.withResolvers<TlsFailure | undefined>();
  const finish = (failure: TlsFailure | undefined): void => {
    cancel();
    stopWaiting();
    secure.off('secure', succeed).off('end', close).off('error', fail).off('close', close);
    if (failure !== undefined) secure.destroy();
    resolve(failure);
  };
  const succeed = (): void => finish(undefined);
  const close = (): void => finish({ kind: 'failed', why: 'closed', message: 'closed during the TLS handshake' });
  const fail = (error: NodeJS.ErrnoException): void => {
    const isOfTls = error.code?.startsWith('ERR_SSL') === true || error.code === 'EPROTO';
    finish({ kind: 'failed', why: isOfTls ? 'handshake' : 'closed', message: error.message.trim() });
  };
  const cancel = clock.after(timeoutMs, () => {
    finish({ kind: 'failed', why: 'timeout', message: 'TLS handshake timed out' });
  });
  let stopWaiting = (): void => {};
  secure.on('secure', succeed).on('end', close).on('error', fail).on('close', close);
  stopWaiting = whenHurried(plain, close);
  if (plain.destroyed) close();
  return promise;
}
