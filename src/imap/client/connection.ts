/**
 * The door: one connection to somebody else's IMAP server, to read what is there; nothing is changed by it. Where it leads
 * and what is made of what is read, is decided elsewhere. Whatever the server says is data: it may lie, babble or fall silent.
 */
import { X509Certificate } from 'node:crypto';
import { MailError } from '#base/errors.ts';
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import { isCertificateFor } from '#net/certificate-names.ts';
import { connectTo } from '#net/connect.ts';
import { createTrust, type SecureContext } from '#net/start-tls.ts';
import type { SaslCredential } from '#sasl/client.ts';
import { Channel } from './channel.ts';
import { Commands, type Result } from './commands.ts';
import { DEFAULT_IMAP_CLIENT_LIMITS, type ImapClientLimits } from './limits.ts';
import { readFetch, readListed, readNamespaces, type ListedName, type Namespaces } from './response.ts';
import { signIn } from './sign-in.ts';

/** `implicit`: from the first octet (RFC 8314 §3.2); `none`: for servers on the same machine. */
export type ImapTls = 'implicit' | 'starttls' | 'none';

/** Which authorities are believed. To be made once and kept. */
export type ImapTrust = SecureContext;

/** The usual authorities and those of `extraCas` (PEM). Takes some ten milliseconds. */
export function createImapTrust(extraCas: readonly string[]): ImapTrust {
  return createTrust(extraCas);
}

export interface ImapConnectionOptions {
  /** Numeric, IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
  /** Whom the certificate has to name. */
  readonly serverName: string;
  readonly tls: ImapTls;
  /** Absent: the usual authorities. */
  readonly trust?: ImapTrust;
  readonly credential: SaslCredential;
  readonly limits?: Partial<ImapClientLimits>;
  /** Hangs up, at whichever stage before sign-in. */
  readonly signal?: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
}

/** A mailbox there. */
export interface ListedMailbox extends ListedName {
  readonly isSubscribed: boolean;
}

export interface ExaminedMailbox {
  /** 0: the server tells of none. */
  readonly uidValidity: number;
  /** 0: likewise. */
  readonly uidNext: number;
  readonly exists: number;
}

/** All of a message but its octets. */
export interface MessageSummary {
  readonly uid: number;
  /** As the server writes them. */
  readonly flags: readonly string[];
  /** INTERNALDATE, milliseconds since the epoch; undefined: none that is one. */
  readonly receivedAt: number | undefined;
  /** What it says is the size, which need not be true. */
  readonly sizeBytes: number;
}

/** What came of one group. Messages that are missing are gone, or were passed over; `refusal`: or the server does not give them, and why. */
export interface FetchedGroup {
  readonly messages: ReadonlyMap<number, Buffer | 'tooLarge'>;
  readonly refusal: string | undefined;
}

interface AskedGroup {
  readonly tag: string;
  readonly uids: ReadonlySet<number>;
  readonly mostBytes: number;
  /** What has come, and its octets. */
  readonly messages: Map<number, Buffer | 'tooLarge'>;
  bytes: number;
}

/** Of one message in the answer to `summaries`; for how long it may take. */
const SUMMARY_BYTES = 300;

/** Connects, begins TLS, signs in. Throws `unavailable`, `forbidden` (the sign-in is refused). */
export async function openImapConnection(options: ImapConnectionOptions): Promise<ImapConnection> {
  const { clock, random, tls, credential } = options;
  const limits = { ...DEFAULT_IMAP_CLIENT_LIMITS, ...options.limits };
  const connected = await connectTo({ ...options, timeoutMs: limits.connectTimeoutMs }, clock);
  if (connected.kind === 'failed') throw new MailError('unavailable', `no connection: ${connected.message}`);
  const commands = new Commands(new Channel(connected.stream, clock, limits));
  const hangUp = (): void => void commands.fail('interrupted');
  options.signal?.addEventListener('abort', hangUp);
  try {
    if (tls === 'implicit') await secure(commands, options);
    const greeting = await commands.greeting();
    if (greeting.status !== 'OK' && greeting.status !== 'PREAUTH')
      throw commands.fail(`the server greets with ${greeting.status} ${greeting.text}`);
    if (tls === 'starttls') {
      const { status, text } = await commands.run(['STARTTLS']);
      if (status !== 'OK') throw commands.fail(`no STARTTLS: ${text}`);
      await secure(commands, options);
    }
    if (greeting.status === 'OK') await signIn(commands, credential, await askCapabilities(commands), random);
    const capabilities = await askCapabilities(commands);
    // RFC 2971 §3.1. Coremail and 163.com (2015 and since) open no mailbox for who does not say what they are.
    if (capabilities.has('ID')) await commands.run(['ID ("name" "campusmail")']);
    return new ImapConnection(commands, capabilities);
  } catch (error) {
    commands.fail('given up');
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', hangUp);
  }
}

