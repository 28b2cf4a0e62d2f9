/**
 * The door: one connection to one SMTP server, given by its numeric address, for any number of messages one after
 * another. Which server, with which TLS policy, when again and what a failure means for a message, is decided
 * elsewhere; nothing here rejects, what goes wrong is a value.
 */
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import { connectTo } from '#net/connect.ts';
import type { SaslCredential } from '#sasl/client.ts';

import { authenticate } from './authenticate.ts';
import { parseCapabilities } from './capabilities.ts';
import type { Capabilities } from './capabilities.ts';
import { Channel } from './channel.ts';
import { DEFAULT_CLIENT_LIMITS } from './limits.ts';
import type { SmtpClientLimits } from './limits.ts';
import type { OutgoingMessage, SendResult } from './message.ts';
import { isSuccess } from './reply.ts';
import type { ConnectionFailure } from './reply.ts';
import { judgeTls, reportHandshakeFailure, reportNoTls } from './tls.ts';
import type { TlsPolicy, TlsReport, TlsTrust } from './tls.ts';
import { Transaction } from './transaction.ts';

export interface SmtpConnectionOptions {
  /** Numeric, IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
  /** Numeric address of ours to come from. */
  readonly localAddress?: string;
  /** Our name in EHLO. */
  readonly hostname: string;
  /** The server's name: for SNI, and for its certificate where the policy names no other. */
  readonly serverName?: string;
  readonly tls: TlsPolicy;
  /** TLS from the first octet, as on port 465 (RFC 8314 §3.3); under the policy `never` too. */
  readonly implicitTls?: boolean;
  /** Absent: the usual authorities. */
  readonly trust?: TlsTrust;
  /** To sign in with; only under TLS, unless `inPlaintext`. Whether to whom is the policy's: `verified`, best. */
  readonly credential?: SaslCredential & { readonly inPlaintext?: boolean };
  /** EHLO keywords, upper case, to take as not said: for servers whose extension is broken. */
  readonly ignoredKeywords?: ReadonlySet<string>;
  readonly limits?: Partial<SmtpClientLimits>;
  /** Hangs up, at whichever stage. */
  readonly signal?: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
}

export type OpenResult = { readonly kind: 'open'; readonly connection: SmtpConnection } | ConnectionFailure;

/** Connects, greets, and where they are asked for begins TLS and signs in. Never rejects. */
export async function openSmtpConnection(options: SmtpConnectionOptions): Promise<OpenResult> {
  const limits = { ...DEFAULT_CLIENT_LIMITS, ...options.limits };
  const { clock } = options;
  const untilMs = clock.monotonic() + limits.openTimeoutMs;
  const timeoutMs = Math.min(limits.connectTimeoutMs, limits.openTimeoutMs);
  const connected = await connectTo({ ...options, timeoutMs }, clock);
  if (connected.kind === 'failed') {
    return { kind: 'connectionFailed', stage: 'connect', why: connected.why, message: connected.message };
  }
  const channel = new Channel(connected.stream, clock, limits);
  channel.setDeadline(untilMs - clock.monotonic());
  const opened = await new Opening(channel, options).run();
  channel.setDeadline(Infinity);
  return opened;
}

export class SmtpConnection {
  readonly capabilities: Capabilities;
  /** Undefined where no TLS was tried: not offered, or not wanted. */
  readonly tls: TlsReport | undefined;
  readonly #channel: Channel;
  #transactions = 0;
  #isLeftOpen = false;

  constructor(channel: Channel, capabilities: Capabilities, tls: TlsReport | undefined) {
    this.#channel = channel;
    this.capabilities = capabilities;
    this.tls = tls;
  }

  /** Whether another message may be tried here: it is alive as far as we know, and its MAILMAX not reached. */
  get isUsable(): boolean {
    return this.#channel.isOpen && this.#transactions < this.capabilities.mailMax;
  }

  /** Messages so far. */
  get transactionCount(): number {
    return this.#transactions;
  }

