/**
 * One message to one server: the envelope in bursts as far as the server allows (RFC 2920), then the message, by BDAT
 * where offered. The message's octets leave only once a recipient was accepted.
 */
import { asciiDomain, splitAddress } from '#smtp/address.ts';
import { stuffDots } from '#smtp/wire/dot-stuffer.ts';

import type { Capabilities } from './capabilities.ts';
import type { Channel } from './channel.ts';
import type { MessageContent } from './content.ts';
import { writeEnvelope } from './envelope.ts';
import { COMMAND_BURST_CHARS } from './limits.ts';
import type { MessageFailure, OutgoingMessage, RecipientOutcome, SendResult } from './message.ts';
import { isSuccess } from './reply.ts';
import type { ConnectionFailure, Reply, Stage } from './reply.ts';
import type { TlsReport } from './tls.ts';

interface Command {
  readonly stage: Stage;
  readonly line: string;
  /** Of RCPT: which forward path. */
  readonly index?: number;
}

/** Octets of a message that go out in one write with what precedes and follows them. */
const SMALL_MESSAGE_BYTES = 64 * 1024;

export class Transaction {
  readonly #channel: Channel;
  readonly #message: OutgoingMessage;
  readonly #capabilities: Capabilities;
  readonly #outcomes: (RecipientOutcome | undefined)[];
  readonly #accepted: number[] = [];
  #failure: MessageFailure | ConnectionFailure | undefined;
  /** Whether the server still holds an envelope, so that RSET has to precede the next. */
  isLeftOpen = false;

  constructor(channel: Channel, message: OutgoingMessage, capabilities: Capabilities) {
    this.#channel = channel;
    this.#message = message;
    this.#capabilities = capabilities;
    this.#outcomes = message.forwardPaths.map(() => undefined);
  }

