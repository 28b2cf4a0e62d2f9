/**
 * POP3 as a whole: takes connections, counts them, starts a session on each, and ends in good order. Which ports there
 * are, who may sign in and where mail is kept is decided elsewhere.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import type { Metrics } from '#base/metrics.ts';
import { PlaceCounter } from '#base/place-counter.ts';
import type { Random } from '#base/random.ts';
import type { MailAccount } from '#mail/account.ts';
import { Listener } from '#net/listener.ts';
import type { AddressInfo, ListenOptions, Socket, TurnedAway } from '#net/listener.ts';
import type { ServerContexts } from '#net/start-tls.ts';
import { PeerStream } from '#net/stream.ts';

import { DEFAULT_POP3_LIMITS } from './limits.ts';
import type { Pop3Limits } from './limits.ts';
import { Session } from './session.ts';
import type { Authenticate, Pop3Peer, SessionSurroundings } from './session.ts';

export type { Authenticate, Pop3Peer };

export interface Pop3ServerOptions {
  /** Our name in greetings. */
  readonly hostname: string;
  /** Who judges a session's sign-ins; asked when the first begins. */
  readonly authenticate: Authenticate;
  /** The mail of an account that signed in. */
  readonly openAccount: (accountId: AccountId, loginAddress: string) => MailAccount | Promise<MailAccount>;
  /** Calls back when what the account just signed in with no longer holds, of a token its grant; until unsubscribed. Absent: it always does. */
  readonly watchSignIn?: (accountId: AccountId, onRevoked: () => void, grantId?: string) => () => void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics;
  /** What differs from `DEFAULT_POP3_LIMITS`. */
  readonly limits?: Partial<Pop3Limits>;
  /** Asked at each handshake, so that a renewed certificate serves at once. Absent: no TLS. */
  readonly tls?: ServerContexts;
  /** TLS from the first octet (RFC 8314 §3.3); needs `tls`. */
  readonly implicitTls?: boolean;
  /** Whether a password may come from this address without TLS; never when absent. */
  readonly allowPlaintext?: (remoteAddress: string) => boolean;
}

const REFUSALS: Readonly<Record<TurnedAway, string>> = {
  closing: 'shutting down',
  tooMany: 'too many connections',
  tooManyFromAddress: 'too many connections from your address',
};

export function createPop3Server(options: Pop3ServerOptions): Pop3Server {
  return new Pop3Server(options);
}

export class Pop3Server {
  readonly #listener: Listener<Session>;

  constructor(options: Pop3ServerOptions) {
    const { implicitTls = false, allowPlaintext = () => false, metrics = noMetrics } = options;
    if (implicitTls && options.tls === undefined) throw new TypeError('TLS wanted without a certificate');
    const limits = { ...DEFAULT_POP3_LIMITS, ...options.limits };
    const accountPlaces = new PlaceCounter<AccountId>(limits.maxSessionsPerAccount);
    const surroundings: SessionSurroundings = {
      ...options,
      limits,
      metrics,
      accountPlaces,
      implicitTls,
      allowPlaintext,
    };
    const { log, clock } = options;
    this.#listener = new Listener({
      engine: 'pop3',
      maxConnections: limits.maxConnections,
      maxConnectionsPerAddress: limits.maxConnectionsPerAddress,
      implicitTls,
      log,
      clock,
      metrics,
      openSession: (socket, peer) => new Session(new PeerStream(socket, clock), peer, surroundings),
      formatRefusal: (why) => `-ERR [SYS/TEMP] ${REFUSALS[why]}, try again later\r\n`,
    });
  }

  /** Sessions under way. */
  get sessionCount(): number {
    return this.#listener.sessions.size;
  }

  /** Serves a connection to its end. Best given paused and with `allowHalfOpen`, so that nothing sent early is lost. */
  accept(socket: Socket): void {
    this.#listener.accept(socket);
  }

  /** Listens and accepts; resolves with where, rejects if that cannot be had. */
  listen(options: ListenOptions): Promise<AddressInfo> {
    return this.#listener.listen(options);
  }

  /**
   * Stops: no new connections; sessions without deletion marks are ended at once, others after QUIT. Whoever is still
   * there after `drainMs` is hung up on, and loses nothing but time. Resolves when all are gone.
   */
  close(options: { readonly drainMs: number }): Promise<void> {
    return this.#listener.close(options);
  }
}
