/**
 * One IMAP session: reads commands in order, runs those its state allows, tells what has changed, and keeps the
 * limits. What a command means is in commands/; what a mailbox is, in mail/.
 */
import type { Clock } from '#base/clock.ts';
import { errorText, isMailError, MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { PlaceCounter } from '#base/place-counter.ts';
import { randomId, type Random } from '#base/random.ts';
import type { MailAccount } from '#mail/account.ts';
import type { DeletedBy } from '#mail/types.ts';
import type { ServerContexts } from '#net/start-tls.ts';
import type { Search } from '#search/search.ts';
import type { SaslAuthority, SaslConnection, SaslFailure, SaslOutcome } from '#sasl/mechanism.ts';
import { instructionText } from '#sasl/refusal-texts.ts';
import type { Authenticate } from './authenticator.ts';
import { listCapabilities } from './capabilities.ts';
import { bad, no, ok, type ImapCommand, type Reply, type SessionState } from './command.ts';
import type { Connection } from './connection.ts';
import type { Gate } from './gate.ts';
import type { ImapLimits } from './limits.ts';
import type { OthersMail } from './others.ts';
import { refusedIn, rightsNow, sign } from './places.ts';
import { findCommand } from './registry.ts';
import { refusalOf, sentence } from './refusal.ts';
import type { AdvanceOptions, SelectedMailbox } from './selected-mailbox.ts';
import { Turn } from './turn.ts';
import { writeUpdates } from './untagged.ts';
import { ArgumentReader } from './wire/argument-reader.ts';
import { commandTag, type AssemblerEvent, type CommandInput } from './wire/command-assembler.ts';
import type { ResponseWriter } from './wire/response-writer.ts';

/** What all sessions of a server share. */
export interface SessionSurroundings {
  /** Our name in greetings. */
  readonly hostname: string;
  readonly authenticate: Authenticate;
  readonly openAccount: (accountId: AccountId, loginAddress: string) => MailAccount | Promise<MailAccount>;
  readonly watchSignIn?: (accountId: AccountId, onRevoked: () => void, grantId?: string) => () => void;
  readonly others?: OthersMail;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly limits: ImapLimits;
  /** Octets of literals held by all sessions. */
  readonly heldLiterals: { bytes: number };
  readonly accountPlaces: PlaceCounter<AccountId>;
  /** Without it every message that is asked about is read. */
  readonly search?: Search;
  /** For searches that read messages: each holds one in memory. */
  readonly textSearches: Gate;
  readonly tls: ServerContexts | undefined;
  readonly implicitTls: boolean;
  /** Whether a password may come over this connection although it is not encrypted. */
  readonly allowPlaintext: (remoteAddress: string) => boolean;
}

export class Session {
  /** Quoted in answers to faults, so that a person can name the session to the help desk. */
  readonly id: string;
  readonly connection: Connection;
  readonly surroundings: SessionSurroundings;
  log: Logger;
  /** Of the command under way. */
  tag = '*';
  /** What the client calls itself (RFC 2971); empty until it does. */
  agent = '';
  /** RFC 6855 §3, RFC 9051 §5.1: mailbox names and quoted strings are UTF-8. */
  utf8 = false;
  /** RFC 7162 §3.1: the client wants MODSEQ with every change. */
  condstore = false;
  /** RFC 9051 §7.1: ENABLE IMAP4rev2. */
  rev2 = false;
  #account: MailAccount | undefined;
  #login = '';
  #selected: SelectedMailbox | undefined;
  #errors = 0;
  #loginFailures = 0;
  #isOver = false;
  /** Between commands, or in IDLE: nothing is lost by ending now. */
  #isResting = false;
  #isDraining = false;
  #isCut = false;
  #isSecuring = false;
  /** Why the session has to end. */
  #revoked: string | undefined;
  #unwatchOthers: (() => void) | undefined;
  #unwatchSignIn: (() => void) | undefined;

  constructor(connection: Connection, surroundings: SessionSurroundings) {
    this.id = randomId(surroundings.random, 10);
    this.connection = connection;
    this.surroundings = surroundings;
    this.log = surroundings.log.child({ session: this.id, peer: connection.remoteAddress });
  }

  get out(): ResponseWriter {
    return this.connection.out;
  }

  get limits(): ImapLimits {
    return this.surroundings.limits;
  }

  get state(): SessionState {
    if (this.#account === undefined) return 'notAuthenticated';
    return this.#selected === undefined ? 'authenticated' : 'selected';
  }

  /** The account signed in to; commands that ask are allowed only then. */
  get account(): MailAccount {
    if (this.#account === undefined) throw new Error('no account in this state');
    return this.#account;
  }

  /** Who has signed in, for what is kept of who did what. */
  get self(): { readonly accountId: AccountId; readonly login: string } {
    return { accountId: this.account.accountId, login: this.#login };
  }

  /** Who deletes what this session deletes. */
  get deleter(): DeletedBy {
    return { way: 'imap', login: this.#login, agent: this.agent };
  }

  /** The mailbox selected, which may be another account's; commands that ask are allowed only then. */
  get selected(): SelectedMailbox {
    if (this.#selected === undefined) throw new Error('no mailbox selected in this state');
    return this.#selected;
  }

  get hasSelected(): boolean {
    return this.#selected !== undefined;
  }

  /** Whether PLAIN and LOGIN are allowed (RFC 9051 §6.2.3, §11.2). */
  get isPlaintextAllowed(): boolean {
    return this.connection.isSecure || this.surroundings.allowPlaintext(this.connection.remoteAddress);
  }

  /** Whether STARTTLS can be had. */
  get canStartTls(): boolean {
    return this.surroundings.tls !== undefined && !this.connection.isSecure && this.#account === undefined;
  }

  /** Who judges a sign-in attempt. */
  authority(): SaslAuthority {
    const { remoteAddress, localPort, isSecure, serverName } = this.connection;
    return this.surroundings.authenticate({ sessionId: this.id, remoteAddress, localPort, isSecure, serverName });
  }

  /** What the connection gives to AUTHENTICATE. */
  get sasl(): SaslConnection {
    const { bindChannel } = this.connection;
    return {
      authority: this.authority(),
      allowsPlaintext: this.isPlaintextAllowed,
      random: this.surroundings.random,
      ...(bindChannel === undefined ? {} : { bindChannel }),
    };
  }

  /** What CAPABILITY says, separated by spaces. */
  listCapabilities(): string {
    return listCapabilities(this);
  }

  /** RFC 7162 §3.1.2.1: from here on the client is told modSeqs, and which is the highest now. */
  enableCondstore(): void {
    if (this.condstore) return;
    this.condstore = true;
    if (this.#selected !== undefined) this.untagged(`OK [HIGHESTMODSEQ ${Math.max(1, this.#selected.modSeq)}] Highest`);
  }

  beginTurn(): Turn {
    return new Turn(this.surroundings.clock);
  }

  // Life

  /** Runs the session to its end; never rejects. Resolves when the connection is closed. */
  async run(): Promise<void> {
    try {
      await this.#live();
    } catch (error) {
      this.log.error({ err: error }, 'imap session failed');
      this.connection.destroy();
    } finally {
      this.#leaveAccount();
    }
  }

  #leaveAccount(): void {
    this.#unwatchSignIn?.();
    this.deselect();
    if (this.#account === undefined) return;
    this.surroundings.accountPlaces.leave(this.#account.accountId);
    this.surroundings.metrics.gauge('campusmail_imap_signed_in', -1);
    this.#account = undefined;
  }

  async #live(): Promise<void> {
    const { implicitTls, tls, hostname } = this.surroundings;
    if (implicitTls && tls !== undefined) {
      if (!(await this.connection.startTls(tls, this.limits.handshakeTimeoutMs))) return;
    }
    this.untagged(`OK [CAPABILITY ${listCapabilities(this)}] ${hostname} campusmail ready`);
    while (!this.#isOver) {
      this.#isResting = true;
      if (this.#revoked !== undefined) this.end(this.#revoked);
      if (this.#isDraining || this.#isOver) break;
      const event = await this.connection.next();
      this.#isResting = false;
      if (event === undefined) {
        if ((this.#isCut || this.#isDraining) && !this.connection.isClosed) break;
        return this.connection.destroy();
      }
      await this.#eventSeen(event);
    }
    if (!this.#isOver) this.untagged('BYE [UNAVAILABLE] Shutting down, please come back');
    // The peer may take its time to close; its place is free now.
    this.#leaveAccount();
    await this.connection.end(this.limits.lingerMs);
  }

  /** Ends the session after the command under way; `text` goes out as BYE. */
  end(text?: string): void {
    if (text !== undefined) this.untagged(`BYE ${text}`);
    this.#isOver = true;
  }

  /** As soon as the command under way is over; at once when there is none. */
  drain(): void {
    this.#isDraining = true;
    if (this.#isResting) this.cut();
  }

  /** What the session signed in with no longer holds: it ends at once, or with the command under way if that is soon. */
  #revoke(): void {
    this.log.info({}, 'imap session signed out: its account was changed');
    this.#revoked = REVOKED;
    this.#endRevoked();
  }

  #endRevoked(): void {
    if (this.#isResting && !this.#isOver) {
      this.end(this.#revoked);
      this.cut();
    } else {
      this.surroundings.clock.after(this.limits.lingerMs, () => this.destroy());
    }
  }

  /** Hangs up at once. */
  destroy(): void {
    this.connection.destroy();
  }

  /** Takes no more commands; the one under way (IDLE) is not answered any more. */
  cut(): void {
    this.#isCut = true;
    this.connection.interrupt();
  }

  /** Whether the session ends after the command under way. */
  get isEnding(): boolean {
    return this.#isOver;
  }

  /** Changes to TLS once the command under way is answered. */
  secureAfterReply(): void {
    this.#isSecuring = true;
  }

  /** In IDLE the session rests, though a command is under way. */
  rest(isResting: boolean): void {
    this.#isResting = isResting;
  }

  /** Looks at the time limits. */
  sweep(nowMs: number): void {
    const { autologoutMs, loginTimeoutMs, writeStallMs } = this.limits;
    if (this.connection.stallMs(nowMs) >= writeStallMs) return this.connection.destroy();
    if (!this.#isResting) return;
    const limitMs = this.#account === undefined ? loginTimeoutMs : autologoutMs;
    if (this.connection.silenceMs(nowMs) < limitMs || this.#isOver) return;
    // RFC 9051 §5.4.
    this.end('[UNAVAILABLE] Autologout; idle for too long');
    this.cut();
  }

  // Signing in and selecting

  /** What a sign-in came to, as the command's reply. */
  async signIn(outcome: SaslOutcome): Promise<Reply> {
    const { metrics, accountPlaces, openAccount } = this.surroundings;
    if (!outcome.ok) {
      metrics.count('campusmail_imap_sign_ins_total', { result: outcome.reason });
      if (outcome.reason !== 'cancelled' && ++this.#loginFailures >= this.limits.loginFailures) {
        this.end('Too many failed sign-ins');
      }
      return signInRefusal(outcome);
    }
    const { accountId, loginAddress, grantId } = outcome;
    if (!accountPlaces.enter(accountId)) {
      metrics.count('campusmail_imap_sign_ins_total', { result: 'tooManySessions' });
      return no('Too many sessions of this account', 'LIMIT');
    }
    this.#unwatchSignIn = this.surroundings.watchSignIn?.(accountId, () => this.#revoke(), grantId);
    try {
      this.#account = await openAccount(accountId, loginAddress);
      this.#login = loginAddress;
    } catch (error) {
      this.#unwatchSignIn?.();
      accountPlaces.leave(accountId);
      throw error;
    }
    metrics.count('campusmail_imap_sign_ins_total', { result: 'ok' });
    metrics.gauge('campusmail_imap_signed_in', 1);
    this.log = this.log.child({ accountId });
    this.log.debug({ loginAddress }, 'imap sign-in');
    return ok('Signed in', `CAPABILITY ${listCapabilities(this)}`);
  }

  select(mailbox: SelectedMailbox): void {
    this.deselect();
    this.#selected = mailbox;
    if (mailbox.account === this.#account) return;
    this.#unwatchOthers = this.surroundings.others?.watch(() => {
      void this.#reviewRights().catch((error: unknown) => {
        this.log.error({ err: error }, 'rights could not be reviewed');
        this.destroy();
      });
    });
  }

  deselect(): void {
    this.#unwatchOthers?.();
    this.#unwatchOthers = undefined;
    this.#selected?.close();
    this.#selected = undefined;
  }

  /** Looks again at what may be done with a selected mailbox of another account. */
  async #reviewRights(): Promise<void> {
    const selected = this.#selected;
    if (selected === undefined || selected.account === this.#account || this.#account === undefined) return;
    selected.rights = await rightsNow(this, selected.account.accountId, selected.mailboxId);
    if (selected.rights.includes('r') || this.#selected !== selected || this.#isOver) return;
    this.log.info({ sharedAccountId: selected.account.accountId }, 'imap session ended: the mailbox is shared no more');
    this.#revoked = NO_LONGER_SHARED;
    this.#endRevoked();
  }

  // Responses

  /** One untagged line, `* ` and text; ASCII. */
  untagged(text: string): void {
    this.out.ascii('* ');
    this.out.ascii(text);
    this.out.crlf();
  }

  /** Asks the client to go on. */
  continuation(text: string): void {
    this.out.ascii('+ ');
    this.out.ascii(text);
    this.out.crlf();
  }

  #reply(tag: string, reply: Reply): void {
    const { out } = this;
    out.ascii(tag);
    out.octet(0x20);
    out.ascii(reply.status);
    out.octet(0x20);
    if (reply.code !== undefined) out.ascii(`[${reply.code}] `);
    out.ascii(reply.text);
    out.crlf();
  }

  /**
   * Tells what has changed in the selected mailbox. Ends the session when the mailbox is gone or sequence numbers
   * can no longer be kept.
   */
  async tellUpdates(options: AdvanceOptions): Promise<void> {
    const selected = this.#selected;
    if (selected === undefined) return;
    try {
      await writeUpdates(this, await selected.advance(options));
    } catch (error) {
      if (isMailError(error, 'notFound')) {
        this.end('[NONEXISTENT] The selected mailbox was deleted');
      } else if (isMailError(error, 'stateMismatch')) {
        this.log.warn({ err: error }, 'imap session lost its place');
        this.end('[UNAVAILABLE] Too much has changed, please select the mailbox again');
      } else {
        // Nothing was taken as told, so it will be the next time.
        this.log.error({ err: error }, 'imap updates failed');
      }
    }
  }

  // Commands

  async #eventSeen(event: AssemblerEvent): Promise<void> {
    switch (event.kind) {
      case 'command':
        return this.#commandSeen(event.input);
      case 'continue':
        this.continuation('OK');
        return;
      case 'endless':
        return this.end('[TOOBIG] Command too long');
      case 'refused':
        return this.#wrong(event.tag, literalRefusal(event.refusal));
    }
  }

  async #commandSeen(input: CommandInput): Promise<void> {
    const line = input.lines[0] as Buffer;
    const tag = commandTag(line);
    // An empty line between commands is common after literals and in tests by hand; it asks for nothing.
    if (line.length === 0 && input.literals.length === 0) return this.#wrong('*', bad('Empty command'));
    if (tag === '*') return this.#wrong(tag, bad('A command begins with a tag'));
    const reader = new ArgumentReader(input, tag.length);
    let work: ((session: Session) => Promise<Reply> | Reply) | undefined;
    let command: ImapCommand | undefined;
    let byUid = false;
    try {
      reader.space();
      let name = reader.keyword();
      byUid = name === 'UID';
      if (byUid) {
        reader.space();
        name = reader.keyword();
      }
      command = findCommand(name, byUid);
      if (command === undefined) return this.#wrong(tag, bad(sentence(`unknown command ${name.slice(0, 40)}`)));
      if (!command.states.includes(this.state)) return this.#wrong(tag, bad(`Not allowed ${STATE_TEXT[this.state]}`));
      work = command.prepare(reader, { byUid, utf8: this.utf8 });
    } catch (error) {
      if (isMailError(error, 'invalid')) return this.#wrong(tag, bad(sentence(error.message)));
      return this.#wrong(tag, error instanceof MailError ? refusalOf(error) : this.#fault(error, command?.name ?? ''));
    }
    this.#errors = 0;
    this.tag = tag;
    this.surroundings.metrics.count('campusmail_imap_commands_total', { command: command.name });
    const beganAtMs = this.surroundings.clock.monotonic();
    const reply = await this.#run(command, work);
    const seconds = (this.surroundings.clock.monotonic() - beganAtMs) / 1000;
    this.surroundings.metrics.observe('campusmail_imap_command_seconds', seconds, { command: command.name });
    if (command.updates !== 'own' && this.#selected !== undefined) {
      await this.tellUpdates({ mayExpunge: byUid || command.updates !== 'noExpunge' });
    }
    if (!this.#isCut) this.#reply(tag, reply);
    if (this.#isSecuring) await this.#secure();
  }

  async #secure(): Promise<void> {
    this.#isSecuring = false;
    const { tls } = this.surroundings;
    if (tls === undefined || !(await this.connection.startTls(tls, this.limits.handshakeTimeoutMs))) this.end();
  }

  async #run(command: ImapCommand, work: (session: Session) => Promise<Reply> | Reply): Promise<Reply> {
    try {
      if (this.#selected !== undefined && this.#selected.account !== this.#account) await this.#reviewRights();
      if (this.#revoked !== undefined) return no('The mailbox is no longer shared with you', 'NOPERM');
      return await work(this);
    } catch (error) {
      if (isMailError(error, 'stateMismatch')) {
        this.log.warn({ err: error, command: command.name }, 'imap session lost its place');
        this.end('[UNAVAILABLE] Too much has changed, please select the mailbox again');
        return no('The mailbox has changed too much', 'UNAVAILABLE');
      }
      if (error instanceof MailError) {
        const refused = refusedIn(error);
        if (refused !== undefined) sign(this, refused, command.name, true);
        return refusalOf(error);
      }
      return this.#fault(error, command.name);
    }
  }

  #fault(error: unknown, command: string): Reply {
    this.log.error({ err: error, command }, `imap command failed: ${errorText(error)}`);
    this.surroundings.metrics.count('campusmail_imap_faults_total');
    return no(`Internal error, try again later (session ${this.id})`, 'SERVERBUG');
  }

  #wrong(tag: string, reply: Reply): void {
    this.#reply(tag, reply);
    if (++this.#errors >= this.limits.errors) this.end('Too many wrong commands');
  }
}

const NO_LONGER_SHARED = '[NONEXISTENT] The selected mailbox is no longer shared with you';
const REVOKED = 'Signed out: the account or its password was changed';

const STATE_TEXT: Readonly<Record<SessionState, string>> = {
  notAuthenticated: 'before signing in',
  authenticated: 'without a selected mailbox or after signing in',
  selected: 'after signing in',
};

function literalRefusal(refusal: Extract<AssemblerEvent, { kind: 'refused' }>['refusal']): Reply {
  switch (refusal) {
    case 'lineTooLong':
      return bad('Command line too long');
    case 'tooLarge':
      return bad('Literal too long');
    case 'messageTooLarge':
      return no('The message is too large', 'TOOBIG');
    case 'busy':
      return no('Too much is being received just now, try again later', 'UNAVAILABLE');
  }
}

/** RFC 5530 §3. */
function signInRefusal({ reason, url }: SaslFailure): Reply {
  switch (reason) {
    case 'invalidCredentials':
      return no('User name or password is wrong', 'AUTHENTICATIONFAILED');
    case 'disabled':
      return no('This account may not sign in, please ask the help desk', 'CONTACTADMIN');
    case 'notActivated':
    case 'frozen':
    case 'wrongDoor':
    case 'passwordChangeRequired':
    case 'passwordExpired':
    case 'phoneRequired':
    case 'clientPasswordRequired':
    case 'archived':
    case 'archiveEnded':
      // RFC 9051 §7.1: programs show an alert to their user, as they do not show another NO.
      return no(instructionText(reason, url), 'ALERT');
    case 'forbidden':
      return no('You may not act for that account', 'AUTHORIZATIONFAILED');
    case 'limited':
      return no('Too many failed sign-ins, try again later', 'LIMIT');
    case 'unavailable':
      return no('Sign-in is not possible just now, try again later', 'UNAVAILABLE');
    case 'malformed':
      return bad('Malformed authentication exchange');
    case 'cancelled':
      return bad('Authentication cancelled');
  }
}
