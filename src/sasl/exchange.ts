/**
 * One authentication exchange as an engine sees it: lines in, steps out. Drives a mechanism and does its look-ups.
 * Knows neither the mechanisms' content nor how a protocol prints challenges and results.
 */
import { CANCEL, decodeInitialResponse, decodeResponseLine, encodeChallenge } from './line.ts';
import type { SaslAnswer, SaslAuthority, SaslOutcome, SaslRequest, SaslScript } from './mechanism.ts';
import { malformed } from './mechanism.ts';

export type SaslStep =
  /** Send it (base64) as the protocol's continuation, and pass on the line that comes back. May be empty. */
  | { readonly kind: 'challenge'; readonly challenge: Buffer }
  /** The end, for better or worse. */
  | { readonly kind: 'done'; readonly outcome: SaslOutcome };

export class SaslExchange {
  readonly #script: SaslScript;
  readonly #authority: SaslAuthority;
  #state: 'new' | 'waiting' | 'busy' | 'done' = 'new';

  constructor(script: SaslScript, authority: SaslAuthority) {
    this.#script = script;
    this.#authority = authority;
  }

  /**
   * The first step. `initialResponse` is the text given with the command (base64, `=` for an empty one), or
   * undefined when there was none. Rejects when the authority does (an outage or a bug).
   */
  async begin(initialResponse?: string | Buffer): Promise<SaslStep> {
    if (initialResponse === undefined) return this.respond(null);
    const bytes = decodeInitialResponse(initialResponse);
    return bytes === undefined ? this.#end(malformed) : this.respond(bytes);
  }

  /**
   * Leads the exchange to its end. `ask` sends a challenge, in base64, and resolves with the line that comes back;
   * undefined if none will: then there is no outcome either.
   */
  async converse(
    initialResponse: string | undefined,
    ask: (challenge: string) => Promise<string | Buffer | undefined>,
  ): Promise<SaslOutcome | undefined> {
    let step = await this.begin(initialResponse);
    while (step.kind === 'challenge') {
      const line = await ask(encodeChallenge(step.challenge));
      if (line === undefined) return undefined;
      step = await this.respondLine(line);
    }
    return step.outcome;
  }

  /** The client's answer to a challenge: one line without its line end, base64 or `*` (cancel). */
  async respondLine(line: string | Buffer): Promise<SaslStep> {
    const bytes = decodeResponseLine(line);
    if (bytes === CANCEL) return this.#end({ ok: false, reason: 'cancelled' });
    return bytes === undefined ? this.#end(malformed) : this.respond(bytes);
  }

  /** As `begin` and `respondLine`, with decoded octets; `null` only at first, for "no initial response". */
  async respond(response: Buffer | null): Promise<SaslStep> {
    if (this.#state === 'busy' || this.#state === 'done') throw new Error(`SASL response to a ${this.#state} exchange`);
    if (this.#state === 'waiting' && response === null) throw new Error('SASL exchange resumed without a response');
    const isFirst = this.#state === 'new';
    this.#state = 'busy';
    try {
      let next = isFirst ? this.#script.next() : this.#script.next(response as Buffer);
      let initialResponse = isFirst ? response : null;
      while (next.done !== true) {
        const request: SaslRequest = next.value;
        if (request.kind === 'response') {
          // RFC 4422 §5: an initial response answers the first challenge, which then is not sent. For LOGIN, which
          // speaks first, clients send the user name so.
          if (initialResponse === null) {
            this.#state = 'waiting';
            return { kind: 'challenge', challenge: request.challenge };
          }
          next = this.#script.next(initialResponse);
          initialResponse = null;
        } else {
          next = this.#script.next(await this.#lookUp(request));
        }
      }
      return this.#end(next.value);
    } catch (error) {
      this.#state = 'done';
      throw error;
    }
  }

  #end(outcome: SaslOutcome): SaslStep {
    this.#state = 'done';
    return { kind: 'done', outcome };
  }

  #lookUp(request: Exclude<SaslRequest, { kind: 'response' }>): Promise<SaslAnswer> {
    switch (request.kind) {
      case 'verifyPassword':
        return this.#authority.verifyPassword(request.login, request.password, request.authzid);
      case 'beginScram':
        return this.#authority.beginScram(request.login, request.authzid);
      case 'finishScram':
        return request.attempt.finish(request.fitting);
      case 'bearer':
        if (this.#authority.bearer === undefined)
          throw new Error('a mechanism for tokens, offered without an authority');
        return this.#authority.bearer(request.token, request.authzid);
    }
  }
}
