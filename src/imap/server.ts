/**
 * The IMAP server as a whole: takes connections, counts them, starts a session on each, looks after time limits, and
 * ends in good order. Which ports there are, who people are, and where mail is, is decided elsewhere.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { noMetrics, type Metrics } from '#base/metrics.ts';
import { PlaceCounter } from '#base/place-counter.ts';
import type { Random } from '#base/random.ts';
import type { MailAccount } from '#mail/account.ts';
import { Listener } from '#net/listener.ts';
import type { AddressInfo, ConnectionPeer, ListenOptions, Socket, TurnedAway } from '#net/listener.ts';
import type { ServerContexts } from '#net/start-tls.ts';
import type { Search } from '#search/search.ts';
import type { Authenticate } from './authenticator.ts';
import { Connection } from './connection.ts';
import { Gate } from './gate.ts';
import { CONCURRENT_TEXT_SEARCHES, DEFAULT_IMAP_LIMITS, TIMEOUT_SWEEP_MS, type ImapLimits } from './limits.ts';
import type { OthersMail } from './others.ts';
import { Session, type SessionSurroundings } from './session.ts';
import type { AssemblerLimits, LiteralRefusal } from './wire/command-assembler.ts';

export interface ImapServerOptions {
  /** Our name in greetings. */
  readonly hostname: string;
  /** Onto sign-in: an authority for each attempt, which knows the peer. */
  readonly authenticate: Authenticate;
  /**
   * The account's mail. The same object for the same account while a session uses it, so that they share its indexes;
   * its first mailboxes exist.
   */
  readonly openAccount: (accountId: AccountId, loginAddress: string) => MailAccount | Promise<MailAccount>;
  /** Calls back when what the account just signed in with no longer holds, of a token its grant; until unsubscribed. Absent: it always does. */
  readonly watchSignIn?: (accountId: AccountId, onRevoked: () => void, grantId?: string) => () => void;
  /** Absent: nobody shares anything. */
  readonly others?: OthersMail;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics?: Metrics;
  /** Spares searches the reading of messages. */
  readonly search?: Search;
  /** What differs from DEFAULT_IMAP_LIMITS. */
  readonly limits?: Partial<ImapLimits>;
  /** Asked at each handshake, so that a renewed certificate serves at once. Absent: no TLS. */
  readonly tls?: ServerContexts;
  /** TLS from the first octet; needs `tls`. */
  readonly implicitTls?: boolean;
  /** Whether a password may come from this address without TLS; never when absent. */
  readonly allowPlaintext?: (remoteAddress: string) => boolean;
}

/** Names that a literal larger than a name or a search key may follow. */
const TAKES_MESSAGES: ReadonlySet<string> = new Set(['APPEND']);

const REFUSALS: Readonly<Record<TurnedAway, string>> = {
  closing: 'Shutting down',
  tooMany: 'Too many connections',
  tooManyFromAddress: 'Too many connections from your address',
};

export class ImapServer {
  readonly #surroundings: SessionSurroundings;
  readonly #listener: Listener<Session>;
  #cancelSweep: (() => void) | undefined;

  constructor(options: ImapServerOptions) {
    const { log, clock, implicitTls = false, metrics = noMetrics, allowPlaintext = () => false, tls } = options;
    if (implicitTls && tls === undefined) throw new TypeError('TLS wanted without a certificate');
    const limits = { ...DEFAULT_IMAP_LIMITS, ...options.limits };
    this.#surroundings = {
      ...options,
      limits,
      metrics,
      implicitTls,
      allowPlaintext,
      tls,
      heldLiterals: { bytes: 0 },
      textSearches: new Gate(CONCURRENT_TEXT_SEARCHES),
      accountPlaces: new PlaceCounter(limits.sessionsPerAccount),
    };
    this.#listener = new Listener({
      engine: 'imap',
      maxConnections: limits.connections,
      maxConnectionsPerAddress: limits.connectionsPerAddress,
      implicitTls,
      log,
      clock,
      metrics,
      openSession: (socket, peer) => this.#openSession(socket, peer),
      formatRefusal: (why) => `* BYE [UNAVAILABLE] ${REFUSALS[why]}, try again later\r\n`,
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
   * Stops: no new connections, BYE to sessions at rest, and to the others once their command is over. Whoever is still
   * there after `drainMs` is hung up on. Resolves when all are gone.
   */
  close(options: { readonly drainMs: number }): Promise<void> {
    this.#cancelSweep?.();
    return this.#listener.close(options);
  }

  #openSession(socket: Socket, peer: ConnectionPeer): Session {
    const { clock } = this.#surroundings;
    const assemblerLimits = this.#assemblerLimits(() => session);
    const session: Session = new Session(new Connection(socket, peer, clock, assemblerLimits), this.#surroundings);
    this.#cancelSweep ??= clock.after(TIMEOUT_SWEEP_MS, this.#sweep);
    return session;
  }

  /** One timer for all sessions: a timer each would cost more memory than the rest of an idle session's limits. */
  readonly #sweep = (): void => {
    const nowMs = this.#surroundings.clock.monotonic();
    for (const session of this.#listener.sessions) session.sweep(nowMs);
    const goesOn = this.#listener.sessions.size > 0;
    this.#cancelSweep = goesOn ? this.#surroundings.clock.after(TIMEOUT_SWEEP_MS, this.#sweep) : undefined;
  };

  #assemblerLimits(session: () => Session): AssemblerLimits {
    const { limits, heldLiterals } = this.#surroundings;
    return {
      lineBytes: limits.commandLineBytes,
      discardedLineBytes: limits.discardedLineBytes,
      discardedLiteralBytes: limits.discardedLiteralBytes,
      judgeLiteral: (name, sizeBytes, heldBytes): LiteralRefusal | undefined => {
        const isSignedIn = session().state !== 'notAuthenticated';
        if (isSignedIn && TAKES_MESSAGES.has(name)) {
          if (sizeBytes > limits.messageBytes || heldBytes + sizeBytes > limits.appendBytes) return 'messageTooLarge';
        } else {
          const most = isSignedIn ? limits.literalBytes : limits.literalBytesBeforeLogin;
          if (heldBytes + sizeBytes > most) return 'tooLarge';
        }
        return heldLiterals.bytes + sizeBytes > limits.bytesInFlight ? 'busy' : undefined;
      },
      hold: (bytes) => {
        heldLiterals.bytes += bytes;
      },
    };
  }
}
