/**
 * One POP3 session: reads command lines in order, runs them, sends the responses in bursts (RFC 2449 §6.6), keeps the
 * state and the limits. What a command means is in commands/; what a maildrop is, in maildrop.ts.
 */
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { PlaceCounter } from '#base/place-counter.ts';
import { randomId } from '#base/random.ts';
import type { Random } from '#base/random.ts';
import type { MailAccount } from '#mail/account.ts';
import { LineReader } from '#net/line-reader.ts';
import type { EndlessLine } from '#net/line-reader.ts';
import type { ConnectionPeer } from '#net/listener.ts';
import type { ServerContexts } from '#net/start-tls.ts';
import type { PeerStream } from '#net/stream.ts';
import type { SaslAuthority, SaslConnection, SaslOutcome } from '#sasl/mechanism.ts';

import type { SessionState } from './command.ts';
import { describeMailError, describeSignInFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import { REPLY_BURST_LENGTH } from './limits.ts';
import type { Pop3Limits } from './limits.ts';
import { Maildrop } from './maildrop.ts';
import { findCommand, pop3Commands } from './registry.ts';
import { judgeCommandLine } from './wire/command-line.ts';
import type { CommandLine } from './wire/command-line.ts';

/** Who is at the other end, for whoever judges sign-ins and logs them. */
export interface Pop3Peer {
  readonly sessionId: string;
  /** Numeric, never the IPv4-mapped form. */
  readonly remoteAddress: string;
  readonly localPort: number;
  readonly isSecure: boolean;
  /** The server that the client named when TLS began. */
  readonly serverName: string | undefined;
}

/** One authority a session: it judges PASS and every SASL mechanism alike. */
export type Authenticate = (peer: Pop3Peer) => SaslAuthority;

/** What all sessions of a server share. */
export interface SessionSurroundings {
  /** Our name in greetings. */
  readonly hostname: string;
  readonly authenticate: Authenticate;
  readonly openAccount: (accountId: AccountId, loginAddress: string) => MailAccount | Promise<MailAccount>;
  readonly watchSignIn?: (accountId: AccountId, onRevoked: () => void, grantId?: string) => () => void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly limits: Pop3Limits;
  readonly accountPlaces: PlaceCounter<AccountId>;
  /** The certificate of the moment; absent where TLS is not offered. */
  readonly tls?: ServerContexts;
  readonly implicitTls: boolean;
  readonly allowPlaintext: (remoteAddress: string) => boolean;
}

const NOTHING = Buffer.alloc(0);

export class Session {
  /** Quoted in responses to faults, so that a person can name the session to the help desk. */
  readonly id: string;
  readonly surroundings: SessionSurroundings;
  readonly #peer: Omit<Pop3Peer, 'isSecure' | 'serverName'>;
  readonly #stream: PeerStream;
  readonly #lines: LineReader<CommandLine>;
  #log: Logger;
  /** The octets at hand, and where the unread ones begin. */
  #input: Buffer = NOTHING;
  #at = 0;
  /** What waits to be sent, in order. */
  #replies: (string | Buffer)[] = [];
  #repliesLength = 0;
  #isWaitingForCommand = false;
  #isDraining = false;
  #isOver = false;
  #isRevoked = false;
  #unwatchSignIn: (() => void) | undefined;
  #cancelSignInTimeout: (() => void) | undefined;

  /** What USER named; PASS uses it up. */
  userName: string | undefined;
  #authority: SaslAuthority | undefined;
  #accountId: AccountId | undefined;
  /** The address that signed in; empty before. */
  login = '';
  #maildrop: Maildrop | undefined;

  #errors = 0;
  #signInFailures = 0;
  #retrieved = 0;
  #retrievedBytes = 0;
  #removed = 0;

  constructor(stream: PeerStream, { address, localPort }: ConnectionPeer, surroundings: SessionSurroundings) {
    this.id = randomId(surroundings.random, 10);
    this.surroundings = surroundings;
    this.#log = surroundings.log.child({ session: this.id, peer: address });
    this.#stream = stream;
    this.#peer = { sessionId: this.id, remoteAddress: address, localPort };
    this.#lines = new LineReader(this.limits.maxAuthLineBytes, this.limits.maxDiscardedLineBytes, judgeCommandLine);
  }

  get limits(): Pop3Limits {
    return this.surroundings.limits;
  }

  get state(): SessionState {
    return this.#maildrop === undefined ? 'authorization' : 'transaction';
  }

  get isSecure(): boolean {
    return this.#stream.tls !== undefined;
  }

  /** Whether the client is gone, or we have hung up. */
  get isClosed(): boolean {
    return this.#stream.isClosed;
  }

  /** Whether a password may cross the wire as it is (RFC 8314 §3: never in the open). */
  get allowsPlaintext(): boolean {
    return this.isSecure || this.surroundings.allowPlaintext(this.#peer.remoteAddress);
  }

  get authority(): SaslAuthority {
    this.#authority ??= this.surroundings.authenticate({
      ...this.#peer,
      isSecure: this.isSecure,
      serverName: this.#stream.serverName,
    });
    return this.#authority;
  }

  /** What the connection gives to AUTH. */
  get sasl(): SaslConnection {
    const { bindChannel } = this.#stream;
    return {
      authority: this.authority,
      allowsPlaintext: this.allowsPlaintext,
      random: this.surroundings.random,
      ...(bindChannel === undefined ? {} : { bindChannel }),
    };
  }

  /** In the transaction state only. */
  get maildrop(): Maildrop {
    if (this.#maildrop === undefined) throw new Error('no maildrop before sign-in');
    return this.#maildrop;
  }

  /** The CAPA lines (RFC 2449 §5) as the session is now. */
  listCapabilities(): string[] {
    return pop3Commands.flatMap((command) => command.capabilities?.(this) ?? []);
  }

  // Life

  /** Runs the session to its end; never rejects. Resolves when the connection is closed. */
  async run(): Promise<void> {
    const { clock, hostname, implicitTls } = this.surroundings;
    this.#cancelSignInTimeout = clock.after(this.limits.signInTimeoutMs, () => this.#stream.interrupt());
    try {
      if (implicitTls && !(await this.#secure())) return;
      this.succeed(`${hostname} POP3 campusmail ready`);
      await this.#serve();
    } catch (error) {
      this.#reportFault(error);
    } finally {
      await this.#finish();
    }
  }

  /** The server wants to stop. A session with marks may still say QUIT; others lose nothing and are ended at once. */
  drain(): void {
    this.#isDraining = true;
    if (this.#isWaitingForCommand && !this.#hasMarks) this.#stream.interrupt();
  }

  /** What the session signed in with no longer holds: no further command is run, so nothing is removed either. */
  #revoke(): void {
    this.#log.info({}, 'pop3 session signed out: its account was changed');
    this.#isRevoked = true;
    if (this.#isWaitingForCommand) this.#stream.interrupt();
    else this.surroundings.clock.after(this.limits.lingerMs, () => this.destroy());
  }

  /** Hangs up at once: nothing is removed (RFC 1939 §6). */
  destroy(): void {
    this.#stream.destroy();
  }

  /** No further command is read; what was answered is still sent. */
  end(): void {
    this.#isOver = true;
  }

  get #hasMarks(): boolean {
    return (this.#maildrop?.markedCount ?? 0) > 0;
  }

  async #serve(): Promise<void> {
    while (!this.#isOver && !this.isClosed) {
      const line = await this.#nextLine();
      // RFC 3206 §4: signing in again is what helps.
      if (this.#isRevoked)
        return this.fail({ code: 'AUTH', text: 'signed out: the account or its password was changed' });
      if (this.#isDraining && !this.#hasMarks)
        return this.fail({ code: 'SYS/TEMP', text: 'shutting down, come again' });
      // RFC 1939 §3: a session that timed out ends without a word and without removing anything.
      if (line === undefined) return;
      switch (line.kind) {
        case 'line':
          await this.#runCommand(line.text, line.sizeBytes);
          break;
        case 'bad':
          this.reject(line.problem);
          break;
        case 'endless':
          return this.fail({ text: 'line too long, closing' });
      }
    }
  }

  async #runCommand(text: string, sizeBytes: number): Promise<void> {
    const blank = text.indexOf(' ');
    const verb = (blank === -1 ? text : text.slice(0, blank)).toUpperCase();
    const command = findCommand(verb);
    if (command === undefined) return this.reject('unknown command');
    if (sizeBytes > this.limits.maxCommandLineBytes && command.takesLongLines !== true)
      return this.reject('line too long');
    if (!command.states.includes(this.state)) {
      return this.reject(this.state === 'authorization' ? 'sign in first' : 'already signed in');
    }
    try {
      await command.run(this, blank === -1 ? '' : text.slice(blank + 1));
    } catch (error) {
      if (!(error instanceof MailError)) return this.#reportFault(error, verb);
      if (error.code === 'unavailable') this.#log.warn({ err: error, verb }, 'pop3 command failed');
      this.fail(describeMailError(error.code));
    }
  }

  async #finish(): Promise<void> {
    this.#cancelSignInTimeout?.();
    this.#unwatchSignIn?.();
    await this.#flush();
    if (this.#accountId !== undefined) {
      this.surroundings.accountPlaces.leave(this.#accountId);
      const { metrics } = this.surroundings;
      metrics.count('campusmail_pop3_retrieved_total', {}, this.#retrieved);
      metrics.count('campusmail_pop3_removed_total', {}, this.#removed);
      const did = { retrieved: this.#retrieved, retrievedBytes: this.#retrievedBytes, removed: this.#removed };
      this.#log.info(did, 'pop3 session ended');
    }
    this.#maildrop = undefined;
    await this.#stream.end(this.limits.lingerMs);
  }

  // Responses

  succeed(text: string): void {
    this.#add(`+OK ${text}\r\n`);
  }

  /** A negative response that is not the client's fault. */
  fail(failure: Failure): void {
    this.#add(failure.code === undefined ? `-ERR ${failure.text}\r\n` : `-ERR [${failure.code}] ${failure.text}\r\n`);
  }

  /** A negative response to something the client did wrong; too many of them end the session. */
  reject(text: string): void {
    this.#errors++;
    this.fail({ text });
    if (this.#errors < this.limits.maxErrors || this.#isOver) return;
    this.#log.info({}, 'pop3 session cut off: too many errors');
    this.end();
  }

  /** Adds to a response, whose form the caller keeps (RFC 1939 §3), and waits while the client does not take it. */
  async write(data: string | Buffer): Promise<void> {
    this.#add(data);
    if (this.#repliesLength >= REPLY_BURST_LENGTH) await this.#flush();
  }

  #add(data: string | Buffer): void {
    const last = this.#replies.length - 1;
    const before = this.#replies[last];
    if (typeof before === 'string' && typeof data === 'string') this.#replies[last] = before + data;
    else this.#replies.push(data);
    this.#repliesLength += data.length;
  }

  async #flush(): Promise<void> {
    if (this.#repliesLength === 0) return;
    const burst = this.#replies;
    this.#replies = [];
    this.#repliesLength = 0;
    await this.#stream.write(burst, this.limits.writeTimeoutMs);
  }

  /** A bug or an outage: somebody reads the log, the client comes again. */
  #reportFault(error: unknown, verb?: string): void {
    this.#log.error({ err: error, verb }, 'pop3 fault');
    this.surroundings.metrics.count('campusmail_pop3_faults_total');
    this.fail({ code: 'SYS/TEMP', text: `internal fault, try again later (session ${this.id})` });
    this.end();
  }

  // Reading

  /** The client's answer to a SASL challenge; undefined if the session is over instead. */
  async nextAnswer(): Promise<string | undefined> {
    const line = await this.#nextLine();
    switch (line?.kind) {
      case 'line':
        return line.text;
      case 'bad':
        // Not base64 in any case: the exchange ends by it.
        return '\0';
      case 'endless':
      case undefined:
        this.end();
        return undefined;
    }
  }

  async #nextLine(): Promise<CommandLine | EndlessLine | undefined> {
    let cancel: (() => void) | undefined;
    try {
      for (;;) {
        if (this.#at < this.#input.length) {
          this.#at = this.#lines.push(this.#input, this.#at);
          if (this.#lines.line !== undefined) {
            if (this.#repliesLength >= REPLY_BURST_LENGTH) await this.#flush();
            return this.#lines.line;
          }
        }
        if (!this.#stream.hasWaiting) {
          await this.#flush();
          cancel ??= this.surroundings.clock.after(this.limits.idleTimeoutMs, () => this.#stream.interrupt());
          if (this.#isRevoked || (this.#isDraining && !this.#hasMarks)) return undefined;
        }
        this.#input = NOTHING;
        this.#at = 0;
        this.#isWaitingForCommand = true;
        const chunk = await this.#stream.read();
        this.#isWaitingForCommand = false;
        if (chunk === undefined) return undefined;
        this.#input = chunk;
      }
    } finally {
      cancel?.();
    }
  }

  // What commands do

  /** Sends the response already given and changes to TLS; the session is then as at its beginning (RFC 2595 §4). */
  async startTls(): Promise<void> {
    await this.#flush();
    // Octets behind STLS were sent in plaintext, by anyone: they never become commands.
    this.#input = NOTHING;
    this.#at = 0;
    this.#lines.clear();
    this.userName = undefined;
    this.#authority = undefined;
    if (!(await this.#secure())) this.end();
  }

  async #secure(): Promise<boolean> {
    const { tls } = this.surroundings;
    if (tls !== undefined && (await this.#stream.startTls(tls, this.limits.handshakeTimeoutMs))) return true;
    this.#log.info({}, 'pop3 tls handshake failed');
    this.surroundings.metrics.count('campusmail_pop3_tls_failures_total');
    this.#stream.destroy();
    return false;
  }

  /** What PASS or AUTH came to: opens the maildrop, or says why not. */
  async finishSignIn(outcome: SaslOutcome): Promise<void> {
    this.userName = undefined;
    const { accountPlaces } = this.surroundings;
    if (!outcome.ok) {
      this.fail(describeSignInFailure(outcome));
      this.#signInFailures++;
      if (this.#signInFailures >= this.limits.maxSignInFailures) this.end();
      return;
    }
    const { accountId, loginAddress, grantId } = outcome;
    if (!accountPlaces.enter(accountId)) {
      return this.fail({ code: 'IN-USE', text: 'too many sessions of this account, try again later' });
    }
    this.#unwatchSignIn = this.surroundings.watchSignIn?.(accountId, () => this.#revoke(), grantId);
    try {
      this.#maildrop = await Maildrop.open(await this.surroundings.openAccount(accountId, loginAddress));
    } catch (error) {
      this.#unwatchSignIn?.();
      accountPlaces.leave(accountId);
      throw error;
    }
    this.#accountId = accountId;
    this.login = loginAddress;
    this.#cancelSignInTimeout?.();
    this.#log = this.#log.child({ accountId });
    this.#log.info({ loginAddress, messages: this.maildrop.length }, 'pop3 sign-in');
    this.succeed(`signed in, ${this.maildrop.presentCount} messages`);
  }

  noteRetrieved(sizeBytes: number): void {
    this.#retrieved++;
    this.#retrievedBytes += sizeBytes;
  }

  noteRemoved(count: number): void {
    this.#removed += count;
  }
}