/** A certificate of a trusted authority for the server's name, or nothing is said. */
async function secure(commands: Commands, { trust, serverName }: ImapConnectionOptions): Promise<void> {
  const server = await commands.channel.startTls({ serverName, ...(trust === undefined ? {} : { trust }) });
  if (server.kind === 'failed') throw commands.fail(`no TLS: ${server.message}`);
  const [own] = server.chain;
  if (own === undefined || server.chainError !== undefined)
    throw commands.fail(`the server's certificate is not to be trusted: ${server.chainError ?? 'there is none'}`);
  if (!isCertificateFor(new X509Certificate(own), serverName))
    throw commands.fail(`the server's certificate is not for ${serverName}`);
}

async function askCapabilities(commands: Commands): Promise<ReadonlySet<string>> {
  let capabilities: readonly string[] = [];
  await commands.run(['CAPABILITY'], (response) => {
    if (response.kind === 'data' && response.name === 'CAPABILITY')
      capabilities = commands.channel.understand(() => {
        const words: string[] = [];
        while (!response.arguments.isAtEnd && words.length < 500) {
          words.push(response.arguments.astring().toString('latin1').toUpperCase());
          response.arguments.take(' ');
        }
        return words;
      });
  });
  return new Set(capabilities);
}

export class ImapConnection {
  readonly #commands: Commands;
  readonly #capabilities: ReadonlySet<string>;
  /** In the mailbox that is open. */
  #exists = 0;
  /** Groups under way. */
  readonly #asked = new Set<AskedGroup>();

  constructor(commands: Commands, capabilities: ReadonlySet<string>) {
    this.#commands = commands;
    this.#capabilities = capabilities;
  }

  /** The account's own mailboxes, not those of others that it may see. Throws `unavailable`, `limit`. */
  async list(): Promise<readonly ListedMailbox[]> {
    const namespaces = await this.#namespaces();
    // RFC 6154 §2: with LIST alone a server need not tell what its mailboxes are for.
    const [name, tail] =
      this.#capabilities.has('SPECIAL-USE') && this.#capabilities.has('LIST-EXTENDED')
        ? ['LIST', ' RETURN (SPECIAL-USE)']
        : [this.#capabilities.has('XLIST') ? 'XLIST' : 'LIST', ''];
    const listed = await this.#list(name, tail);
    const subscribed = new Set((await this.#list('LSUB', '')).map((entry) => entry.name.toString('latin1')));
    return listed
      .filter((entry) => isOwn(entry, namespaces))
      .map((entry) => ({ ...entry, isSubscribed: subscribed.has(entry.name.toString('latin1')) }));
  }

  /** Opens a mailbox to read it (RFC 9051 §6.3.3). Throws `notFound`: it cannot be opened; `unavailable`. */
  async examine(name: Buffer): Promise<ExaminedMailbox> {
    let [uidValidity, uidNext, exists] = [0, 0, 0];
    const result = await this.#commands.run(['EXAMINE ', name], (response) => {
      if (response.kind === 'data' && response.name === 'EXISTS') exists = response.number ?? 0;
      if (response.kind !== 'status') return;
      const [, name, number] = /^(UIDVALIDITY|UIDNEXT) (\d{1,10})$/.exec(response.code) ?? [];
      if (name === 'UIDVALIDITY') uidValidity = Number(number);
      if (name === 'UIDNEXT') uidNext = Number(number);
    });
    if (result.status !== 'OK') throw new MailError('notFound', `${result.status} ${result.text}`);
    if (exists > this.#limits.messages) throw new MailError('limit', `it says it has ${exists} messages`);
    this.#exists = exists;
    return { uidValidity, uidNext, exists };
  }

  /**
   * Of the mailbox that is open, ascending by uid. Holds all of them; of what the server says twice, the last. Throws
   * `unavailable`; `invalid`, what it says to the command where it refuses it.
   */
  async summaries(): Promise<readonly MessageSummary[]> {
    // RFC 9051 §6.4.9: to some servers 1:* is an error where there is nothing.
    if (this.#exists === 0) return [];
    const found = new Map<number, MessageSummary>();
    const flagLists = new Map<string, readonly string[]>();
    const command = 'UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)';
    const tag = await this.#commands.send([command], this.#exists * SUMMARY_BYTES);
    const result = await this.#commands.finish(tag, (response) => {
      if (response.kind !== 'data' || response.name !== 'FETCH') return;
      const items = this.#understand(() => readFetch(response.arguments));
      const { uid, flags = [], receivedAt, sizeBytes } = items;
      // Without a size: flags that changed meanwhile.
      if (uid === undefined || uid < 1 || sizeBytes === undefined) return;
      // Few lists of flags occur: each is held once.
      const key = flags.join(' ');
      const known = flagLists.get(key) ?? flags;
      flagLists.set(key, known);
      found.set(uid, { uid, flags: known, receivedAt, sizeBytes });
      if (found.size > this.#limits.messages) throw this.#commands.fail('the mailbox has no end');
    });
    if (result.status !== 'OK') throw new MailError('invalid', `${result.status} ${result.text}`);
    return [...found.values()].toSorted((a, b) => a.uid - b.uid);
  }

  /** The Message-ID fields of messages, as they stand in their headers; not while `messages` is under way. Throws `unavailable`. */
  async messageIdFields(group: readonly MessageSummary[]): Promise<ReadonlyMap<number, Buffer>> {
    const asked = await this.#ask(group, 'BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]', group.length * SUMMARY_BYTES);
    const { messages } = await this.#collect(asked);
    return new Map([...messages].flatMap(([uid, field]) => (field === 'tooLarge' ? [] : [[uid, field] as const])));
  }

  /**
   * The octets of messages, group after group; one group is asked for while the one before is worked on. Each group is
   * held for as long as the caller holds it. Throws `unavailable`.
   */
  async *messages(groups: Iterable<readonly MessageSummary[]>): AsyncGenerator<FetchedGroup> {
    let pending: AskedGroup | undefined;
    for (const group of groups) {
      const bytes = group.reduce((sum, { sizeBytes }) => sum + Math.min(sizeBytes, this.#limits.discardedBytes), 0);
      const asked = await this.#ask(group, 'BODY.PEEK[]', bytes);
      if (pending !== undefined) yield await this.#collect(pending);
      pending = asked;
    }
    if (pending !== undefined) yield await this.#collect(pending);
  }

  /** `bytes`: of what is to come. */
  async #ask(group: readonly MessageSummary[], item: string, bytes: number): Promise<AskedGroup> {
    const uids = group.map(({ uid }) => uid);
    const tag = await this.#commands.send([`UID FETCH ${uids.join(',')} (UID ${item})`], bytes);
    // A size that is not true by much is no bound.
    const mostBytes = 2 * bytes + this.#limits.messageBytes;
    const asked: AskedGroup = { tag, uids: new Set(uids), mostBytes, messages: new Map(), bytes: 0 };
    this.#asked.add(asked);
    return asked;
  }

  /**
   * RFC 9051 §5.5: a server may work at the next group before it has said that this one is over; Dovecot does while we are
   * slow to read. So whatever comes belongs to the group that asked for it.
   */
  async #collect(asked: AskedGroup): Promise<FetchedGroup> {
    const result = await this.#commands.finish(asked.tag, (response) => {
      if (response.kind !== 'data' || response.name !== 'FETCH') return;
      const { uid, octets } = this.#understand(() => readFetch(response.arguments));
      if (uid === undefined || octets === undefined) return;
      const group = [...this.#asked].find(({ uids, messages }) => uids.has(uid) && !messages.has(uid));
      if (group === undefined) return;
      group.messages.set(uid, octets);
      group.bytes += octets.length;
      if (group.bytes > group.mostBytes) throw this.#commands.fail('messages are larger than the server said, by far');
    });
    this.#asked.delete(asked);
    const refusal = result.status === 'OK' ? undefined : `${result.status} ${result.text}`;
    return { messages: asked.messages, refusal };
  }

  /** Takes leave; resolves when the connection is gone, within some seconds. */
  logOut(): Promise<void> {
    return this.#commands.channel.leave('bye LOGOUT\r\n');
  }

  /** Hangs up at once; whatever is under way fails. */
  destroy(): void {
    this.#commands.fail('we have hung up');
  }

  get #limits(): ImapClientLimits {
    return this.#commands.channel.limits;
  }