  /** `resets`: an earlier transaction was left open. */
  async run(tls: TlsReport | undefined, resets: boolean): Promise<SendResult> {
    this.isLeftOpen = resets;
    const envelope = writeEnvelope(this.#message, this.#capabilities, tls);
    if (envelope.kind === 'messageRefused') {
      this.#refuseAll(envelope);
      return this.#result();
    }
    const tried = this.#chooseRecipients(envelope.rcpts);
    if (tried.length === 0) return this.#result();
    const unasked = await this.#channel.checkQuiet('idle');
    if (unasked !== undefined) return this.#break(unasked);

    const commands: Command[] = [{ stage: 'mail', line: envelope.mail }, ...tried];
    if (resets) commands.unshift({ stage: 'rset', line: 'RSET' });
    // RFC 2920 §3.1: DATA may end a group; BDAT begins with its octets, which wait for a recipient.
    if (!this.#usesChunks) commands.push({ stage: 'data', line: 'DATA' });
    const mayGoOn = await this.#sayInBursts(commands);
    if (!mayGoOn || this.#accepted.length === 0) return this.#result();
    await this.#sendContent(this.#message.content);
    return this.#result();
  }

  get #usesChunks(): boolean {
    return this.#capabilities.keywords.has('CHUNKING');
  }

  /** RCPT for those that can go in this transaction; the others have their outcome. */
  #chooseRecipients(rcpts: readonly (string | Reply)[]): Command[] {
    const { rcptMax, rcptDomainMax } = this.#capabilities;
    const domains = new Set<string>();
    const commands: Command[] = [];
    for (const [index, rcpt] of rcpts.entries()) {
      if (typeof rcpt !== 'string') {
        this.#outcomes[index] = { kind: 'refused', isPermanent: true, reply: rcpt };
        continue;
      }
      // RFC 9422 §4.2, §4.3.
      const { domain } = splitAddress(this.#message.forwardPaths[index]?.address ?? '');
      const key = asciiDomain(domain) ?? domain;
      if (commands.length >= rcptMax || (domains.size >= rcptDomainMax && !domains.has(key))) {
        this.#outcomes[index] = { kind: 'notTried', why: 'limit' };
      } else {
        domains.add(key);
        commands.push({ stage: 'rcpt', line: rcpt, index });
      }
    }
    return commands;
  }

  /** False when the transaction is over: refused, broken, or without a recipient. */
  async #sayInBursts(commands: readonly Command[]): Promise<boolean> {
    const burstChars = this.#capabilities.keywords.has('PIPELINING') ? COMMAND_BURST_CHARS : 0;
    let next = 0;
    while (next < commands.length) {
      const burst: Command[] = [];
      let text = '';
      do {
        const command = commands[next++]!;
        // Without a recipient there is nothing to ask DATA for.
        if (command.stage === 'data' && burst.length === 0 && this.#accepted.length === 0) return false;
        burst.push(command);
        text += `${command.line}\r\n`;
      } while (next < commands.length && text.length + commands[next]!.line.length < burstChars);
      await this.#channel.write([text]);
      for (const command of burst) {
        const reply = await this.#channel.reply(command.stage, this.#timeoutOf(command.stage));
        if (reply.kind === 'connectionFailed') return this.#breakFalse(reply);
        if (!(await this.#heed(command, reply))) return false;
      }
      if (this.#failure !== undefined) return false;
    }
    return true;
  }

  /** Takes the reply to a command; false if nothing more can be read or said. */
  async #heed(command: Command, reply: Reply): Promise<boolean> {
    const isRefusal = reply.code >= 400;
    // 354 is for DATA and nothing else.
    if (!isRefusal && isSuccess(reply) === (command.stage === 'data')) {
      return this.#breakFalse(
        this.#channel.fail(command.stage, 'garbage', `unexpected reply: ${reply.code} ${reply.text}`, reply),
      );
    }
    switch (command.stage) {
      case 'rset':
        this.isLeftOpen = false;
        return !isRefusal || this.#breakFalse(this.#channel.failWithReply('rset', reply));
      case 'mail':
        if (isRefusal)
          this.#refuseAll({ kind: 'messageRefused', why: 'server', isPermanent: reply.code >= 500, reply });
        else this.isLeftOpen = true;
        return true;
      case 'rcpt':
        // After a refused MAIL the replies to RCPT say nothing of the recipients.
        if (this.#failure === undefined) this.#heedRcpt(command.index ?? 0, reply);
        return true;
      default:
        if (isRefusal) {
          if (this.#accepted.length > 0)
            this.#refuseAll({ kind: 'messageRefused', why: 'server', isPermanent: reply.code >= 500, reply });
          return this.#accepted.length > 0 || this.#failure !== undefined;
        }
        return this.#accepted.length > 0 || (await this.#sendNothing());
    }
  }

  #heedRcpt(index: number, reply: Reply): void {
    if (isSuccess(reply)) {
      this.#accepted.push(index);
      return;
    }
    // RFC 5321 §4.5.3.1.10: too many recipients, and 552 means the same; the rest goes in a further transaction.
    const isTooMany = (reply.code === 452 && /^4\.(5\.3|0\.0)$/.test(reply.enhanced)) || reply.code === 552;
    if (isTooMany && this.#accepted.length > 0) {
      this.#outcomes[index] = { kind: 'notTried', why: 'limit' };
    } else {
      const isPermanent = reply.code >= 500 && reply.code !== 552;
      this.#outcomes[index] = { kind: 'refused', isPermanent, reply };
    }
  }

  /** RFC 2920 §3.1: 354 though every recipient was refused: a dot alone ends it, and what is then said does not count. */
  async #sendNothing(): Promise<false> {
    const reply = await this.#channel.ask('content', '.', this.#channel.limits.contentTimeoutMs);
    if (reply.kind === 'connectionFailed' && this.#failure === undefined) this.#failure = reply;
    this.isLeftOpen = false;
    return false;
  }

  async #sendContent(content: MessageContent): Promise<void> {
    const isWhole = this.#usesChunks ? await this.#writeChunk(content) : await this.#writeData(content.octets);
    const { contentTimeoutMs } = this.#channel.limits;
    const reply = await this.#channel.reply('content', contentTimeoutMs);
    if (reply.kind === 'connectionFailed') {
      // 421 here is an answer like others; only then it closes.
      if (reply.reply !== undefined && reply.why === 'closing') this.#refuse(reply.reply);
      else if (isWhole) this.#settle({ kind: 'unknown' });
      this.#failure = reply;
      return;
    }
    if (isSuccess(reply) && isWhole) {
      this.isLeftOpen = false;
      this.#settle({ kind: 'accepted', reply });
      return;
    }
    if (reply.code < 400) {
      // 354 for an answer, or a success for half a message.
      if (isWhole) this.#settle({ kind: 'unknown' });
      this.#failure = this.#channel.fail('content', 'garbage', `unexpected reply: ${reply.code} ${reply.text}`, reply);
      return;
    }
    this.#refuse(reply);
    // RFC 3030 §2: after a failed BDAT only RSET leads on.
    this.isLeftOpen = this.#usesChunks;
    // It spoke before it had heard all: where it would go on reading, we cannot know.
    if (!isWhole) this.#channel.destroy();
  }

  #writeChunk(content: MessageContent): Promise<boolean> {
    const { octets, sizeBytes, isLastLineEnded, body } = content;
    const endsLine = !isLastLineEnded && body !== 'BINARYMIME';
    const head = `BDAT ${endsLine ? sizeBytes : octets.length} LAST\r\n`;
    return this.#writeAll([head, ...slice(octets), ...(endsLine ? ['\r\n'] : [])]);
  }

  #writeData(octets: Buffer): Promise<boolean> {
    return this.#writeAll(stuffDots(octets));
  }

  /** Writes with back-pressure; false if the server spoke or went before all was written. */
  async #writeAll(pieces: Iterable<string | Buffer>): Promise<boolean> {
    let waiting: (string | Buffer)[] = [];
    let waitingBytes = 0;
    for (const piece of pieces) {
      // More than the first block will follow: the server may have had enough.
      if (waitingBytes >= SMALL_MESSAGE_BYTES) {
        if (this.#channel.hasSpoken) return false;
        await this.#channel.write(waiting);
        waiting = [];
        waitingBytes = 0;
      }
      waiting.push(piece);
      waitingBytes += piece.length;
    }
    if (this.#channel.hasSpoken) return false;
    await this.#channel.write(waiting);
    return true;
  }

  #timeoutOf(stage: Stage): number {
    const { limits } = this.#channel;
    if (stage === 'mail') return limits.mailTimeoutMs;
    if (stage === 'rcpt') return limits.rcptTimeoutMs;
    return stage === 'data' ? limits.dataTimeoutMs : limits.helloTimeoutMs;
  }

  #refuse(reply: Reply): void {
    const isPermanent = reply.code >= 500;
    this.#settle({ kind: 'refused', isPermanent, reply });
    this.#failure ??= { kind: 'messageRefused', why: 'server', isPermanent, reply };
  }

