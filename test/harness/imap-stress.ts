/**
 * Many IMAP clients on one mailbox of a real server, each doing random things and believing nothing: what every client
 * was told is kept in a model of its own, and whatever contradicts it, or another client, ends the run with the last
 * lines that client saw.
 */
import assert from 'node:assert/strict';
import { LineClient } from './line-client.ts';

export interface ImapStressOptions {
  /** A port for each connection in turn: several listeners, or several servers on one store. */
  readonly ports: readonly number[];
  readonly login: string;
  readonly password: string;
  readonly clients: number;
  /** What each client does before it ends. */
  readonly operations: number;
  readonly random: () => number;
  /** Above this many messages clients remove more than they add. */
  readonly messages?: number;
  /** Whether to end early, asked before each operation. */
  readonly isOver?: () => boolean;
}

export interface ImapStressResult {
  /** Commands answered. */
  readonly commands: number;
  readonly seconds: number;
  /** Messages in the mailbox at the end. */
  readonly messages: number;
  readonly appended: number;
  readonly expunged: number;
  /** By command: how often, and how long it took at most and in the middle, milliseconds. */
  readonly byCommand: Readonly<Record<string, { readonly count: number; readonly p50: number; readonly max: number }>>;
}

const MAILBOX = 'INBOX';
const ELSEWHERE = 'Elsewhere';
/** How long a client waits for an answer, milliseconds. */
const PATIENCE_MS = 60_000;
const TRANSCRIPT_LINES = 40;
const FLAGS = [
  String.raw`\Seen`,
  String.raw`\Flagged`,
  String.raw`\Answered`,
  String.raw`\Draft`,
  '$forwarded',
  'todo',
];

/** Each third message that was appended stays for ever: nobody marks it \Deleted or moves it, so nobody may miss it. */
function isToStay(uid: number): boolean {
  return uid % 3 === 1;
}

interface Message {
  uid: number | undefined;
  /** Without \Recent, which is one session's. */
  flags: Set<string> | undefined;
  isRecent: boolean | undefined;
  modSeq: number;
}

/** What all clients together know of the mailbox. */
class Knowledge {
  readonly tokens = new Map<number, string>();
  /** Uids acknowledged that stay for ever; and those that may be removed. Copies may: they may be born \Deleted. */
  readonly staying = new Set<number>();
  readonly removable = new Set<number>();
  readonly expunged = new Set<number>();
  /** To whose view of the mailbox each uid was \Recent: one, for ever (RFC 3501 §2.3.2). */
  readonly recent = new Map<number, object>();
  readonly durations = new Map<string, number[]>();
  uidValidity: string | undefined;
  nextToken = 1;
  commands = 0;
  appended = 0;

  /** That uid was \Recent to whoever says so; it must never be to another. */
  isRecentTo(uid: number, view: object): boolean {
    const known = this.recent.get(uid) ?? view;
    this.recent.set(uid, known);
    return known === view;
  }

  /** A message of that uid says it is `token`; it must never say otherwise. */
  identify(uid: number, token: string): void {
    const known = this.tokens.get(uid);
    assert.ok(known === undefined || known === token, `uid ${uid} was ${known} and is now ${token}`);
    this.tokens.set(uid, token);
  }
}

