/**
 * One message coming in, by DATA or BDAT: gathers its octets, keeps them within the limits and the server's memory
 * budget, and knows why the message must be refused. It knows no protocol state and no recipients.
 */
import type { SmtpLimits } from './limits.ts';
import type { OctetBudget } from './octet-budget.ts';
import type { SmtpReply } from './receiver.ts';
import { countReceived } from './trace.ts';
import { LineInspector } from './wire/line-inspector.ts';
import type { LineFault } from './wire/line-inspector.ts';
import { OctetCollector } from './wire/octet-collector.ts';
import type { OctetSink } from './wire/octet-sink.ts';

export class MessageIntake implements OctetSink {
  readonly #limits: SmtpLimits;
  readonly #budget: OctetBudget;
  readonly #inspector: LineInspector;
  readonly #collector = new OctetCollector();
  #reservedBytes = 0;
  #seenBytes = 0;
  #refusal: SmtpReply | undefined;

  constructor(limits: SmtpLimits, budget: OctetBudget, isBinary: boolean) {
    this.#limits = limits;
    this.#budget = budget;
    this.#inspector = new LineInspector({ ...limits, isBinary });
  }

  push(octets: Buffer, start: number, end: number): void {
    this.#seenBytes += end - start;
    if (this.#refusal !== undefined) return;
    if (this.#seenBytes > this.#limits.maxMessageBytes) {
      this.#refuse(tooLargeReply(this.#limits.maxMessageBytes));
      return;
    }
    this.#inspector.push(octets, start, end);
    if (this.#inspector.fault !== undefined) {
      this.#refuse(faultReply(this.#inspector.fault, this.#limits));
      return;
    }
    if (!this.#budget.reserve(end - start)) {
      this.#refuse(noMemoryReply);
      return;
    }
    this.#reservedBytes += end - start;
    this.#collector.push(octets, start, end);
  }

  /** Why this message cannot be accepted, as far as is known. Its octets are no longer kept then. */
  get refusal(): SmtpReply | undefined {
    return this.#refusal;
  }

  /** Whether the peer's idea of line ends is not ours, so that the connection should not go on after the refusal. */
  get hasBareLineEnd(): boolean {
    const fault = this.#inspector.fault;
    return fault === 'bareLf' || fault === 'bareCr';
  }

  /** Whether so much more has come than allowed that reading on to answer is not worth it. */
  get isRunaway(): boolean {
    return this.#seenBytes > this.#limits.maxMessageBytes + this.#limits.maxOverrunBytes;
  }

  get sizeBytes(): number {
    return this.#seenBytes;
  }

  /** The message is over: the whole of it, or the reason to refuse it. Its octets count until `release`. */
  finish(): Buffer | SmtpReply {
    this.#inspector.end();
    if (this.#inspector.fault !== undefined) this.#refuse(faultReply(this.#inspector.fault, this.#limits));
    if (this.#refusal !== undefined) return this.#refusal;
    const message = this.#collector.take();
    // RFC 5321 §6.3.
    if (countReceived(message) > this.#limits.maxReceivedFields) {
      return {
        code: 554,
        enhanced: '5.4.6',
        text: `Mail loop: more than ${this.#limits.maxReceivedFields} Received fields`,
      };
    }
    return message;
  }

  /** Gives the memory back; to be called once the message is dealt with, however that went. */
  release(): void {
    this.#collector.clear();
    this.#budget.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }

  #refuse(reply: SmtpReply): void {
    this.#refusal ??= reply;
    this.release();
  }
}

/** RFC 1870 §6.1 and §6.3. */
export function tooLargeReply(maxBytes: number): SmtpReply {
  return { code: 552, enhanced: '5.3.4', text: `Message larger than ${maxBytes} octets` };
}

export const noMemoryReply: SmtpReply = {
  code: 452,
  enhanced: '4.3.1',
  text: 'Too much mail coming in at once, try again later',
};

function faultReply(fault: LineFault, limits: SmtpLimits): SmtpReply {
  switch (fault) {
    case 'bareLf':
      return { code: 550, enhanced: '5.5.2', text: 'Message refused: bare <LF> in it (RFC 5321 section 2.3.8)' };
    case 'bareCr':
      return { code: 550, enhanced: '5.5.2', text: 'Message refused: bare <CR> in it (RFC 5321 section 2.3.8)' };
    case 'nul':
      // Neither 7bit nor 8bit may hold NUL (RFC 2045 §2.7, §2.8), IMAP cannot show it outside literal8, and filters
      // written in C stop reading at it. In a BINARYMIME body it is content.
      return { code: 554, enhanced: '5.6.0', text: 'Message refused: NUL octet in it (RFC 2045 section 2.8)' };
    case 'longLine':
      return { code: 554, enhanced: '5.6.0', text: `Message refused: line longer than ${limits.maxLineBytes} octets` };
    case 'longHeader':
      return {
        code: 554,
        enhanced: '5.6.0',
        text: `Message refused: header section longer than ${limits.maxHeaderBytes} octets`,
      };
  }
}
