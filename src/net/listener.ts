/**
 * What every engine's server does with connections: listens, counts them, turns away those beyond its limits, makes a
 * session of each other, and ends in good order. What a session says is the engine's.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import { plainAddress } from '#base/network-address.ts';

import { ConnectionCounter } from '#base/connection-counter.ts';
import { hurry } from './hurry.ts';

/** Named here so that those who only pass them on touch no sockets. */
export type { AddressInfo, Socket };

/** What the listener asks of an engine's session. */
export interface ConnectionSession {
  /** Serves the connection to its end; never rejects. */
  run(): Promise<void>;
  /** The server wants to stop: ends as soon as nothing is lost by it. */
  drain(): void;
  /** Hangs up at once. */
  destroy(): void;
}

/** Numeric, never the IPv4-mapped form, and which port of ours it came to. */
export interface ConnectionPeer {
  readonly address: string;
  readonly localPort: number;
}

export type TurnedAway = 'closing' | 'tooMany' | 'tooManyFromAddress';

export interface ListenerOptions<Session extends ConnectionSession> {
  /** `smtp`: in lines of the log, and in the metrics `campusmail_smtp_…`. */
  readonly engine: string;
  /** Of those metrics. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Connections in all, and from one IPv4 address or IPv6 /64; loopback is free of the latter. */
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Peers expect TLS from the first octet: who is turned away is told nothing. */
  readonly implicitTls: boolean;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** The session of a connection, not yet running. */
  readonly openSession: (socket: Socket, peer: ConnectionPeer) => Session;
  /** What a peer is told, line end included. */
  readonly formatRefusal: (why: TurnedAway) => string;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  /** Several threads share the port; the kernel spreads the connections. */
  readonly reusePort?: boolean;
}

export class Listener<Session extends ConnectionSession> {
  readonly #options: ListenerOptions<Session>;
  readonly #counter: ConnectionCounter;
  readonly #sessions = new Set<Session>();
  readonly #sockets = new Set<Socket>();
  readonly #servers = new Set<Server>();
  #isClosing = false;
  /** Those waiting in `close`. */
  readonly #allEnded: (() => void)[] = [];

  constructor(options: ListenerOptions<Session>) {
    this.#options = options;
    this.#counter = new ConnectionCounter(options.maxConnections, options.maxConnectionsPerAddress);
  }

  /** Those under way. */
  get sessions(): ReadonlySet<Session> {
    return this.#sessions;
  }

  /** Serves a connection to its end. Best given paused and with `allowHalfOpen`, so that nothing sent early is lost. */
  accept(socket: Socket): void {
    const { remoteAddress, localPort } = socket;
    // Gone before we saw it.
    if (remoteAddress === undefined || localPort === undefined) return void socket.destroy();
    if (this.#isClosing) return this.#turnAway(socket, 'closing');
    const { engine, labels, log, metrics } = this.#options;
    const address = plainAddress(remoteAddress);
    const entry = this.#counter.enter(address);
    if (entry !== 'ok') {
      log.info({ peer: address, entry }, `${engine} connection turned away`);
      metrics.count(`campusmail_${engine}_turned_away_total`, labels);
      return this.#turnAway(socket, entry);
    }
    metrics.count(`campusmail_${engine}_connections_total`, labels);
    metrics.gauge(`campusmail_${engine}_sessions`, 1, labels);
    const session = this.#options.openSession(socket, { address, localPort });
    this.#sessions.add(session);
    this.#sockets.add(socket);
    void session.run().then(() => {
      this.#sockets.delete(socket);
      this.#ended(session, address);
    });
  }

  /** Listens and accepts; resolves with where, rejects if that cannot be had. May be called for several addresses. */
  listen(options: ListenOptions): Promise<AddressInfo> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
      this.accept(socket);
    });
    this.#servers.add(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: options.host, port: options.port, reusePort: options.reusePort ?? false }, () => {
        server.off('error', reject);
        const { engine, log } = this.#options;
        server.on('error', (error) => log.error({ err: error }, `${engine} listener failed`));
        resolve(server.address() as AddressInfo);
      });
    });
  }

  /**
   * Stops: no new connections, and every session drains. Whoever is still there after `drainMs` is hung up on.
   * Resolves when all are gone.
   */
  async close(options: { readonly drainMs: number }): Promise<void> {
    this.#isClosing = true;
    for (const server of this.#servers) server.close();
    this.#servers.clear();
    if (this.#sessions.size === 0) return;
    const ended = new Promise<void>((resolve) => {
      this.#allEnded.push(resolve);
    });
    for (const session of this.#sessions) session.drain();
    for (const socket of this.#sockets) hurry(socket);
    const cancel = this.#options.clock.after(options.drainMs, () => {
      for (const session of this.#sessions) session.destroy();
    });
    await ended;
    cancel();
  }

  #ended(session: Session, address: string): void {
    const { engine, labels, metrics } = this.#options;
    this.#sessions.delete(session);
    this.#counter.leave(address);
    metrics.gauge(`campusmail_${engine}_sessions`, -1, labels);
    if (this.#sessions.size === 0) for (const ended of this.#allEnded.splice(0)) ended();
  }

  #turnAway(socket: Socket, why: TurnedAway): void {
    socket.on('error', () => socket.destroy());
    // In plaintext it would only break the peer's handshake.
    if (this.#options.implicitTls) return void socket.destroy();
    // Not counted and not waited for: who is turned away must not cost us a place.
    socket.end(this.#options.formatRefusal(why), () => socket.destroy());
  }
}
