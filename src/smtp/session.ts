/**
 * One session of SMTP, LMTP or submission: reads command lines in order, runs them, sends the replies in bursts, keeps the
 * transaction and the limits. What a command means is in commands/; what becomes of mail is the receiver's.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { PlaceCounter } from '#base/place-counter.ts';
import { randomId } from '#base/random.ts';
import type { Random } from '#base/random.ts';
import type { EndlessLine } from '#net/line-reader.ts';
import type { ConnectionPeer } from '#net/listener.ts';
import type { ServerContexts } from '#net/start-tls.ts';
import type { PeerStream } from '#net/stream.ts';
import type { SaslConnection, SaslOutcome } from '#sasl/mechanism.ts';

import { signInRefusal } from './authenticator.ts';
import type { Authenticate } from './authenticator.ts';
import type { SessionState } from './command.ts';
import { REPLY_BURST_CHARS } from './limits.ts';
import type { SmtpLimits } from './limits.ts';
import { MessageIntake } from './message-intake.ts';
import type { OctetBudget } from './octet-budget.ts';
import type { ForwardPath, Receiver, ReversePath, SmtpPeer, SmtpReply, SmtpTransaction } from './receiver.ts';
import { findCommand, listCommands } from './registry.ts';
import { chooseReply, formatReply, isFinalReply, isSuccess } from './reply.ts';
import { SessionInput } from './session-input.ts';
import type { CommandLine } from './wire/command-line.ts';

/** What all sessions of a server share. */
export interface SessionSurroundings {
  readonly protocol: SmtpPeer['protocol'];
  /** Our name in greetings. */
  readonly hostname: string;
  readonly receiver: Receiver;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly limits: SmtpLimits;
  readonly budget: OctetBudget;
  readonly accountPlaces: PlaceCounter<AccountId>;
  /** The certificate of the moment; absent where TLS is not offered. */
  readonly tls?: ServerContexts;
  readonly implicitTls: boolean;
  readonly requireTls: boolean;
  readonly authenticate?: Authenticate;
  readonly allowPlaintext: (remoteAddress: string) => boolean;
  /** Calls back when the account's sign-ins no longer hold; answers how to stop listening. */
  readonly watchSignIn?: (accountId: AccountId, onRevoked: () => void, grantId?: string) => () => void;
}

/** The mutable side of an SmtpTransaction. */
interface OpenTransaction extends SmtpTransaction {
  readonly forwardPaths: ForwardPath[];
}

/** Web browsers can be made to send these to any port; a mail client never does (as Postfix's smtpd_forbidden_commands). */
const WEB_VERBS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT']);

export class Session {
  /** Quoted in replies to faults, so that a person can name the session to the help desk. */
  readonly id: string;
  readonly surroundings: SessionSurroundings;
  log: Logger;
  readonly #stream: PeerStream;
  readonly #remoteAddress: string;
  readonly #localPort: number;
  readonly #input: SessionInput;
  #replies = '';
  #isDraining = false;
  #isOver = false;

  #peer: SmtpPeer;
  #isExtended = false;
  /** Who signed in. */
  #account: SmtpPeer['account'];
  #unwatchSignIn: (() => void) | undefined;
  /** While a sign-in is under way: the accounts whose sessions were ended since it began. */
  #endedMeanwhile: Set<AccountId> | undefined;
  #transaction: OpenTransaction | undefined;
  /** The message coming in for it, from DATA or the first BDAT on. */
  #intake: MessageIntake | undefined;

  #commands = 0;
  #commandsWithoutMail = 0;
  #errors = 0;
  #signInFailures = 0;
  #refusedRecipients = 0;
  #transactions = 0;

  constructor(stream: PeerStream, { address, localPort }: ConnectionPeer, surroundings: SessionSurroundings) {
    this.id = randomId(surroundings.random, 10);
    this.surroundings = surroundings;
    this.log = surroundings.log.child({ session: this.id, peer: address });
    this.#stream = stream;
    this.#remoteAddress = address;
    this.#localPort = localPort;
    this.#input = new SessionInput(stream, surroundings.clock, this.limits, () => this.#flush());
    this.#peer = this.#describePeer('', false);
  }