  /**
   * Sends one message; not to be called while another is under way. After a failure at stage `idle` or `mail` of a
   * connection used before, nothing is known of the server but that it no longer waited: it is worth a new connection
   * at once.
   */
  async send(message: OutgoingMessage): Promise<SendResult> {
    this.#transactions += 1;
    this.#channel.setDeadline(this.#channel.limits.transactionTimeoutMs);
    const transaction = new Transaction(this.#channel, message, this.capabilities);
    const result = await transaction.run(this.tls, this.#isLeftOpen);
    this.#isLeftOpen = transaction.isLeftOpen;
    this.#channel.setDeadline(Infinity);
    return result;
  }

  /** Asks whether the server is still there. */
  async noop(): Promise<ConnectionFailure | undefined> {
    const { farewellTimeoutMs } = this.#channel.limits;
    const unasked = await this.#channel.checkQuiet('idle');
    if (unasked !== undefined) return unasked;
    const reply = await this.#channel.ask('noop', 'NOOP', farewellTimeoutMs);
    return reply.kind === 'connectionFailed' ? reply : undefined;
  }

  /** Takes leave; resolves when the connection is gone, within some seconds. */
  quit(): Promise<void> {
    return this.#channel.quit();
  }

  /** Hangs up at once. What is under way fails. */
  destroy(): void {
    this.#channel.destroy();
  }
}

interface Greeted {
  readonly kind: 'greeted';
  readonly capabilities: Capabilities;
}

/** The conversation up to the first MAIL. */
class Opening {
  readonly #channel: Channel;
  readonly #options: SmtpConnectionOptions;
  #tls: TlsReport | undefined;

  constructor(channel: Channel, options: SmtpConnectionOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  async run(): Promise<OpenResult> {
    const result = await this.#open();
    if (result.kind === 'greeted') {
      return { kind: 'open', connection: new SmtpConnection(this.#channel, result.capabilities, this.#tls) };
    }
    return this.#tls === undefined ? result : { ...result, tls: this.#tls };
  }

  async #open(): Promise<Greeted | ConnectionFailure> {
    const { tls, implicitTls = false, credential, random } = this.#options;
    const failure = (implicitTls ? await this.#secure('tls') : undefined) ?? (await this.#greet());
    if (failure !== undefined) return failure;
    let greeted = await this.#sayHello();
    if (greeted.kind === 'greeted' && !implicitTls && tls.kind !== 'never') {
      const isSecured = await this.#beginTls(greeted.capabilities);
      if (typeof isSecured !== 'boolean') return isSecured;
      // RFC 3207 §4.2: what was said before is forgotten.
      if (isSecured) greeted = await this.#sayHello();
    }
    if (greeted.kind === 'connectionFailed' || credential === undefined) return greeted;
    if (this.#tls?.version === undefined && credential.inPlaintext !== true)
      return this.#channel.fail('auth', 'noMechanism', 'no signing in without TLS');
    const refused = await authenticate(this.#channel, credential, greeted.capabilities.authMechanisms, random);
    return refused ?? greeted;
  }

  async #greet(): Promise<ConnectionFailure | undefined> {
    const reply = await this.#channel.reply('greeting', this.#channel.limits.greetingTimeoutMs);
    if (reply.kind === 'connectionFailed') return reply;
    // RFC 5321 §3.1: 554 is a host that takes no mail.
    if (reply.code >= 400) return this.#channel.failWithReply('greeting', reply);
    if (reply.code === 220) return undefined;
    return this.#channel.fail('greeting', 'garbage', `unexpected greeting: ${reply.code} ${reply.text}`, reply);
  }

  async #sayHello(hello: 'ehlo' | 'helo' = 'ehlo'): Promise<Greeted | ConnectionFailure> {
    const { hostname, ignoredKeywords = new Set<string>() } = this.#options;
    const unasked = await this.#channel.checkQuiet(hello);
    if (unasked !== undefined) return unasked;
    const line = `${hello.toUpperCase()} ${hostname}`;
    const reply = await this.#channel.ask(hello, line, this.#channel.limits.helloTimeoutMs);
    if (reply.kind === 'connectionFailed') return reply;
    if (isSuccess(reply)) {
      return { kind: 'greeted', capabilities: parseCapabilities(hello, this.#channel.lastLines, ignoredKeywords) };
    }
    // RFC 5321 §3.2: a server that does not know EHLO is greeted the old way.
    if (reply.code >= 500 && hello === 'ehlo') return this.#sayHello('helo');
    if (reply.code >= 400) return this.#channel.failWithReply(hello, reply);
    return this.#channel.fail(hello, 'garbage', `unexpected reply: ${reply.code} ${reply.text}`, reply);
  }

  /** STARTTLS where it is offered; whether the connection is encrypted now. */
  async #beginTls(capabilities: Capabilities): Promise<boolean | ConnectionFailure> {
    const isWanted = this.#options.tls.kind !== 'opportunistic';
    if (!capabilities.keywords.has('STARTTLS')) return this.#goOnWithout(isWanted, 'STARTTLS is not offered');
    const reply = await this.#channel.ask('starttls', 'STARTTLS', this.#channel.limits.helloTimeoutMs);
    if (reply.kind === 'connectionFailed') return reply;
    // RFC 3207 §4: offered and then refused (`454 TLS not available`) is no reason to keep mail back that may go in the clear.
    if (reply.code !== 220) return this.#goOnWithout(isWanted, `STARTTLS refused: ${reply.code} ${reply.text}`);
    return (await this.#secure('starttls')) ?? true;
  }

  #goOnWithout(isWanted: boolean, detail: string): false | ConnectionFailure {
    this.#tls = reportNoTls({ result: 'starttls-not-supported', detail });
    return isWanted && this.#channel.fail('starttls', 'tls', detail);
  }

  /** The handshake, and whether the policy is content with it. */
  async #secure(stage: 'tls' | 'starttls'): Promise<ConnectionFailure | undefined> {
    const { trust, serverName, tls: policy } = this.#options;
    const server = await this.#channel.startTls({
      ...(trust === undefined ? {} : { trust }),
      ...(serverName === undefined ? {} : { serverName }),
    });
    if (server.kind === 'failed') {
      this.#tls = reportHandshakeFailure(server);
      return this.#channel.fail(stage, server.why === 'timeout' ? 'timeout' : 'tls', server.message);
    }
    this.#tls = judgeTls(policy, serverName, server);
    const { problem } = this.#tls;
    const needsProof = policy.kind === 'verified' || policy.kind === 'dane';
    if (problem === undefined || !needsProof) return undefined;
    return this.#channel.fail(stage, 'tls', `${problem.result}: ${problem.detail}`);
  }
}