  /** For all that have no outcome yet. */
  #refuseAll(failure: MessageFailure): void {
    this.#failure = failure;
    const { isPermanent, reply } = failure;
    this.#accepted.length = 0;
    for (const index of this.#outcomes.keys()) this.#outcomes[index] ??= { kind: 'refused', isPermanent, reply };
  }

  /** For those that were accepted at RCPT. */
  #settle(outcome: RecipientOutcome): void {
    for (const index of this.#accepted) this.#outcomes[index] = outcome;
  }

  #breakFalse(failure: ConnectionFailure): false {
    this.#failure = failure;
    return false;
  }

  #break(failure: ConnectionFailure): SendResult {
    this.#failure = failure;
    return this.#result();
  }

  #result(): SendResult {
    const recipients = this.#outcomes.map((outcome) => outcome ?? ({ kind: 'notTried', why: 'connection' } as const));
    return this.#failure === undefined ? { recipients } : { recipients, failure: this.#failure };
  }
}

const SLICE_BYTES = 64 * 1024;

/** In pieces that are written, and waited for, one by one: over TLS each is copied while it is encrypted. */
function* slice(octets: Buffer): Generator<Buffer> {
  for (let start = 0; start < octets.length; start += SLICE_BYTES) yield octets.subarray(start, start + SLICE_BYTES);
}