  get protocol(): SmtpPeer['protocol'] {
    return this.surroundings.protocol;
  }

  get limits(): SmtpLimits {
    return this.surroundings.limits;
  }

  get isSecure(): boolean {
    return this.#peer.tls !== undefined;
  }

  get isSignedIn(): boolean {
    return this.#account !== undefined;
  }

  /** Whether TLS must come before all else. */
  get needsTls(): boolean {
    return this.surroundings.requireTls && !this.#allowsPlaintext;
  }

  get #allowsPlaintext(): boolean {
    return this.isSecure || this.surroundings.allowPlaintext(this.#remoteAddress);
  }

  /** What the connection gives to AUTH. */
  get sasl(): SaslConnection {
    const { authenticate, random } = this.surroundings;
    if (authenticate === undefined) throw new Error('nobody judges sign-ins on this port');
    const { bindChannel } = this.#stream;
    return {
      authority: authenticate(this.#peer),
      allowsPlaintext: this.#allowsPlaintext,
      random,
      ...(bindChannel === undefined ? {} : { bindChannel }),
    };
  }

  get state(): SessionState {
    if (this.#peer.helo === '') return 'connected';
    if (this.#transaction === undefined) return 'ready';
    if (this.#intake !== undefined) return 'chunks';
    return this.#transaction.forwardPaths.length > 0 ? 'rcpt' : 'mail';
  }

  /** The open transaction's reverse-path; undefined outside a transaction. */
  get reversePath(): ReversePath | undefined {
    return this.#transaction?.reversePath;
  }

  get recipientCount(): number {
    return this.#transaction?.forwardPaths.length ?? 0;
  }

  /** The EHLO lines of the commands, as the session is now. */
  listKeywords(): readonly string[] {
    return [...listCommands(this.protocol)].flatMap((command) => command.keywords?.(this) ?? []);
  }

  listVerbs(): readonly string[] {
    return [...listCommands(this.protocol)].map((command) => command.verb);
  }

  // Life

  /** Runs the session to its end; never rejects. Resolves when the connection is closed. */
  async run(): Promise<void> {
    try {
      if (this.surroundings.implicitTls && !(await this.#secure(this.#contexts()))) return;
      this.reply(
        220,
        undefined,
        `${this.surroundings.hostname} ${this.protocol === 'lmtp' ? 'LMTP' : 'ESMTP'} campusmail`,
      );
      await this.#serve();
    } catch (error) {
      // A bug in the engine itself: the peer comes again, and somebody reads the log.
      this.log.error({ err: error }, 'smtp session failed');
      this.surroundings.metrics.count('campusmail_smtp_faults_total', { protocol: this.protocol });
      this.reply(421, '4.3.0', `${this.surroundings.hostname} Local fault, closing (session ${this.id})`);
    } finally {
      this.reset();
      this.#signOut();
      await this.#flush();
      await this.#stream.end(this.limits.lingerMs);
    }
  }

  /** The server wants to stop: says goodbye as soon as no transaction is open. */
  drain(): void {
    this.#isDraining = true;
    if (this.#input.isWaitingForCommand && this.#transaction === undefined) this.#input.interrupt('drain');
  }

  /** Ends the session if it is signed in to that account, and keeps a sign-in under way from coming to that. */
  endIfOf(accountId: AccountId): void {
    if (this.#account?.accountId === accountId) this.#input.interrupt('signedOut');
    else this.#endedMeanwhile?.add(accountId);
  }

  /** Hangs up at once. */
  destroy(): void {
    this.#stream.destroy();
  }

  /** No further command is read; what was replied is still sent. */
  end(): void {
    this.#isOver = true;
  }

  async #serve(): Promise<void> {
    while (!this.#isOver && !this.#stream.isClosed) {
      if (this.#isDraining && this.#transaction === undefined) return this.#sayGoodbye('4.3.2', 'Shutting down');
      if (this.#replies.length > REPLY_BURST_CHARS) await this.#flush();
      const text = await this.#nextLine();
      if (text !== undefined) await this.#runCommand(text);
      this.#commands += 1;
      this.#checkPatience();
    }
  }

  /** The next line; undefined if it is none, which is answered, or if the session is over. */
  async #nextLine(): Promise<string | undefined> {
    // Whoever is signed out gets no further, however many commands wait.
    const line = this.#input.ending === undefined ? await this.#input.nextLine() : undefined;
    if (line?.kind === 'line') return line.text;
    if (line === undefined) this.#explainEnding();
    else this.#refuseLine(line);
    return undefined;
  }

  #refuseLine(line: Exclude<CommandLine, { kind: 'line' }> | EndlessLine): void {
    switch (line.kind) {
      case 'bad':
        this.fail(500, '5.5.2', line.text);
        break;
      case 'bareLf':
        // As Postfix's smtpd_forbid_bare_newline=reject: one who counts lines otherwise than we do gets no further.
        this.log.warn({}, 'command line ended by a bare LF');
        this.surroundings.metrics.count('campusmail_smtp_bare_line_ends_total', { protocol: this.protocol });
        this.reply(500, '5.5.2', 'Bare <LF> in a command (RFC 5321 section 2.3.8), closing');
        this.end();
        break;
      case 'endless':
        this.reply(500, '5.5.2', 'Line too long, closing');
        this.end();
        break;
    }
  }

  async #runCommand(line: string): Promise<void> {
    // RFC 5321 §4.1.1: trailing white space is tolerated.
    const text = line.trimEnd();
    const blank = text.search(/[ \t]/);
    const verb = (blank === -1 ? text : text.slice(0, blank)).toUpperCase();
    const argument = blank === -1 ? '' : text.slice(blank + 1).trimStart();
    const command = findCommand(this.protocol, verb);
    const isTooLong = Buffer.byteLength(line) + 2 > this.limits.maxCommandLineBytes;
    if (isTooLong && command?.takesLongLines !== true) return this.fail(500, '5.5.2', 'Line too long');
    if (command?.movesMail !== true) this.#commandsWithoutMail += 1;
    if (command === undefined) {
      this.fail(500, '5.5.1', 'Command not recognized');
      if (WEB_VERBS.has(verb)) this.end();
      return;
    }
    if (this.needsTls && command.beforeTls !== true) {
      this.fail(530, '5.7.0', 'Must issue a STARTTLS command first');
      return;
    }
    if (this.protocol === 'submission' && !this.isSignedIn && command.beforeAuth !== true) {
      this.fail(530, '5.7.0', 'Authentication required');
      return;
    }
    if (!command.states.includes(this.state)) {
      if (command.movesMail !== true) this.#errors += 1;
      this.reply(503, '5.5.1', explainState(this.state, verb));
      return;
    }
    await command.run(this, argument);
  }

  #checkPatience(): void {
    if (this.#isOver) return;
    const { limits } = this;
    let reason: string | undefined;
    if (this.#errors > limits.maxErrors) reason = 'Too many errors';
    else if (this.#signInFailures >= limits.maxSignInFailures) reason = 'Too many failed sign-ins';
    else if (this.#refusedRecipients > limits.maxRefusedRecipients) reason = 'Too many unknown recipients';
    else if (this.#commandsWithoutMail > limits.maxCommandsWithoutMail) reason = 'Too many commands without mail';
    else if (this.#commands > limits.maxCommands) reason = 'Too many commands';
    if (reason === undefined) return;
    this.log.info({ reason }, 'smtp session cut off');
    this.surroundings.metrics.count('campusmail_smtp_cut_off_total', { protocol: this.protocol });
    this.#sayGoodbye('4.7.0', reason);
  }

  #sayGoodbye(enhanced: string, reason: string): void {
    this.reply(421, enhanced, `${this.surroundings.hostname} ${reason}, closing`);
    this.end();
  }

  // Replies

  /** Adds a reply to the burst. `enhanced` is absent only where RFC 2034 §4 has none: 220 greeting, EHLO, 354. */
  reply(code: number, enhanced: string | undefined, text: string): void {
    this.send(enhanced === undefined ? { code, text } : { code, enhanced, text });
  }

  /** A reply to something the peer did wrong; counted against `maxErrors`. */
  fail(code: number, enhanced: string, text: string): void {
    this.#errors += 1;
    this.reply(code, enhanced, text);
  }

  /** `utf8`: whether the peer said SMTPUTF8; of the open transaction unless told. */
  send(reply: SmtpReply, utf8 = this.#transaction?.reversePath.smtpUtf8 ?? false): void {
    this.#replies += formatReply(reply, { utf8 });
    // RFC 5321 §3.8: after 421 the connection is closed, whoever said it.
    if (reply.code === 421) this.end();
  }

  async #flush(): Promise<void> {
    if (this.#replies === '') return;
    const burst = this.#replies;
    this.#replies = '';
    await this.#stream.write([burst], this.limits.replyTimeoutMs);
  }

  // Reading

  /** Reads what follows a 354 into `intake`; false if the session is over instead. */
  async readData(intake: MessageIntake): Promise<boolean> {
    return (await this.#input.readData(intake)) || this.#explainEnding();
  }

  /** Reads `sizeBytes` octets into `intake`, or throws them away; false if the session is over instead. */
  async readChunk(sizeBytes: number, intake: MessageIntake | undefined): Promise<boolean> {
    return (await this.#input.readChunk(sizeBytes, intake)) || this.#explainEnding();
  }

  /** Says why the session is over; for convenience, false. */
  #explainEnding(): false {
    switch (this.#input.ending) {
      case 'idle':
        this.#sayGoodbye('4.4.2', 'Nothing heard for too long');
        break;
      case 'drain':
        this.#sayGoodbye('4.3.2', 'Shutting down');
        break;
      case 'signedOut':
        this.#sayGoodbye('4.7.0', 'Signed out: the account or its password has changed');
        break;
      case 'runaway':
        this.reply(552, '5.3.4', `Message larger than ${this.limits.maxMessageBytes} octets, closing`);
        break;
      case 'closed':
      case undefined:
        break;
    }
    this.end();
    return false;
  }

  // What commands do

  /** The peer introduced itself; whatever went on before is forgotten (RFC 5321 §4.1.4). */
  greet(helo: string, isExtended: boolean): void {
    this.reset();
    this.#isExtended = isExtended;
    this.#peer = this.#describePeer(helo, false);
  }

  /** Says 220 and changes to TLS; afterwards the session is as at its beginning (RFC 3207 §4.2). */
  async startTls(): Promise<void> {
    const contexts = this.#contexts();
    // RFC 3207 §4.
    if (contexts === undefined) return this.reply(454, '4.7.0', 'TLS not available just now');
    this.reply(220, '2.0.0', 'Ready to start TLS');
    await this.#flush();
    // Octets behind STARTTLS were sent in plaintext, by anyone: they never become commands.
    this.#input.discard();
    this.reset();
    this.#signOut();
    if (!(await this.#secure(contexts))) this.end();
  }

  /** The certificates of the moment; undefined if there are none to be had. */
  #contexts(): ServerContexts | undefined {
    try {
      this.surroundings.tls?.(undefined);
      return this.surroundings.tls;
    } catch (error) {
      this.log.error({ err: error }, 'tls certificate not available');
      return undefined;
    }
  }

  async #secure(contexts: ServerContexts | undefined): Promise<boolean> {
    if (contexts === undefined || !(await this.#stream.startTls(contexts, this.limits.handshakeTimeoutMs))) {
      this.log.info({}, 'tls handshake failed');
      this.surroundings.metrics.count('campusmail_smtp_tls_failures_total', { protocol: this.protocol });
      this.#stream.destroy();
      return false;
    }
    this.#peer = this.#describePeer('', false);
    return true;
  }

  /**
   * Signs in by the dialogue that `converse` leads, and replies. `ask` sends a challenge and resolves with the client's
   * line; undefined if none came, which is answered.
   */
  async signIn(
    converse: (ask: (challenge: string) => Promise<string | undefined>) => Promise<SaslOutcome | undefined>,
  ): Promise<void> {
    const endedMeanwhile = new Set<AccountId>();
    this.#endedMeanwhile = endedMeanwhile;
    try {
      const outcome = await converse((challenge) => {
        // RFC 4954 §4: one line however long, so not folded as other replies are.
        this.#replies += `334 ${challenge}\r\n`;
        return this.#nextLine();
      });
      if (outcome !== undefined) this.send(this.#concludeSignIn(outcome, endedMeanwhile));
    } catch (error) {
      this.send({ ...this.#faultReply(error, 'sign-in failed'), code: 454, enhanced: '4.7.0' });
    } finally {
      this.#endedMeanwhile = undefined;
    }
  }

  #concludeSignIn(outcome: SaslOutcome, endedMeanwhile: ReadonlySet<AccountId>): SmtpReply {
    if (!outcome.ok) {
      if (outcome.reason !== 'cancelled') this.#signInFailures += 1;
      return signInRefusal(outcome);
    }
    const { accountId, loginAddress, grantId } = outcome;
    // It may have been the old password that was checked.
    if (endedMeanwhile.has(accountId)) return signInRefusal({ reason: 'unavailable' });
    if (!this.surroundings.accountPlaces.enter(accountId)) {
      return { code: 454, enhanced: '4.7.0', text: 'Too many sessions of this account, try again later' };
    }
    this.#account = { accountId, loginAddress };
    this.#unwatchSignIn = this.surroundings.watchSignIn?.(accountId, () => this.endIfOf(accountId), grantId);
    this.#peer = this.#describePeer(this.#peer.helo, false);
    this.log = this.log.child({ accountId });
    this.log.info({ loginAddress }, 'smtp sign-in');
    return { code: 235, enhanced: '2.7.0', text: 'Signed in' };
  }

  #signOut(): void {
    if (this.#account !== undefined) this.surroundings.accountPlaces.leave(this.#account.accountId);
    this.#account = undefined;
    this.#unwatchSignIn?.();
    this.#unwatchSignIn = undefined;
  }

  /** Opens a transaction if the receiver agrees, and replies. */
  async beginTransaction(reversePath: ReversePath): Promise<void> {
    this.#transactions += 1;
    if (this.#transactions > this.limits.maxTransactions) {
      this.#sayGoodbye('4.7.0', 'Too many messages in one session');
      return;
    }
    const peer = this.#describePeer(this.#peer.helo, reversePath.smtpUtf8);
    const answer = await this.#ask(() => this.surroundings.receiver.mail(peer, reversePath));
    if (answer === undefined || isSuccess(answer)) this.#transaction = { peer, reversePath, forwardPaths: [] };
    // RFC 6531 §3.7.4.1: MAIL's own reply, too, and also where it is a refusal.
    this.send(answer ?? { code: 250, enhanced: '2.1.0', text: 'Sender ok' }, reversePath.smtpUtf8);
  }

  /** Adds a recipient to the transaction if the receiver agrees, and replies. */
  async addRecipient(forwardPath: ForwardPath): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) return this.fail(503, '5.5.1', 'Send MAIL first');
    const answer = await this.#ask(() => this.surroundings.receiver.rcpt(transaction, forwardPath));
    if (answer === undefined || isSuccess(answer)) transaction.forwardPaths.push(forwardPath);
    else this.#refusedRecipients += 1;
    this.send(answer ?? { code: 250, enhanced: '2.1.5', text: 'Recipient ok' });
  }

  /** Where the open transaction's octets go. */
  openIntake(): MessageIntake | undefined {
    const transaction = this.#transaction;
    if (transaction === undefined) return undefined;
    const isBinary = transaction.reversePath.body === 'BINARYMIME';
    this.#intake ??= new MessageIntake(this.limits, this.surroundings.budget, isBinary);
    return this.#intake;
  }

  /** The message is whole: gives it to the receiver, replies and ends the transaction. */
  async finishMessage(): Promise<void> {
    const transaction = this.#transaction;
    const message = this.#intake?.finish();
    if (transaction === undefined || message === undefined) return this.fail(503, '5.5.1', 'No message');
    const replies = Buffer.isBuffer(message)
      ? await this.#deliver(transaction, message)
      : transaction.forwardPaths.map(() => message);
    const chosen = chooseReply(replies as [SmtpReply, ...SmtpReply[]]);
    // RFC 2033 §4.2: LMTP answers for each accepted recipient.
    if (this.protocol === 'lmtp') for (const reply of replies) this.send(reply);
    else this.send(chosen);
    if (isSuccess(chosen)) this.#commandsWithoutMail = 0;
    const outcome = isSuccess(chosen) ? 'accepted' : chosen.code < 500 ? 'deferred' : 'refused';
    this.surroundings.metrics.count('campusmail_smtp_messages_total', { protocol: this.protocol, outcome });
    if (!Buffer.isBuffer(message)) this.log.info({ reply: message }, 'message refused by the engine');
    this.reset();
  }

  async #deliver(transaction: OpenTransaction, message: Buffer): Promise<readonly SmtpReply[]> {
    const { receiver, metrics, clock } = this.surroundings;
    const startedMs = clock.monotonic();
    const count = transaction.forwardPaths.length;
    try {
      const replies = await receiver.data(transaction, message);
      if (replies.length === count && replies.every(isFinalReply)) return replies;
      throw new Error(`receiver gave ${replies.length} replies for ${count} recipients, or one that is none`);
    } catch (error) {
      const fault = this.#faultReply(error);
      return transaction.forwardPaths.map(() => fault);
    } finally {
      metrics.observe('campusmail_smtp_data_seconds', (clock.monotonic() - startedMs) / 1000, {
        protocol: this.protocol,
      });
    }
  }

  /** Ends the transaction, if one is open. */
  reset(): void {
    this.#intake?.release();
    this.#intake = undefined;
    this.#transaction = undefined;
  }

  /** Asks the receiver; its failure is a temporary one of ours and does not end the session. */
  async #ask(question: () => Promise<SmtpReply | undefined>): Promise<SmtpReply | undefined> {
    try {
      const answer = await question();
      if (answer === undefined || isFinalReply(answer)) return answer;
      throw new Error(`receiver gave reply code ${answer.code}`);
    } catch (error) {
      return this.#faultReply(error);
    }
  }

  #faultReply(error: unknown, what = 'receiver failed'): SmtpReply {
    this.log.error({ err: error }, what);
    this.surroundings.metrics.count('campusmail_smtp_faults_total', { protocol: this.protocol });
    return { code: 451, enhanced: '4.3.0', text: `Local fault, try again later (session ${this.id})` };
  }

  #describePeer(helo: string, smtpUtf8: boolean): SmtpPeer {
    const { tls, serverName } = this.#stream;
    return {
      sessionId: this.id,
      protocol: this.protocol,
      remoteAddress: this.#remoteAddress,
      localPort: this.#localPort,
      helo,
      withProtocol: nameProtocol(this.protocol, {
        isExtended: this.#isExtended,
        isSecure: tls !== undefined,
        isSignedIn: this.isSignedIn,
        smtpUtf8,
      }),
      ...(tls === undefined ? {} : { tls }),
      ...(serverName === undefined ? {} : { serverName }),
      ...(this.#account === undefined ? {} : { account: this.#account }),
    };
  }
}

interface ProtocolFacts {
  readonly isExtended: boolean;
  readonly isSecure: boolean;
  readonly isSignedIn: boolean;
  readonly smtpUtf8: boolean;
}

/**
 * RFC 3848, RFC 6531 §4.3. HELO gives plain `SMTP`, for which no form with S is registered; but whoever signs in uses
 * an extension.
 */
function nameProtocol(protocol: SmtpPeer['protocol'], facts: ProtocolFacts): string {
  const { isExtended, isSecure, isSignedIn, smtpUtf8 } = facts;
  const suffix = `${isSecure ? 'S' : ''}${isSignedIn ? 'A' : ''}`;
  if (protocol === 'lmtp') return `${smtpUtf8 ? 'UTF8LMTP' : 'LMTP'}${suffix}`;
  if (smtpUtf8) return `UTF8SMTP${suffix}`;
  return isExtended || isSignedIn ? `ESMTP${suffix}` : 'SMTP';
}

function explainState(state: SessionState, verb: string): string {
  switch (state) {
    case 'connected':
      return 'Introduce yourself first';
    case 'ready':
      return 'Send MAIL first';
    case 'mail':
    case 'rcpt':
      if (verb === 'MAIL') return 'Sender already given';
      return verb === 'DATA' ? 'No valid recipients' : 'Not within a transaction';
    case 'chunks':
      return 'Only BDAT or RSET here';
  }
}