export async function runImapStress(options: ImapStressOptions): Promise<ImapStressResult> {
  const knowledge = new Knowledge();
  const startedAt = performance.now();
  const clients = Array.from({ length: options.clients }, (_, number) => new StressClient(number, options, knowledge));
  const first = clients[0] as StressClient;
  try {
    await first.connect();
    await first.ask(`CREATE ${ELSEWHERE}`, { mayFail: true });
    await Promise.all(clients.slice(1).map((client) => client.connect()));
    await allOrFirstFailure(clients.map((client) => client.work()));
    const seconds = (performance.now() - startedAt) / 1000;
    // Nobody changes anything any more: now all must agree.
    await allOrFirstFailure(clients.map((client) => client.settle()));
    const judge = new StressClient(clients.length, options, knowledge);
    clients.push(judge);
    await judge.connect();
    await judge.judge();
    for (const client of clients) client.agreeWith(judge);
    await Promise.all(clients.map((client) => client.compareFlags()));
    return {
      commands: knowledge.commands,
      seconds,
      messages: judge.count,
      appended: knowledge.appended,
      expunged: knowledge.expunged.size,
      byCommand: Object.fromEntries(
        Array.from(knowledge.durations, ([name, times]) => {
          times.sort((a, b) => a - b);
          const p50 = Math.round(times[times.length >> 1] as number);
          return [name, { count: times.length, p50, max: Math.round(times.at(-1) as number) }];
        }),
      ),
    };
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function allOrFirstFailure(work: readonly Promise<void>[]): Promise<void> {
  await Promise.all(work);
}

/** Within commands that use sequence numbers none may change (RFC 9051 §7.5.1). */
const NO_EXPUNGE = new Set(['FETCH', 'STORE', 'SEARCH']);

class StressClient {
  readonly #number: number;
  readonly #options: ImapStressOptions;
  readonly #knowledge: Knowledge;
  readonly #random: () => number;
  #line: LineClient | undefined;
  #messages: Message[] = [];
  /** How many are said to be \Recent; and what stands for this time of having the mailbox selected. */
  #recentCount = 0;
  #view: object = {};
  #isSelected = false;
  #wantsCondstore: boolean;
  #highestModSeq = 0;
  #tags = 0;
  #connections = 0;
  /** Uids that were gone for all to know when this client last selected the mailbox. */
  #goneAtSelect: ReadonlySet<number> = new Set();
  readonly #transcript: string[] = [];

  constructor(number: number, options: ImapStressOptions, knowledge: Knowledge) {
    this.#number = number;
    this.#options = options;
    this.#knowledge = knowledge;
    this.#random = options.random;
    this.#wantsCondstore = number % 2 === 1;
  }

  get count(): number {
    return this.#messages.length;
  }

  // The wire

  async connect(): Promise<void> {
    const { ports, login, password } = this.#options;
    const port = ports[(this.#number + this.#connections++) % ports.length] as number;
    this.#line = await LineClient.open(port);
    const greeting = await this.#readResponse();
    this.#claim(greeting.startsWith('* OK'), greeting);
    await this.ask(`LOGIN "${login}" "${password}"`);
    await this.#select();
  }

  destroy(): void {
    this.#line?.close();
  }

  #note(direction: string, text: string): void {
    this.#transcript.push(`${direction}: ${text.length > 400 ? `${text.slice(0, 400)}…` : text}`);
    if (this.#transcript.length > TRANSCRIPT_LINES) this.#transcript.shift();
  }

  #claim(claim: boolean, text: string): asserts claim {
    if (claim) return;
    throw new Error(`client ${this.#number}: ${text}\n${this.#transcript.join('\n')}`);
  }

  #send(text: string): void {
    this.#note('C', text.trimEnd());
    (this.#line as LineClient).send(text);
  }

  async #readResponse(): Promise<string> {
    const line = this.#line as LineClient;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      line.close();
    }, PATIENCE_MS);
    try {
      let whole = '';
      for (;;) {
        const part = await line.readLine();
        whole += part;
        const literal = /\{(\d+)\}$/.exec(part);
        if (literal === null) break;
        whole += `\r\n${(await line.readOctets(Number(literal[1]))).toString('latin1')}`;
      }
      this.#note('S', whole);
      return whole;
    } catch (error) {
      this.#claim(false, isLate ? `no answer in ${PATIENCE_MS} ms` : `the connection ended: ${String(error)}`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** One command to its end: resolves to the tagged response without the tag. */
  async ask(
    command: string,
    { literals = [], mayFail = false }: { readonly literals?: readonly string[]; readonly mayFail?: boolean } = {},
  ): Promise<string> {
    const tag = `c${this.#number}n${++this.#tags}`;
    const startedAt = performance.now();
    this.#send(`${tag} ${command}\r\n`);
    const reply = await this.#await(tag, command, literals);
    this.#timed(command, startedAt);
    this.#claim(mayFail || reply.startsWith('OK'), `${command}: ${reply}`);
    return reply;
  }

  #timed(command: string, startedAt: number): void {
    const words = command.split(' ', 2);
    const name = words[0] === 'UID' ? words.join(' ') : (words[0] as string);
    const times = this.#knowledge.durations.get(name);
    if (times === undefined) this.#knowledge.durations.set(name, [performance.now() - startedAt]);
    else times.push(performance.now() - startedAt);
    this.#knowledge.commands++;
  }

  /** Takes everything up to the tagged response. `literals` go out one for each `+`. */
  async #await(tag: string, command: string, literals: readonly string[] = []): Promise<string> {
    const mayExpunge = !NO_EXPUNGE.has(command.split(' ', 1)[0] as string);
    let next = 0;
    for (;;) {
      const response = await this.#readResponse();
      if (response.startsWith('+')) {
        this.#claim(next < literals.length, `${command}: an unasked-for continuation`);
        this.#send(literals[next++] as string);
      } else if (response.startsWith(`${tag} `)) {
        return response.slice(tag.length + 1);
      } else {
        this.#take(response, mayExpunge);
      }
    }
  }

  // The model

  #take(response: string, mayExpunge: boolean): void {
    this.#claim(response.startsWith('* '), `neither tagged nor untagged: ${response}`);
    const match = /^\* (\d+) (EXISTS|RECENT|EXPUNGE|FETCH)\b/.exec(response);
    if (match === null) return this.#takeOther(response);
    const number = Number(match[1]);
    const { length } = this.#messages;
    if (match[2] === 'EXISTS') {
      this.#claim(number >= length, `EXISTS ${number} after ${length} without EXPUNGE`);
      while (this.#messages.length < number) {
        this.#messages.push({ uid: undefined, flags: undefined, isRecent: undefined, modSeq: 0 });
      }
      return;
    }
    if (match[2] === 'RECENT') {
      this.#claim(number <= length, `${response} of ${length} messages`);
      this.#recentCount = number;
      return;
    }
    this.#claim(number >= 1 && number <= length, `${response} of ${length} messages`);
    if (match[2] === 'EXPUNGE') {
      this.#claim(mayExpunge, `${response} while sequence numbers are in use`);
      const [gone] = this.#messages.splice(number - 1, 1);
      if (gone?.uid === undefined) return;
      this.#claim(!this.#knowledge.staying.has(gone.uid), `uid ${gone.uid} was expunged though nobody asked for it`);
      this.#knowledge.expunged.add(gone.uid);
      return;
    }
    this.#takeFetch(number, response);
  }

  #takeOther(response: string): void {
    this.#claim(!/^\* (BAD|BYE)\b/.test(response), response);
    const validity = /^\* OK \[UIDVALIDITY (\d+)\]/.exec(response)?.[1];
    if (validity !== undefined && this.#isSelected) {
      this.#claim((this.#knowledge.uidValidity ??= validity) === validity, `UIDVALIDITY became ${validity}`);
    }
    const highest = /\[?HIGHESTMODSEQ (\d+)/.exec(response)?.[1];
    if (highest !== undefined && this.#isSelected) {
      this.#claim(
        Number(highest) >= this.#highestModSeq,
        `HIGHESTMODSEQ fell from ${this.#highestModSeq}: ${response}`,
      );
      this.#highestModSeq = Number(highest);
    }
  }

  #takeFetch(number: number, response: string): void {
    const message = this.#messages[number - 1] as Message;
    const uid = Number(/[ (]UID (\d+)/.exec(response)?.[1] ?? 0);
    if (uid > 0) {
      this.#claim(
        message.uid === undefined || message.uid === uid,
        `number ${number} was uid ${message.uid}: ${response}`,
      );
      this.#claim(!this.#goneAtSelect.has(uid), `uid ${uid} was expunged before the mailbox was selected, and is back`);
      message.uid = uid;
      const before = this.#messages[number - 2]?.uid ?? 0;
      const after = this.#messages[number]?.uid ?? Infinity;
      this.#claim(before < uid && uid < after, `uids do not ascend: ${before}, ${uid}, ${after}`);
    }
    const flags = /[ (]FLAGS \(([^)]*)\)/.exec(response)?.[1];
    if (flags !== undefined) this.#takeFlags(message, new Set(flags.toLowerCase().split(' ')), response);
    const modSeq = Number(/[ (]MODSEQ \((\d+)\)/.exec(response)?.[1] ?? 0);
    if (modSeq > 0) {
      this.#claim(modSeq >= message.modSeq, `MODSEQ of ${number} fell from ${message.modSeq}: ${response}`);
      message.modSeq = modSeq;
    }
    const token = /Subject: (\S+)|ENVELOPE \((?:NIL|"[^"]*") "(t\d+)"/i.exec(response);
    if (token !== null && message.uid !== undefined) {
      this.#knowledge.identify(message.uid, (token[1] ?? token[2]) as string);
    }
  }

  #takeFlags(message: Message, flags: Set<string>, response: string): void {
    flags.delete('');
    const isRecent = flags.delete(String.raw`\recent`);
    message.flags = flags;
    this.#claim((message.isRecent ??= isRecent) === isRecent, `${response}: \\Recent came or went`);
    if (!isRecent || message.uid === undefined) return;
    this.#claim(this.#knowledge.isRecentTo(message.uid, this.#view), `${response}: \\Recent to another session before`);
  }

  async #select(): Promise<void> {
    this.#view = {};
    this.#recentCount = 0;
    this.#messages = [];
    this.#isSelected = true;
    this.#highestModSeq = 0;
    this.#goneAtSelect = new Set(this.#knowledge.expunged);
    const staying = [...this.#knowledge.staying];
    await this.ask(`SELECT ${MAILBOX}${this.#wantsCondstore ? ' (CONDSTORE)' : ''}`);
    await this.#learnAll();
    const known = new Set(this.#messages.map(({ uid }) => uid));
    for (const uid of staying) this.#claim(known.has(uid), `uid ${uid}, acknowledged before, is missing after SELECT`);
  }

  /** Asks for what is not known yet. */
  async #learnAll(): Promise<void> {
    const from = this.#messages.findIndex(({ uid, flags }) => uid === undefined || flags === undefined);
    if (from >= 0) await this.ask(`FETCH ${from + 1}:${this.#messages.length} (UID FLAGS)`);
  }

  // What it does

  async work(): Promise<void> {
    const table = OPERATIONS.flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
    for (let i = 0; i < this.#options.operations && this.#options.isOver?.() !== true; i++) {
      const isFull = this.#messages.length > (this.#options.messages ?? 60) && this.#chance(0.4);
      await this.#do(isFull ? 'remove' : this.#pick(table));
    }
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T;
  }

  /** A range of sequence numbers that exist; undefined when there are none. */
  #range(): { readonly low: number; readonly high: number } | undefined {
    const { length } = this.#messages;
    if (length === 0) return undefined;
    const low = 1 + this.#below(length);
    return { low, high: Math.min(length, low + this.#below(6)) };
  }

  /** Some messages that may be removed, as sequence numbers and uids. */
  #removable(): { readonly numbers: readonly number[]; readonly uids: readonly number[] } {
    const numbers: number[] = [];
    const uids: number[] = [];
    for (const [at, { uid }] of this.#messages.entries()) {
      if (uid === undefined || !this.#knowledge.removable.has(uid) || !this.#chance(0.3) || numbers.length > 5)
        continue;
      numbers.push(at + 1);
      uids.push(uid);
    }
    return { numbers, uids };
  }

  async #do(operation: Operation): Promise<void> {
    const range = this.#range();
    const numbers = range === undefined ? '' : `${range.low}:${range.high}`;
    const firstUid = this.#messages.at(-1 - this.#below(10))?.uid ?? 1;
    switch (operation) {
      case 'append':
        return this.#append();
      case 'fetch':
        if (range !== undefined) await this.ask(`FETCH ${numbers} ${this.#pick(FETCHED)}`);
        return;
      case 'uidFetch':
        await this.ask(`UID FETCH ${firstUid}:* ${this.#pick(FETCHED)}`);
        return;
      case 'changedSince':
        await this.ask(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${Math.max(1, this.#highestModSeq - this.#below(20))})`);
        return;
      case 'store':
        if (range !== undefined) await this.#store(numbers, range.low, range.high);
        return;
      case 'remove':
        return this.#remove();
      case 'expunge':
        await this.ask('EXPUNGE');
        return;
      case 'uidExpunge':
        await this.ask(`UID EXPUNGE ${firstUid}:${firstUid + 10}`);
        return;
      case 'copy':
        if (range !== undefined) await this.#copy(`COPY ${numbers} ${this.#pick([MAILBOX, ELSEWHERE])}`);
        return;
      case 'move':
        return this.#move();
      case 'search':
        return this.#search();
      case 'noop':
        return this.#catchUp();
      case 'idle':
        return this.#idle();
      case 'status':
        await this.ask(`STATUS ${MAILBOX} (MESSAGES UIDNEXT UNSEEN)`);
        return;
      case 'pipeline':
        return this.#pipeline(firstUid);
      case 'close':
        await this.ask(this.#pick(['CLOSE', 'UNSELECT']));
        return this.#select();
      case 'select':
        return this.#select();
      case 'elsewhere':
        return this.#visitElsewhere();
      case 'reconnect':
        return this.#reconnect();
    }
  }

  async #append(): Promise<void> {
    const count = this.#chance(0.2) ? 3 : 1;
    let command = `APPEND ${MAILBOX}`;
    const isWaiting = this.#chance(0.3);
    const literals: string[] = [];
    const tokens: string[] = [];
    for (let i = 0; i < count; i++) {
      const token = `t${this.#knowledge.nextToken++}`;
      tokens.push(token);
      const filler = `${'x'.repeat(70)}\r\n`.repeat(this.#below(30));
      const message = `From: a@example.org\r\nSubject: ${token}\r\n\r\n${filler}`;
      const flags = `(${this.#pick(FLAGS)})`;
      if (isWaiting) {
        if (i === 0) command += ` ${flags} {${message.length}}`;
        else literals.push(`${literals.pop()} ${flags} {${message.length}}\r\n`);
        literals.push(message);
      } else {
        command += ` ${flags} {${message.length}+}\r\n${message}`;
      }
    }
    if (isWaiting) literals.push(`${literals.pop()}\r\n`);
    const reply = await this.ask(command, { literals });
    const uids = parseUids(/\[APPENDUID \d+ ([\d:,]+)\]/.exec(reply)?.[1] ?? '');
    this.#claim(uids.length === count, `APPENDUID of ${count} messages: ${reply}`);
    for (const [i, uid] of uids.entries()) {
      this.#knowledge.identify(uid, tokens[i] as string);
      (isToStay(uid) ? this.#knowledge.staying : this.#knowledge.removable).add(uid);
      this.#knowledge.appended++;
    }
  }

  async #store(numbers: string, low: number, high: number): Promise<void> {
    const flag = this.#pick(FLAGS);
    const isAdded = this.#chance(0.6);
    const isSilent = this.#chance(0.4);
    const byUid = this.#chance(0.4) && this.#messages.slice(low - 1, high).every(({ uid }) => uid !== undefined);
    const targets = this.#messages.slice(low - 1, high);
    const set = byUid ? targets.map(({ uid }) => uid).join(',') : numbers;
    const since = this.#chance(0.15) ? ` (UNCHANGEDSINCE ${Math.max(1, this.#highestModSeq)})` : '';
    // Of what it changes silently the client is not told: it knows.
    if (isSilent) {
      for (const message of targets) {
        if (since !== '') message.flags = undefined;
        else if (isAdded) message.flags?.add(flag.toLowerCase());
        else message.flags?.delete(flag.toLowerCase());
      }
    }
    const reply = await this.ask(
      `${byUid ? 'UID ' : ''}STORE ${set}${since} ${isAdded ? '+' : '-'}FLAGS${isSilent ? '.SILENT' : ''} (${flag})`,
    );
    if (reply.includes('[MODIFIED') || reply.includes('EXPUNGEISSUED'))
      for (const message of targets) message.flags = undefined;
  }

  async #remove(): Promise<void> {
    await this.#learnAll();
    const { numbers, uids } = this.#removable();
    if (numbers.length === 0) return;
    const byUid = this.#chance(0.5);
    await this.ask(`${byUid ? `UID STORE ${uids.join(',')}` : `STORE ${numbers.join(',')}`} +FLAGS (\\Deleted)`);
    if (this.#chance(0.7)) await this.ask(this.#chance(0.5) ? 'EXPUNGE' : `UID EXPUNGE ${uids.join(',')}`);
  }

  async #copy(command: string): Promise<void> {
    const reply = await this.ask(command, { mayFail: true });
    this.#claim(/^(OK|NO \[EXPUNGEISSUED\])/.test(reply), `${command}: ${reply}`);
    if (command.endsWith(MAILBOX)) this.#learnCopies(reply);
  }

  #learnCopies(reply: string): void {
    const match = /\[COPYUID \d+ ([\d:,]+) ([\d:,]+)\]/.exec(reply);
    if (match === null) return;
    const from = parseUids(match[1] as string);
    const to = parseUids(match[2] as string);
    this.#claim(from.length === to.length, `COPYUID of different lengths: ${reply}`);
    for (const [i, uid] of to.entries()) {
      this.#knowledge.removable.add(uid);
      const token = this.#isSelected ? this.#knowledge.tokens.get(from[i] as number) : undefined;
      if (token !== undefined) this.#knowledge.identify(uid, token);
    }
  }

  async #move(): Promise<void> {
    await this.#learnAll();
    const { numbers, uids } = this.#removable();
    if (numbers.length === 0) return;
    const command = `${this.#chance(0.5) ? `UID MOVE ${uids.join(',')}` : `MOVE ${numbers.join(',')}`} ${ELSEWHERE}`;
    const reply = await this.ask(command, { mayFail: true });
    this.#claim(/^(OK|NO \[EXPUNGEISSUED\])/.test(reply), `${command}: ${reply}`);
  }

  async #search(): Promise<void> {
    const key = this.#pick([
      'ALL',
      'SEEN',
      'UNSEEN FLAGGED',
      'SUBJECT t1',
      'KEYWORD todo',
      'NOT DELETED',
      'LARGER 500',
      'TEXT xxx',
    ]);
    const byUid = this.#chance(0.5);
    const known = new Set(byUid ? this.#messages.map(({ uid }) => uid) : this.#messages.keys().map((at) => at + 1));
    const isAllKnown = this.#messages.every(({ uid }) => uid !== undefined);
    const found: number[] = [];
    const tag = `c${this.#number}n${++this.#tags}`;
    const isExtended = this.#chance(0.5);
    this.#send(`${tag} ${byUid ? 'UID ' : ''}SEARCH ${isExtended ? 'RETURN (ALL COUNT) ' : ''}${key}\r\n`);
    const startedAt = performance.now();
    for (;;) {
      const response = await this.#readResponse();
      if (response.startsWith(`${tag} `)) {
        this.#claim(response.startsWith(`${tag} OK`), response);
        break;
      }
      if (response.startsWith('* SEARCH'))
        found.push(...Array.from(response.matchAll(/ (\d+)/g), ([, n]) => Number(n)));
      else if (response.startsWith('* ESEARCH')) found.push(...parseUids(/ ALL ([\d:,]+)/.exec(response)?.[1] ?? ''));
      else this.#take(response, byUid);
    }
    this.#timed(byUid ? 'UID SEARCH' : 'SEARCH', startedAt);
    if (byUid && !isAllKnown) return;
    for (const number of found)
      this.#claim(known.has(number), `SEARCH ${key} found ${number}, which this client was never told of`);
  }

  async #catchUp(): Promise<void> {
    const staying = [...this.#knowledge.staying];
    await this.ask(this.#pick(['NOOP', 'CHECK']));
    await this.#learnAll();
    const known = new Set(this.#messages.map(({ uid }) => uid));
    for (const uid of staying) this.#claim(known.has(uid), `uid ${uid}, acknowledged before, is not told by NOOP`);
  }

  async #idle(): Promise<void> {
    const tag = `c${this.#number}n${++this.#tags}`;
    this.#send(`${tag} IDLE\r\n`);
    const asked = await this.#readResponse();
    this.#claim(asked.startsWith('+'), `IDLE: ${asked}`);
    const timer = setTimeout(() => this.#send('DONE\r\n'), this.#below(200));
    try {
      const reply = await this.#await(tag, 'IDLE');
      this.#claim(reply.startsWith('OK'), `IDLE: ${reply}`);
      this.#knowledge.commands++;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Several commands in one packet, none of which makes another ambiguous (RFC 9051 §5.5). */
  async #pipeline(firstUid: number): Promise<void> {
    const commands = ['NOOP', `UID FETCH ${firstUid}:* (FLAGS)`, 'NOOP', `UID SEARCH UID ${firstUid}:*`, 'CHECK'];
    const tags = commands.map(() => `c${this.#number}n${++this.#tags}`);
    this.#send(commands.map((command, i) => `${tags[i]} ${command}\r\n`).join(''));
    for (const [i, command] of commands.entries()) {
      const reply = await this.#await(tags[i] as string, command);
      this.#claim(reply.startsWith('OK'), `${command}: ${reply}`);
      this.#knowledge.commands++;
    }
  }

  /** Brings some messages back from the other mailbox. */
  async #visitElsewhere(): Promise<void> {
    this.#isSelected = false;
    this.#messages = [];
    this.#goneAtSelect = new Set();
    const notForUs = this.#transcriptOnly();
    const tag = `c${this.#number}n${++this.#tags}`;
    this.#send(`${tag} SELECT ${ELSEWHERE}\r\n`);
    const exists = await notForUs(tag);
    if (exists > 0) {
      const low = 1 + this.#below(exists);
      const again = `c${this.#number}n${++this.#tags}`;
      this.#send(`${again} ${this.#pick(['COPY', 'MOVE'])} ${low}:${Math.min(exists, low + 2)} ${MAILBOX}\r\n`);
      await notForUs(again);
    }
    await this.#select();
  }

  /** Reads on without the model: the other mailbox's messages are nobody's concern. Answers with EXISTS. */
  #transcriptOnly(): (tag: string) => Promise<number> {
    return async (tag) => {
      let exists = 0;
      for (;;) {
        const response = await this.#readResponse();
        exists = Number(/^\* (\d+) EXISTS/.exec(response)?.[1] ?? exists);
        this.#claim(!response.startsWith('* BYE'), response);
        this.#learnCopies(response);
        if (!response.startsWith(`${tag} `)) continue;
        this.#claim(/ (OK|NO \[EXPUNGEISSUED\])/.test(response), response);
        return exists;
      }
    };
  }

  async #reconnect(): Promise<void> {
    if (this.#chance(0.5)) {
      const tag = `c${this.#number}n${++this.#tags}`;
      this.#send(`${tag} LOGOUT\r\n`);
      const lines = [await this.#readResponse(), await this.#readResponse()];
      this.#claim(
        lines[0]?.startsWith('* BYE') === true && lines[1]?.startsWith(`${tag} OK`) === true,
        lines.join(' | '),
      );
    }
    this.destroy();
    await this.connect();
  }

  // The end

  async settle(): Promise<void> {
    await this.ask('NOOP');
    await this.#learnAll();
    // Of some it may never have been asked.
    await this.ask('UID FETCH 1:* (FLAGS)');
    const recent = this.#messages.filter(({ isRecent }) => isRecent).length;
    this.#claim(recent === this.#recentCount, `${recent} are \\Recent, RECENT said ${this.#recentCount}`);
  }

  /** Reads every message, and compares the counters with what is there. */
  async judge(): Promise<void> {
    await this.ask('UID FETCH 1:* (UID FLAGS RFC822.SIZE ENVELOPE)');
    await this.ask('UID FETCH 1:* (UID BODY.PEEK[])');
    const tag = `c${this.#number}n${++this.#tags}`;
    this.#send(`${tag} STATUS ${MAILBOX} (MESSAGES UNSEEN DELETED)\r\n`);
    const status = await this.#readResponse();
    await this.#await(tag, 'STATUS');
    const count = (test: (flags: Set<string>) => boolean): number =>
      this.#messages.filter(({ flags }) => test(flags ?? new Set())).length;
    const unseen = count((flags) => !flags.has(String.raw`\seen`));
    const deleted = count((flags) => flags.has(String.raw`\deleted`));
    for (const item of [`MESSAGES ${this.#messages.length}`, `UNSEEN ${unseen}`, `DELETED ${deleted}`]) {
      this.#claim(status.includes(item), `${status} though it has ${item}`);
    }
    for (const uid of this.#knowledge.staying) {
      this.#claim(
        this.#messages.some((message) => message.uid === uid),
        `uid ${uid} is lost`,
      );
    }
  }

  /** What this client was told must be what is there. */
  agreeWith(judge: StressClient): void {
    const shown = (messages: readonly Message[]): string[] =>
      messages.map(({ uid, flags }) => `${uid} ${[...(flags ?? [])].toSorted().join(' ')}`);
    const mine = shown(this.#messages);
    const theirs = shown(judge.#messages);
    for (let i = 0; i < Math.max(mine.length, theirs.length); i++) {
      this.#claim(
        mine[i] === theirs[i],
        `number ${i + 1} is "${mine[i]}" to this client, and "${theirs[i]}" to a new one`,
      );
    }
  }

  /** What this client fetches now must be what it was told. */
  async compareFlags(): Promise<void> {
    const before = this.#messages.map(({ flags }) => [...(flags ?? [])].toSorted().join(' '));
    await this.ask('UID FETCH 1:* (FLAGS)');
    const after = this.#messages.map(({ flags }) => [...(flags ?? [])].toSorted().join(' '));
    this.#claim(before.join() === after.join(), 'flags differ from those told');
  }
}

