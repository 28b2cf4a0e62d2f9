/**
 * The receiving side of SMTP, LMTP and message submission as a whole: takes connections, counts them, starts a session on each, and ends
 * in good order. Which ports there are, and what becomes of mail, is decided elsewhere.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import type { Metrics } from '#base/metrics.ts';
import { PlaceCounter } from '#base/place-counter.ts';
import type { Random } from '#base/random.ts';
import { Listener } from '#net/listener.ts';
import type { AddressInfo, ListenOptions, Socket, TurnedAway } from '#net/listener.ts';
import type { ServerContexts } from '#net/start-tls.ts';
import { PeerStream } from '#net/stream.ts';

import type { Authenticate } from './authenticator.ts';
import { defaultSmtpLimits } from './limits.ts';
import type { SmtpLimits } from './limits.ts';
import { OctetBudget } from './octet-budget.ts';
import type { Receiver, SmtpPeer, SmtpReply } from './receiver.ts';
import { formatReply } from './reply.ts';
import { Session } from './session.ts';
import type { SessionSurroundings } from './session.ts';

export interface SmtpServerOptions {
  readonly protocol: SmtpPeer['protocol'];
  /** Our name in greetings and for a bare `Postmaster`. */
  readonly hostname: string;
  readonly receiver: Receiver;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics;
  /** What differs from `defaultSmtpLimits`. */
  readonly limits?: Partial<SmtpLimits>;
  /** Asked at each handshake, so that a renewed certificate serves at once. Absent: no TLS. */
  readonly tls?: ServerContexts;
  /** TLS from the first octet; needs `tls`. */
  readonly implicitTls?: boolean;
  /** No mail before STARTTLS; needs `tls`. RFC 3207 §4 forbids it on a public port 25. */
  readonly requireTls?: boolean;
  /** Who judges sign-ins; for `submission`, which takes mail from nobody else. */
  readonly authenticate?: Authenticate;
  /** Whether this address is free of `requireTls` and may send a password in plaintext; never when absent. */
  readonly allowPlaintext?: (remoteAddress: string) => boolean;
  /** Calls back when the account's sign-ins no longer hold, of a token its grant: its sessions are then ended. */
  readonly watchSignIn?: (accountId: AccountId, onRevoked: () => void, grantId?: string) => () => void;
}

const REFUSALS: Readonly<Record<TurnedAway, { readonly enhanced: string; readonly text: string }>> = {
  closing: { enhanced: '4.3.2', text: 'Shutting down' },
  tooMany: { enhanced: '4.7.0', text: 'Too many connections' },
  tooManyFromAddress: { enhanced: '4.7.0', text: 'Too many connections from your address' },
};

export function createSmtpServer(options: SmtpServerOptions): SmtpServer {
  return new SmtpServer(options);
}

export class SmtpServer {
  readonly #listener: Listener<Session>;

  constructor(options: SmtpServerOptions) {
    const { protocol, hostname, log, clock, metrics = noMetrics } = options;
    const { implicitTls = false, requireTls = false, allowPlaintext = () => false } = options;
    if ((implicitTls || requireTls) && options.tls === undefined)
      throw new TypeError('TLS wanted without a certificate');
    if (protocol === 'submission' && options.authenticate === undefined)
      throw new TypeError('submission without sign-in');
    const limits = { ...defaultSmtpLimits(protocol), ...options.limits };
    const budget = new OctetBudget(limits.maxBytesInFlight);
    const surroundings: SessionSurroundings = {
      ...options,
      limits,
      metrics,
      budget,
      accountPlaces: new PlaceCounter(limits.maxSessionsPerAccount),
      implicitTls,
      requireTls,
      allowPlaintext,
    };
    this.#listener = new Listener({
      engine: 'smtp',
      labels: { protocol },
      maxConnections: limits.maxConnections,
      maxConnectionsPerAddress: limits.maxConnectionsPerAddress,
      implicitTls,
      log,
      clock,
      metrics,
      openSession(socket, peer) {
        const session = new Session(new PeerStream(socket, clock), peer, surroundings);
        session.log.debug({ localPort: peer.localPort }, 'smtp connection');
        return session;
      },
      formatRefusal(why) {
        const { enhanced, text } = REFUSALS[why];
        const reply: SmtpReply = { code: 421, enhanced, text: `${hostname} ${text}, try again later` };
        return formatReply(reply, { utf8: false });
      },
    });
  }

  /** Sessions under way. */
  get sessionCount(): number {
    return this.#listener.sessions.size;
  }

  /**
   * The account's password has changed, or it may not sign in any more: its sessions are told so and end, a message not
   * yet whole is dropped, one given to the receiver is still answered. A sign-in under way for it will fail.
   */
  endSessionsOf(accountId: AccountId): void {
    for (const session of this.#listener.sessions) session.endIfOf(accountId);
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
   * Stops: no new connections, 421 4.3.2 to sessions outside a transaction, and to the others once theirs is over.
   * Whoever is still there after `drainMs` is hung up on. Resolves when all are gone.
   */
  close(options: { readonly drainMs: number }): Promise<void> {
    return this.#listener.close(options);
  }
}
