/** Commands with their tags, literals and results (RFC 9051 §2.2.1), any number under way at once. */
import type { MailError } from '#base/errors.ts';
import type { Channel } from './channel.ts';
import type { Response } from './response.ts';

export type Result = Response & { readonly kind: 'status' };
export type Data = Response & { readonly kind: 'data' };

/** What comes untagged while a command is under way. */
export type Listener = (response: Data | Result) => void;

// RFC 9051 §9 quoted: no CR, LF, NUL; of the rest what every server has always read.
const PLAIN_STRING = /^[\x20-\x7e]{0,1000}$/;

export class Commands {
  readonly channel: Channel;
  #count = 0;
  /** Commands without a result so far. */
  readonly #open = new Set<string>();
  /** Results of commands that were finished while another was waited for (RFC 9051 §5.5). */
  readonly #results = new Map<string, Result>();

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** Hangs up and answers why. */
  fail(message: string): MailError {
    return this.channel.fail(message);
  }

  /** Sends a command: text as it is, octets as a string. Answers its tag. Throws `unavailable`. */
  async send(pieces: readonly (string | Buffer)[], bytes = 0): Promise<string> {
    const tag = `m${++this.#count}`;
    this.#open.add(tag);
    this.channel.allow(bytes);
    let line = `${tag} `;
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        line += piece;
        continue;
      }
      const text = piece.toString('latin1');
      if (PLAIN_STRING.test(text)) {
        line += `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;
        continue;
      }
      await this.channel.send([`${line}{${piece.length}}\r\n`]);
      const refusal = await this.continuation(tag);
      // The result is waited for by whoever runs the command.
      if (refusal !== undefined) {
        this.#results.set(tag, refusal);
        return tag;
      }
      await this.channel.send([piece]);
      line = '';
    }
    await this.channel.send([`${line}\r\n`]);
    return tag;
  }

  say(text: string): Promise<void> {
    return this.channel.send([text]);
  }

  /** Until the server wants to hear on; its result where it does not. Throws `unavailable`. */
  async continuation(tag: string): Promise<Result | undefined> {
    for (let stray = 0; ; stray++) {
      const response = await this.#next(stray);
      if (response.kind === 'continuation') return undefined;
      if (response.kind === 'status' && response.tag === tag) {
        this.#open.delete(tag);
        return response;
      }
    }
  }

  /** The result of a command; `listener` hears what comes before it. Throws `unavailable`. */
  async finish(tag: string, listener?: Listener): Promise<Result> {
    const known = this.#results.get(tag);
    if (known !== undefined) {
      this.#results.delete(tag);
      return known;
    }
    for (let stray = 0; ; stray++) {
      const response = await this.#next(stray);
      if (response.kind === 'continuation') throw this.fail('a continuation that nothing asked for');
      if (response.kind === 'status' && response.tag !== undefined) {
        if (!this.#open.delete(response.tag)) throw this.fail(`the result of another command: ${response.tag}`);
        if (response.tag === tag) return response;
        this.#results.set(response.tag, response);
        continue;
      }
      listener?.(response);
    }
  }

  /** Both. */
  async run(pieces: readonly (string | Buffer)[], listener?: Listener): Promise<Result> {
    return this.finish(await this.send(pieces), listener);
  }

  /** A greeting: the first response, untagged. Throws `unavailable`. */
  async greeting(): Promise<Result> {
    this.channel.allow(0);
    const response = await this.#next(0);
    if (response.kind !== 'status' || response.tag !== undefined) throw this.fail('that is no greeting of IMAP');
    return response;
  }

  async #next(stray: number): Promise<Response> {
    if (stray > this.channel.limits.strayResponses + this.channel.limits.messages)
      throw this.fail('the server speaks without end');
    const response = await this.channel.next();
    if (response.kind === 'status' && response.tag === undefined && response.status === 'BYE')
      throw this.fail(`the server hangs up: ${response.text}`);
    return response;
  }
}