const FETCHED = [
  'FLAGS',
  '(UID FLAGS)',
  '(UID FLAGS INTERNALDATE RFC822.SIZE)',
  '(UID BODY.PEEK[HEADER.FIELDS (Subject)])',
  '(UID ENVELOPE)',
  '(UID BODY[])',
  '(UID BODYSTRUCTURE BODY.PEEK[TEXT]<0.100>)',
] as const;

type Operation =
  | 'append'
  | 'fetch'
  | 'uidFetch'
  | 'changedSince'
  | 'store'
  | 'remove'
  | 'expunge'
  | 'uidExpunge'
  | 'copy'
  | 'move'
  | 'search'
  | 'noop'
  | 'idle'
  | 'status'
  | 'pipeline'
  | 'close'
  | 'select'
  | 'elsewhere'
  | 'reconnect';

const OPERATIONS: readonly (readonly [Operation, number])[] = [
  ['append', 12],
  ['fetch', 12],
  ['uidFetch', 8],
  ['changedSince', 3],
  ['store', 16],
  ['remove', 6],
  ['expunge', 3],
  ['uidExpunge', 2],
  ['copy', 3],
  ['move', 3],
  ['search', 8],
  ['noop', 6],
  ['idle', 4],
  ['status', 2],
  ['pipeline', 3],
  ['close', 1],
  ['select', 1],
  ['elsewhere', 2],
  ['reconnect', 1],
];

/** `1,3:5` as numbers. */
function parseUids(set: string): number[] {
  return set
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [low, high = low] = part.split(':').map(Number) as [number, number?];
      return Array.from({ length: Math.abs(high - low) + 1 }, (_, i) => Math.min(low, high) + i);
    });
}