  #understand<T>(read: () => T): T {
    return this.#commands.channel.understand(read);
  }

  async #list(command: string, tail: string): Promise<readonly ListedName[]> {
    const found = new Map<string, ListedName>();
    const result: Result = await this.#commands.run([`${command} "" "*"${tail}`], (response) => {
      if (response.kind !== 'data' || response.name !== command) return;
      const entry = this.#understand(() => readListed(response.arguments));
      found.set(entry.name.toString('latin1'), entry);
      if (found.size > this.#limits.mailboxes) throw new MailError('limit', 'the account has mailboxes without end');
    });
    if (result.status !== 'OK') throw this.#commands.fail(`${command} is refused: ${result.text}`);
    return [...found.values()];
  }

  async #namespaces(): Promise<Namespaces> {
    let namespaces: Namespaces = { personal: [], others: [] };
    if (!this.#capabilities.has('NAMESPACE')) return namespaces;
    await this.#commands.run(['NAMESPACE'], (response) => {
      if (response.kind === 'data' && response.name === 'NAMESPACE')
        namespaces = this.#understand(() => readNamespaces(response.arguments));
    });
    return namespaces;
  }
}

/**
 * RFC 2342 §5: it is of the namespace whose prefix says most. Those that all share have none at all in Cyrus, where one's
 * own stand below INBOX.
 */
function isOwn(entry: ListedName, { personal, others }: Namespaces): boolean {
  if (entry.name.toString('latin1').toUpperCase() === 'INBOX') return true;
  const longest = (prefixes: readonly Buffer[]): number =>
    Math.max(-1, ...prefixes.filter((prefix) => isBelow(entry, prefix)).map(({ length }) => length));
  return longest(personal) >= longest(others);
}

/** Whether a name is within a namespace, or is the level that it stands below. */
function isBelow({ name, delimiter = '' }: ListedName, prefix: Buffer): boolean {
  const text = name.toString('latin1');
  const space = prefix.toString('latin1');
  return text.startsWith(space) || `${text}${delimiter}` === space;
}
